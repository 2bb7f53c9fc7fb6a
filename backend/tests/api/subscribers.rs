//! Those who asked to be told of requests: what they hear, before they ever come, and when they may not open the request.

use serde_json::{Value, json};

use crate::gathered_mails::minutes_pass;
use crate::support::{Client, TestApp};

const API: &str = "api_particulier";

/// The mails about requests to that address, oldest first: subject and text.
async fn to(app: &TestApp, address: &str) -> Vec<(String, String)> {
    let of_role = "Vous avez un nouveau rôle sur DataPass";
    let mails = app.mails().await.into_iter().filter(|(to, subject, _)| to == address && subject != of_role);
    mails.map(|(_, subject, body)| (subject.replace('\u{a0}', " "), body.replace('\u{a0}', " "))).collect()
}

async fn last(app: &TestApp, address: &str) -> (String, String) {
    to(app, address).await.pop().unwrap_or_else(|| panic!("no mail to {address}"))
}

async fn give(administrator: &Client, address: &str, role: &str) {
    let change = json!({"email": address, "role": role, "granted": true, "reason": "Suivi."});
    administrator.post("/api/users/roles", &change).await.ok();
}

fn leads_to(body: &str, id: i64) -> bool {
    body.contains(&format!("/demandes/{id}"))
}

#[tokio::test]
async fn who_was_given_the_role_by_mail_is_told_before_they_ever_come() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    give(&administrator, "boite@exemple.fr", "api_particulier:subscriber").await;
    give(&administrator, "bientot@exemple.fr", "api_particulier:subscriber").await;
    give(&administrator, "bientot@exemple.fr", "api_particulier:instructor").await;
    give(&administrator, "ailleurs@exemple.fr", "franceconnect:subscriber").await;
    let id = applicant.submitted(API).await;

    let (subject, body) = last(&app, "boite@exemple.fr").await;
    assert_eq!(subject, format!("Nouvelle demande d’habilitation n° {id} pour API Particulier"));
    assert!(!leads_to(&body, id), "they may not open it: {body}");
    let (_, body) = last(&app, "bientot@exemple.fr").await;
    assert!(leads_to(&body, id) && body.contains("créez-en un avec cette adresse électronique"), "{body}");
    assert_eq!(to(&app, "ailleurs@exemple.fr").await, []);

    // Once they have come, their account has the role, and nobody is told twice.
    app.actor("bientot", &[]).await;
    let id = applicant.submitted(API).await;
    let mails = to(&app, "bientot@exemple.fr").await;
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert!(leads_to(&mails[1].1, id) && !mails[1].1.contains("créez-en un"), "{mails:?}");
}

#[tokio::test]
async fn who_may_not_open_a_request_reads_what_it_is_and_no_link_that_is_closed_to_them() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor", "api_particulier:subscriber"]).await;
    app.actor("abonnee", &["api_particulier:subscriber"]).await;
    app.actor("abonnee-cnaf", &["api_particulier:cnaf:subscriber"]).await;
    app.actor("abonnee-men", &["api_particulier:men:subscriber"]).await;
    app.actor("suivi", &["api_particulier:cnaf:subscriber", "api_particulier:cnous:reporter"]).await;
    let members = json!({
        "demarche": "agora-plus", "scopes": ["cnaf_quotient_familial", "cnous_statut_boursier"],
    });
    let id = applicant.submitted_as(API, &members).await;

    let quotient = "- Quotient familial CAF & MSA et composition familiale (cnaf_quotient_familial)";
    let grant = "- Statut étudiant boursier (cnous_statut_boursier)";
    let (_, body) = last(&app, "abonnee@exemple.fr").await;
    for words in ["Organisation 21920023500014", &format!("n° {id}, « Tarification de la cantine »"), quotient, grant]
    {
        assert!(body.contains(words), "{words}: {body}");
    }
    assert!(!leads_to(&body, id) && !body.contains("Cas d’usage"), "it counts as none: {body}");
    let (_, body) = last(&app, "abonnee-cnaf@exemple.fr").await;
    assert!(body.contains(quotient) && !body.contains(grant), "the data of their group: {body}");
    assert_eq!(to(&app, "abonnee-men@exemple.fr").await, []);
    for reader in ["instructeur@exemple.fr", "suivi@exemple.fr"] {
        let (_, body) = last(&app, reader).await;
        assert!(leads_to(&body, id) && !body.contains(quotient), "{reader} reads it there: {body}");
    }

    let message = json!({"body": "Voici ma question."});
    applicant.post(&format!("/api/enrollments/{id}/messages"), &message).await.ok();
    let (subject, body) = last(&app, "abonnee@exemple.fr").await;
    assert_eq!(subject, format!("Message du demandeur au sujet de la demande n° {id}"));
    assert!(!leads_to(&body, id) && !body.contains("Voici ma question."), "{body}");
    let (_, body) = last(&app, "instructeur@exemple.fr").await;
    assert!(body.contains(&format!("/demandes/{id}#messages")), "{body}");

    instructor.step(id, "request_changes", "Précisez.").await.ok();
    applicant.step(id, "submit", "").await.ok();
    let (subject, body) = last(&app, "abonnee@exemple.fr").await;
    assert_eq!(subject, format!("Demande d’habilitation n° {id} modifiée pour API Particulier"));
    assert!(!leads_to(&body, id) && body.contains(quotient), "{body}");
}

#[tokio::test]
async fn a_use_case_that_a_request_counts_as_is_named() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    app.actor("abonnee", &["api_particulier:subscriber"]).await;
    let policy = app.visitor().get(&format!("/api/policies/{API}")).await.ok();
    let demarches = policy["demarches"].as_array().unwrap();
    let agora = demarches.iter().find(|demarche| demarche["id"] == "agora-plus").unwrap();
    let mut members = agora["prefill"].clone();
    members["demarche"] = json!("agora-plus");
    applicant.submitted_as(API, &members).await;
    let (_, body) = last(&app, "abonnee@exemple.fr").await;
    assert!(body.contains("Cas d’usage : Agora Famille Premium | Portail famille"), "{body}");
}

#[tokio::test]
async fn a_request_that_is_taken_back_is_told_to_those_who_were_told_of_it() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor", "api_particulier:subscriber"]).await;
    app.actor("abonnee", &["api_particulier:subscriber"]).await;
    let id = applicant.submitted(API).await;
    let since = app.mails().await.len();
    applicant.step(id, "withdraw", "Une erreur à corriger.").await.ok();
    minutes_pass(&app, 10).await; // they have just been told that it was submitted
    let mails = app.mails().await.split_off(since);
    let told: Vec<&str> = mails.iter().map(|(to, ..)| to.as_str()).collect();
    assert_eq!(told, ["abonnee@exemple.fr", "instructeur@exemple.fr"], "nobody else heard of it");
    for (to, subject, body) in &mails {
        assert!(subject.contains("reprise par son demandeur"), "{subject}");
        assert_eq!(body.contains("Une erreur à corriger."), to == "instructeur@exemple.fr", "{to}: {body}");
    }

    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "validate", "Conforme.").await.ok();
    applicant.step(id, "reopen", "").await.ok();
    applicant.step(id, "submit", "").await.ok();
    applicant.step(id, "withdraw", "").await.ok();
    minutes_pass(&app, 10).await;
    let (_, body) = last(&app, "abonnee@exemple.fr").await;
    let read: Value = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    let number = format!("H{}", read["authorisations"][0]["id"]);
    assert!(body.contains(&format!("sa mise à jour de l’habilitation {number}")), "{body}");
    assert!(body.contains("reste en vigueur"), "{body}");
}
