//! Roles that are limited to démarches: what they see, decide and are told, and what a request counts as.

use datapass::schema::enrollments;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const AGORA: &str = "agora-plus";

/// What that démarche fills in, and nothing else.
fn predefined() -> Value {
    let policies = datapass::policies::Policies::open(None).unwrap().current();
    let policy = &policies["api_particulier"];
    let mut members = Value::Object(policy.demarche(AGORA).unwrap().prefill.clone());
    members["demarche"] = json!(AGORA);
    members
}

async fn submitted(applicant: &Client, members: &Value) -> i64 {
    let id = applicant.complete("api_particulier").await;
    applicant.patch(&format!("/api/enrollments/{id}"), members).await.ok();
    applicant.step(id, "submit", "").await.ok();
    id
}

async fn listed(client: &Client, query: &str) -> Vec<i64> {
    let page = client.get(&format!("/api/enrollments?sort=id&{query}")).await.ok();
    page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

struct Scene {
    app: TestApp,
    applicant: Client,
    team: Client,
    producer: Client,
}

impl Scene {
    async fn start() -> Self {
        let app = TestApp::start();
        let applicant = app.actor("demandeur", &[]).await;
        let team = format!("api_particulier:instructor:only:{AGORA},abelium");
        let team = app.actor("equipe", &[&team]).await;
        let producer = format!("api_particulier:instructor:except:{AGORA}");
        let producer = app.actor("fournisseur", &[&producer]).await;
        Self { app, applicant, team, producer }
    }
}

#[tokio::test]
async fn each_instructor_decides_the_demarches_of_their_role_and_no_other() {
    let scene = Scene::start().await;
    let predefined = submitted(&scene.applicant, &predefined()).await;
    let other = submitted(&scene.applicant, &json!({})).await;
    for (who, theirs, not_theirs) in [(&scene.team, predefined, other), (&scene.producer, other, predefined)] {
        assert_eq!(listed(who, "").await, [theirs]);
        assert_eq!(who.get("/api/enrollments/counts").await.ok()["submitted"], 1);
        who.get(&format!("/api/enrollments/{not_theirs}")).await.error(404, "not_found");
        who.step(not_theirs, "validate", "").await.error(404, "not_found");
        who.step(theirs, "validate", "Conforme.").await.ok();
    }
}

#[tokio::test]
async fn no_instructor_is_offered_what_was_said_of_demarches_that_are_not_theirs() {
    let scene = Scene::start().await;
    for _ in 0..2 {
        let id = submitted(&scene.applicant, &json!({})).await;
        scene.producer.step(id, "refuse", "Base légale insuffisante.").await.ok();
    }
    let own = submitted(&scene.applicant, &json!({})).await;
    let predefined = submitted(&scene.applicant, &predefined()).await;
    for (who, id, expected) in
        [(&scene.producer, own, json!(["Base légale insuffisante."])), (&scene.team, predefined, json!([]))]
    {
        let offered = who.get(&format!("/api/enrollments/{id}/offered_messages?decision=refuse")).await.ok();
        assert_eq!(offered["used"], expected);
    }
}

#[tokio::test]
async fn a_role_may_be_for_what_counts_as_no_demarche_or_for_all_else() {
    let scene = Scene::start().await;
    let others = scene.app.actor("autres", &[&format!("api_particulier:instructor:only:other,{AGORA}-2")]).await;
    let predefined_only = scene.app.actor("cas", &["api_particulier:instructor:except:other"]).await;
    let predefined = submitted(&scene.applicant, &predefined()).await;
    let other = submitted(&scene.applicant, &json!({})).await;
    for (who, theirs, not_theirs) in [(&others, other, predefined), (&predefined_only, predefined, other)] {
        assert_eq!(listed(who, "").await, [theirs]);
        who.get(&format!("/api/enrollments/{not_theirs}")).await.error(404, "not_found");
        who.step(theirs, "validate", "Conforme.").await.ok();
    }
}

#[tokio::test]
async fn other_scopes_or_another_legal_basis_than_the_demarche_fills_in_count_as_other() {
    let scene = Scene::start().await;
    let mut scopes = predefined();
    scopes["scopes"].as_array_mut().unwrap().push(json!("cnous_email"));
    let mut basis = predefined();
    basis["fondement_juridique_title"] = json!("Une autre délibération");
    let counted_as = |id: i64| {
        let applicant = scene.applicant.clone();
        async move { applicant.get(&format!("/api/enrollments/{id}")).await.ok()["counts_as"].clone() }
    };
    assert_eq!(counted_as(submitted(&scene.applicant, &predefined()).await).await, AGORA);
    assert_eq!(counted_as(submitted(&scene.applicant, &scopes).await).await, "");
    assert_eq!(counted_as(submitted(&scene.applicant, &basis).await).await, "");
    let draft = scene.applicant.complete("api_particulier").await;
    scene.applicant.patch(&format!("/api/enrollments/{draft}"), &predefined()).await.ok();
    assert_eq!(counted_as(draft).await, "", "a draft counts as none");
}

#[tokio::test]
async fn the_last_submission_counts() {
    let scene = Scene::start().await;
    let id = submitted(&scene.applicant, &predefined()).await;
    scene.team.step(id, "request_changes", "Retirez des données.").await.ok();
    let path = format!("/api/enrollments/{id}");
    scene.applicant.patch(&path, &json!({"scopes": ["cnaf_adresse"]})).await.ok();
    assert_eq!(listed(&scene.team, "").await, [id], "what is only written does not count yet");
    scene.applicant.step(id, "submit", "").await.ok();
    assert_eq!(listed(&scene.team, "").await, [] as [i64; 0]);
    assert_eq!(listed(&scene.producer, "").await, [id]);
}

#[tokio::test]
async fn who_took_care_of_a_request_loses_it_with_the_demarche() {
    let scene = Scene::start().await;
    let id = submitted(&scene.applicant, &predefined()).await;
    let me = scene.team.get("/api/session").await.ok()["user"]["id"].clone();
    let put = |who: &Client, user: &Value| {
        let request = who.request(reqwest::Method::PUT, &format!("/api/enrollments/{id}/assignment"));
        let (who, request) = (who.clone(), request.json(&json!({"user_id": user, "from": null})));
        async move { who.send(request).await }
    };
    let producer = scene.producer.get("/api/session").await.ok()["user"]["id"].clone();
    put(&scene.team, &producer).await.error(400, "bad_request");
    put(&scene.team, &me).await.ok();
    scene.team.step(id, "request_changes", "Retirez des données.").await.ok();
    scene.applicant.patch(&format!("/api/enrollments/{id}"), &json!({"scopes": ["cnaf_adresse"]})).await.ok();
    scene.applicant.step(id, "submit", "").await.ok();
    let seen = scene.producer.get(&format!("/api/enrollments/{id}")).await.ok();
    assert_eq!(seen["assigned_to"], Value::Null);
}

#[tokio::test]
async fn subscribers_are_told_of_the_demarches_of_their_role() {
    let scene = Scene::start().await;
    scene.app.actor("abonne-equipe", &[&format!("api_particulier:subscriber:only:{AGORA}")]).await;
    scene.app.actor("abonne-autres", &[&format!("api_particulier:subscriber:except:{AGORA}")]).await;
    scene.app.actor("abonne-tout", &["api_particulier:subscriber"]).await;
    submitted(&scene.applicant, &predefined()).await;
    let told = |mails: Vec<(String, String, String)>| {
        let mut told: Vec<String> =
            mails.into_iter().map(|mail| mail.0).filter(|to| to.starts_with("abonne")).collect();
        told.sort();
        told
    };
    let first = told(scene.app.mails().await);
    assert_eq!(first, ["abonne-equipe@exemple.fr", "abonne-tout@exemple.fr"]);
    submitted(&scene.applicant, &json!({})).await;
    let both = told(scene.app.mails().await);
    assert_eq!(both.iter().filter(|to| to.starts_with("abonne-autres")).count(), 1, "{both:?}");
    assert_eq!(both.iter().filter(|to| to.starts_with("abonne-equipe")).count(), 1, "{both:?}");
}

#[tokio::test]
async fn a_list_can_be_that_of_a_demarche() {
    let scene = Scene::start().await;
    let instructor = scene.app.actor("instructeur", &["api_particulier:instructor"]).await;
    let predefined = submitted(&scene.applicant, &predefined()).await;
    let other = submitted(&scene.applicant, &json!({})).await;
    assert_eq!(listed(&instructor, &format!("demarche={AGORA}")).await, [predefined]);
    assert_eq!(listed(&instructor, "demarche=other").await, [other]);
    assert_eq!(listed(&instructor, &format!("demarche=other,{AGORA}")).await, [predefined, other]);
    assert_eq!(listed(&instructor, "demarche=abelium").await, [] as [i64; 0]);
    let many: Vec<String> = (0..30).map(|id| format!("d{id}")).collect();
    let refused = instructor.get(&format!("/api/enrollments?demarche={}", many.join(","))).await;
    assert_eq!(refused.fields(), ["?demarche: too_long"]);
}

#[tokio::test]
async fn a_role_is_limited_to_demarches_that_exist() {
    let app = TestApp::start();
    let administrator = app.actor("administrateur", &["administrator"]).await;
    let give = |role: String| {
        let new = json!({"email": "a@exemple.fr", "role": role, "granted": true, "reason": "Arrivée"});
        let administrator = administrator.clone();
        async move { administrator.post("/api/users/roles", &new).await }
    };
    give(format!("api_particulier:instructor:only:{AGORA}")).await.ok();
    give("api_particulier:instructor:except:other".to_owned()).await.ok();
    give("api_particulier:instructor:only:inconnue".to_owned()).await.error(400, "bad_request");
}

#[tokio::test]
async fn a_start_works_out_what_older_requests_counted_as() {
    let scene = Scene::start().await;
    let predefined = submitted(&scene.applicant, &predefined()).await;
    let other = submitted(&scene.applicant, &json!({})).await;
    let (db, policies) = (scene.app.state.db.clone(), scene.app.state.policies.clone());
    let filled = db.write(move |c| {
        diesel::update(enrollments::table).set(enrollments::demarche.eq("?")).execute(c)?;
        datapass::transition::demarches::fill_in(c, &policies)
    });
    assert_eq!(filled.await.unwrap(), 2);
    assert_eq!(listed(&scene.team, "").await, [predefined]);
    assert_eq!(listed(&scene.producer, "").await, [other]);
}
