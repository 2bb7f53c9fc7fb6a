//! Rotation of the signing keys, and their sealing in the database.

use chrono::{Duration, NaiveDateTime};
use datapass::connection::types::now;
use datapass::schema::signing_keys;
use datapass::signing;
use diesel::prelude::*;
use serde_json::Value;

use super::scene::{Redirected as _, Scene};
use crate::support::TestApp;

const SECRET_KEY: &str = "une clef d’essai qui a plus de trente-deux caractères";

async fn published(scene: &Scene) -> Vec<String> {
    let keys: Value = scene.browser.get("/oauth/jwks").await.json().await.unwrap();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn signs(scene: &Scene) -> String {
    let code = match scene.browser.get(&scene.authorize("")).await.location() {
        location if location.path() == "/connexion" => scene.code().await,
        location => super::scene::parameter(&location, "code").unwrap(),
    };
    let tokens: Value = scene.exchange(&[], &code).await.json().await.unwrap();
    jsonwebtoken::decode_header(tokens["id_token"].as_str().unwrap()).unwrap().kid.unwrap()
}

async fn age(app: &TestApp, kid: &str, signs_from: NaiveDateTime) {
    let update = diesel::update(signing_keys::table.find(kid.to_owned())).set(signing_keys::signs_from.eq(signs_from));
    app.state.db.write(move |connection| Ok(update.execute(connection)?)).await.unwrap();
}

async fn stored(app: &TestApp) -> Vec<String> {
    let query = signing_keys::table.select(signing_keys::private_pem);
    app.state.db.read(move |connection| Ok(query.load(connection)?)).await.unwrap()
}

#[tokio::test]
async fn a_new_key_is_published_a_day_before_it_signs_and_the_old_one_stays_a_day() {
    let scene = Scene::set().await;
    let state = &scene.app.state;
    let first = signs(&scene).await;
    signing::tend(state).await.unwrap();
    assert_eq!(published(&scene).await, std::slice::from_ref(&first), "nothing to do yet");

    age(&scene.app, &first, now().naive_utc() - Duration::days(89)).await;
    signing::tend(state).await.unwrap();
    let both = published(&scene).await;
    assert_eq!((both.len(), signs(&scene).await), (2, first.clone()));
    signing::tend(state).await.unwrap();
    assert_eq!(published(&scene).await, both, "once");

    let second = both.into_iter().find(|kid| *kid != first).unwrap();
    age(&scene.app, &second, now().naive_utc() - Duration::hours(23)).await;
    signing::tend(state).await.unwrap();
    assert_eq!((published(&scene).await.len(), signs(&scene).await), (2, second.clone()));
    age(&scene.app, &second, now().naive_utc() - Duration::hours(25)).await;
    signing::tend(state).await.unwrap();
    assert_eq!(published(&scene).await, [second]);
}

#[tokio::test]
async fn a_leaked_key_is_replaced_at_once() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    let first = signs(&scene).await;
    let (second, _) = signing::rotate(&scene.app.state, true).await.unwrap();
    assert_eq!(published(&scene).await, std::slice::from_ref(&second));
    assert_ne!(first, second);
    assert_eq!(signs(&scene).await, second);
}

#[tokio::test]
async fn private_keys_are_sealed_with_the_secret_key() {
    let open = TestApp::start();
    signing::all(&open.state).await.unwrap();
    assert!(stored(&open).await[0].contains("PRIVATE KEY"));

    let sealed = TestApp::start_with(|config| config.secret_key = Some(SECRET_KEY.to_owned()));
    let opened = signing::all(&sealed.state).await.unwrap();
    assert!(opened[0].private_pem.contains("PRIVATE KEY"));
    let kept = stored(&sealed).await;
    assert!(kept.iter().all(|key| key.starts_with("sealed:v1:")), "{kept:?}");

    // A key from before there was one for that.
    let plain = opened[0].private_pem.clone();
    let update = diesel::update(signing_keys::table).set(signing_keys::private_pem.eq(plain));
    sealed.state.db.write(move |connection| Ok(update.execute(connection)?)).await.unwrap();
    signing::tend(&sealed.state).await.unwrap();
    assert!(stored(&sealed).await[0].starts_with("sealed:v1:"));
    assert_eq!(signing::all(&sealed.state).await.unwrap()[0].private_pem, opened[0].private_pem);
}
