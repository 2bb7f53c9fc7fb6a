//! The document of one authorisation: what anybody reads there, and what only those do who may read its request.

use reqwest::StatusCode;
use serde_json::json;

use super::{API, Scene};
use crate::support::Client;

/// What only those read who may read the request.
const INSIDE: [&str; 5] =
    ["Conditions", "Personnes", "responsable_traitement@exemple.fr", "Finalité", "Durée de conservation"];

async fn reads(client: &Client, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.text.replace("&#x2f;", "/")
}

#[tokio::test]
async fn one_page_shows_the_contacts_to_those_who_may_read_the_request_and_to_nobody_else() {
    let scene = Scene::start().await;
    let id = scene.granted(API, "Cantine").await;
    let path = format!("/public/H{}", scene.authorisation(id).await);
    for reader in [&scene.applicant, &scene.instructor, &scene.administrator] {
        let page = reads(reader, &path).await;
        for part in INSIDE {
            assert!(page.contains(part), "{part} is missing: {page}");
        }
    }
    let stranger = scene.app.actor("autre", &[]).await;
    let other = scene.app.actor("ailleurs", &["api_entreprise:instructor"]).await;
    for reader in [&scene.visitor, &stranger, &other] {
        let page = reads(reader, &path).await;
        for part in INSIDE {
            assert!(!page.contains(part), "{part} is shown: {page}");
        }
    }
    assert!(reads(&scene.visitor, &path).await.contains("/api/sign_in?return_to=%2Fpublic%2FH"), "the way in");
    assert!(!reads(&stranger, &path).await.contains("Connectez-vous</a>"));

    // Who read more than anybody may is written down.
    scene.app.state.audit.flush(&scene.app.state.db).await.unwrap();
    let log = scene.administrator.get("/api/audit").await.ok();
    let reads = log["items"].as_array().unwrap().iter().filter(|line| line["action"] == "authorisation.show").count();
    assert_eq!(reads, 3, "{log}");
}

#[tokio::test]
async fn a_corrected_contact_stands_beside_the_one_that_was_granted() {
    let scene = Scene::start().await;
    let id = scene.granted(API, "Cantine").await;
    let path = format!("/public/H{}", scene.authorisation(id).await);
    let member = json!({"type": "responsable_traitement", "email": "nouvelle@exemple.fr", "given_name": "Nouvelle",
        "family_name": "Responsable", "phone_number": "01 02 03 04 05", "job": "Maire"});
    let correction = json!({"member": member, "reason": "Nouvelle élue."});
    scene.administrator.post(&format!("/api/enrollments/{id}/contacts"), &correction).await.ok();
    let page = reads(&scene.applicant, &path).await;
    assert!(page.contains("responsable_traitement@exemple.fr"), "{page}");
    assert!(page.contains("Nouvelle Responsable, Maire, nouvelle@exemple.fr, 01 02 03 04 05"), "{page}");
    assert!(!reads(&scene.visitor, &path).await.contains("nouvelle@exemple.fr"));
}

#[tokio::test]
async fn a_partial_grant_says_what_was_struck_to_those_who_may_read_the_request() {
    let scene = Scene::start().await;
    let scopes = json!({"scopes": ["cnaf_quotient_familial", "cnaf_adresse"]});
    let id = scene.applicant.submitted_as(API, &scopes).await;
    let offer = json!({"event": "offer_partial_grant", "comment": "Trop de données.", "struck": ["cnaf_adresse"]});
    scene.instructor.patch(&format!("/api/enrollments/{id}/change_state"), &offer).await.ok();
    scene.applicant.step(id, "accept_offer", "").await.ok();
    let number = scene.authorisation(id).await;
    let read = scene.applicant.get(&format!("/api/authorisations/{number}")).await.ok();
    assert_eq!(read["struck"], json!(["cnaf_adresse"]));
    let (own, public) =
        (reads(&scene.applicant, &format!("/public/H{number}")).await, scene.page(&format!("/public/H{number}")).await);
    let (granted, struck) = own.split_once("Données demandées et non accordées").unwrap();
    assert!(granted.contains("Données accordées") && !granted.contains("Adresse du foyer"), "{granted}");
    assert!(struck.contains("Adresse du foyer"), "{struck}");
    assert!(public.contains("Données accordées") && !public.contains("non accordées"), "{public}");
    assert!(!own.contains("Trop de données"), "the reason is for the correspondence");

    // What is granted whole later has nothing struck.
    scene.applicant.step(id, "reopen", "").await.ok();
    scene.applicant.step(id, "submit", "").await.ok();
    scene.instructor.step(id, "validate", "Conforme.").await.ok();
    let later = scene.applicant.get(&format!("/api/authorisations/{}", scene.authorisation(id).await)).await.ok();
    assert_eq!(later["struck"], json!([]));
}
