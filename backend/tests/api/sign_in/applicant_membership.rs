//! Whether the applicant is still a member of the organisation of a request: checked at submission, shown to instructors.

use datapass::models::account;
use datapass::models::membership::{self, Membership};
use datapass::schema::accounts;
use diesel::prelude::*;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::organization::MembershipSource;

use super::organizations::{join, moderate};
use super::scene::{Browser, EMAIL, Scene, address};
use crate::support::DINUM;

const CLAMART: &str = "21920023500014";

impl Scene {
    /// Starts a request with the browser; returns its number.
    async fn begins(&self) -> i64 {
        self.browser.sign_in("/api/sign_in").await;
        self.begins_for(CLAMART).await
    }

    async fn begins_for(&self, siret: &str) -> i64 {
        let request = self.browser.client.post(format!("{}/api/enrollments", self.url));
        let new = json!({ "target_api": "api_particulier", "siret": siret });
        let answer = request.json(&new).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer.json::<Value>().await.unwrap()["id"].as_i64().unwrap()
    }

    async fn submits(&self, id: i64) -> (StatusCode, String) {
        let request = self.browser.client.patch(format!("{}/api/enrollments/{id}/change_state", self.url));
        let answer = request.json(&json!({ "event": "submit" })).send().await.unwrap();
        let status = answer.status();
        (status, answer.json::<Value>().await.unwrap()["detail"].as_str().unwrap_or_default().to_owned())
    }

    async fn leaves_clamart(&self) {
        let leave = |connection: &mut _| {
            let id = account::credentials(connection, &address(EMAIL))?.unwrap().account_id;
            Ok(membership::delete(connection, id, CLAMART)?)
        };
        self.app.state.db.write(leave).await.unwrap();
    }
}

#[tokio::test]
async fn a_former_member_cannot_submit() {
    let scene = Scene::set().await;
    let id = scene.begins().await;
    // Incomplete, but theirs.
    assert_eq!(scene.submits(id).await.0, StatusCode::UNPROCESSABLE_ENTITY);

    scene.leaves_clamart().await;
    assert_eq!(scene.browser.session().await["user"]["organizations"][0]["siret"], CLAMART, "as at the sign-in");
    let (status, message) = scene.submits(id).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{message}");
    assert!(message.contains("Vous n’êtes plus rattaché") && message.contains("Rejoignez-la à nouveau"), "{message}");
    assert_eq!(scene.browser.session().await["user"]["organizations"], json!([]), "it is known from now on");

    let join = |connection: &mut _| {
        let id = account::credentials(connection, &address(EMAIL))?.unwrap().account_id;
        let membership = Membership::new(CLAMART, "Clamart", false, MembershipSource::Moderation);
        Ok(membership::insert(connection, id, &membership)?)
    };
    scene.app.state.db.write(join).await.unwrap();
    assert_eq!(scene.submits(id).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.browser.session().await["user"]["organizations"][0]["source"], "moderation");
}

#[tokio::test]
async fn an_address_no_longer_verified_cannot_submit() {
    let scene = Scene::set().await;
    let id = scene.begins().await;
    let doubt = |connection: &mut _| {
        diesel::update(accounts::table).set(accounts::email_verified.eq(false)).execute(connection)?;
        Ok(())
    };
    scene.app.state.db.write(doubt).await.unwrap();
    let (status, message) = scene.submits(id).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(message.contains("Votre adresse électronique n’est pas vérifiée"), "{message}");
    assert_eq!(scene.browser.session().await["user"]["email_verified"], false);
}

#[tokio::test]
async fn instructors_see_the_membership_of_the_applicant() {
    let scene = Scene::set().await;
    let id = scene.begins().await;
    let path = format!("/api/enrollments/{id}");
    let admin = scene.app.actor("admin", &["administrator"]).await;
    let seen = admin.get(&path).await.ok();
    assert_eq!(seen["membership"]["source"], "operator", "{seen}");
    assert_eq!((&seen["membership"]["siret"], &seen["membership"]["is_verified"]), (&json!(CLAMART), &json!(true)));
    let own: Value = scene.browser.get(&path).await.json().await.unwrap();
    assert_eq!((&own["id"], &own["membership"]), (&json!(id), &Value::Null));

    scene.leaves_clamart().await;
    scene.submits(id).await;
    assert_eq!(admin.get(&path).await.ok()["membership"], Value::Null);
}

impl Scene {
    /// How the applicant came to speak for DINUM, as their session knows it.
    async fn membership_of_dinum(&self) -> Option<String> {
        let session = self.browser.session().await;
        let organizations = session["user"]["organizations"].as_array().unwrap();
        let own = organizations.iter().find(|one| one["siret"] == DINUM)?;
        Some(own["source"].as_str().unwrap().to_owned())
    }
}

#[tokio::test]
async fn who_waits_to_join_prepares_requests_and_submits_them_once_accepted() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let admin = scene.app.actor("admin", &["administrator"]).await;
    join(&scene.browser, DINUM, &[]).await;
    assert_eq!(scene.membership_of_dinum().await.as_deref(), Some("pending"));
    assert!(scene.browser.follow("/faq").await.html.contains("est en cours de vérification, sous deux jours ouvrés"));
    assert_eq!(admin.get("/api/session").await.ok()["awaited_memberships"], 1);
    assert!(admin.get("/faq").await.text.contains("Rattachements (1)"));
    assert_eq!(scene.browser.session().await["awaited_memberships"], 0);

    let id = scene.begins_for(DINUM).await;
    let (status, message) = scene.submits(id).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{message}");
    assert!(message.contains("en cours de vérification"), "{message}");
    for path in ["contacts?siret=", "organizations/"] {
        let rest = if path.starts_with("contacts") { "" } else { "/enrollments" };
        let answer = scene.browser.get(&format!("/api/{path}{DINUM}{rest}")).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
    // Another sign-in knows it too.
    let elsewhere = Browser::new(&scene.url);
    elsewhere.sign_in("/api/sign_in").await;
    assert_eq!(elsewhere.session().await["user"]["organizations"][1]["source"], "pending");

    moderate(&scene, &admin.cookie.clone().unwrap(), &[("decision", "accept")]).await;
    assert_eq!(scene.membership_of_dinum().await.as_deref(), Some("moderation"), "a reload suffices");
    assert_eq!(scene.submits(id).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.get("/api/session").await.ok()["awaited_memberships"], 0);
}

#[tokio::test]
async fn who_was_refused_keeps_the_draft_and_changes_it_no_more() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let admin = scene.app.actor("admin", &["administrator"]).await;
    join(&scene.browser, DINUM, &[]).await;
    let id = scene.begins_for(DINUM).await;
    moderate(&scene, &admin.cookie.clone().unwrap(), &[("decision", "refuse"), ("reason", "Inconnu.")]).await;
    assert_eq!(scene.membership_of_dinum().await, None);
    assert_eq!(scene.submits(id).await.0, StatusCode::FORBIDDEN);
    assert_eq!(scene.browser.get(&format!("/api/enrollments/{id}")).await.status(), StatusCode::OK);
}
