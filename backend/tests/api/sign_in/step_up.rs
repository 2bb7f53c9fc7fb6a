//! What outlasts a session wants to know once more who is there (RFC 9470).

use chrono::Duration;
use datapass::connection::types::now;
use datapass::schema::{provider_sessions, sessions};
use diesel::prelude::*;
use reqwest::Response;
use serde_json::{Value, json};

use super::scene::{Browser, EMAIL, PASSWORD, Redirected as _, Scene};
use super::second_factor::{ask_for_code, try_code, turn_on};
use crate::support::TestApp;
use crate::tokens::Tool;

/// Lets so many minutes pass since everybody showed who they are to DataPass, and to the provider.
async fn minutes_pass(app: &TestApp, here: i64, at_the_provider: i64) {
    let at = |minutes| now().naive_utc() - Duration::minutes(minutes);
    let moved = app.state.db.write(move |c| {
        diesel::update(sessions::table).set(sessions::authenticated_at.eq(at(here))).execute(c)?;
        let authenticated_at = provider_sessions::authenticated_at.eq(at(at_the_provider));
        Ok(diesel::update(provider_sessions::table).set(authenticated_at).execute(c)?)
    });
    moved.await.unwrap();
}

async fn connect(browser: &Browser) -> Response {
    let tool = json!({"name": "Outil", "scopes": ["enrollments:read"]});
    browser.client.post(format!("{}/api/me/api_clients", browser.url)).json(&tool).send().await.unwrap()
}

#[tokio::test]
async fn tools_are_connected_and_their_secrets_renewed_only_soon_after_signing_in() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let tool = Tool::connect(&owner, &["enrollments:read"]).await;
    let (list, renew) = ("/api/me/api_clients", format!("/api/me/api_clients/{}/secrets", tool.id));
    let new = json!({"name": "Autre", "scopes": ["enrollments:read"]});
    minutes_pass(&app, 9, 0).await;
    owner.post(&renew, &json!({})).await.ok();
    owner.post(list, &new).await.ok();

    minutes_pass(&app, 11, 0).await;
    for answer in [owner.post(list, &new).await, owner.post(&renew, &json!({})).await] {
        answer.error(403, "insufficient_user_authentication");
        assert_eq!(answer.json()["max_age"], 600);
    }
    assert_eq!(app.mails().await.len(), 2, "no mail of what was not done");
    // The new id of a session says nothing of who is there.
    let renewed = diesel::update(sessions::table).set(sessions::must_renew.eq(true));
    app.state.db.write(move |c| Ok(renewed.execute(c)?)).await.unwrap();
    let same = owner.after(&owner.get(list).await);
    same.post(list, &new).await.error(403, "insufficient_user_authentication");
    // What takes access away asks nothing.
    assert_eq!(same.get(list).await.ok().as_array().unwrap().len(), 2);
    same.delete(&format!("{list}/{}/previous_secret", tool.id)).await.ok();
    assert_eq!(same.delete(&format!("{list}/{}", tool.id)).await.ok().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_signs_in_again_gives_their_password_and_goes_on() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    browser.sign_in("/api/sign_in").await;
    assert_eq!(connect(browser).await.status(), 201);
    minutes_pass(&scene.app, 11, 11).await;
    let refused = connect(browser).await;
    assert_eq!(refused.status(), 403);
    let max_age = refused.json::<Value>().await.unwrap()["max_age"].clone();

    let again = format!("/api/sign_in?max_age={max_age}&return_to=/mon-compte");
    // The session at the provider is too old as well: without the parameter, it would have done.
    let page = browser.follow(&again).await;
    assert!(page.html.contains("Mot de passe"), "{}", page.html);
    let callback = browser.submit(page, EMAIL, PASSWORD).await.location();
    assert_eq!(browser.get(callback.as_str()).await.location().as_str(), format!("{url}/mon-compte"));
    assert_eq!(connect(browser).await.status(), 201);

    // Where only the session here is old, the provider has seen them lately: that is when they authenticated.
    minutes_pass(&scene.app, 11, 8).await;
    assert_eq!(connect(browser).await.status(), 403);
    let callback = browser.follow_until(&again, "/api/sign_in/callback").await;
    browser.get(callback.as_str()).await;
    assert_eq!(connect(browser).await.status(), 201);
    minutes_pass(&scene.app, 11, 11).await;
    let callback = browser.follow_until("/api/sign_in", "/api/sign_in/callback").await;
    browser.get(callback.as_str()).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(connect(browser).await.status(), 403, "a new session is no new authentication");
}

#[tokio::test]
async fn whoever_has_a_second_factor_shows_it_again_too() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let (mut application, _) = turn_on(browser).await;
    // That has ended the session here.
    let callback = browser.follow_until("/api/sign_in", "/api/sign_in/callback").await;
    browser.get(callback.as_str()).await;
    minutes_pass(&scene.app, 11, 11).await;
    let page = ask_for_code(browser, "/api/sign_in?max_age=600").await;
    assert_eq!(connect(browser).await.status(), 403, "the password alone is not enough");
    let callback = try_code(browser, &page, &application.code()).await.location();
    browser.get(callback.as_str()).await;
    assert_eq!(connect(browser).await.status(), 201);
}
