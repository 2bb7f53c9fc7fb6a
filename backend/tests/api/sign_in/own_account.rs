//! One’s own account: its one page, the sessions that one ends, the one that goes on, and an account that is suspended.

use datapass::connection::types::now;
use datapass::models::ban;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::user::NewBan;

use super::scene::{Browser, EMAIL, PASSWORD, Redirected as _, Scene};
use super::second_factor::{make_instructor, turn_on};

#[tokio::test]
async fn ending_a_session_ends_the_one_at_the_provider_that_it_was_opened_from() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let other = Browser::new(&scene.url);
    for path in ["/api/me/sessions/{id}", "/api/me/sessions"] {
        other.sign_in("/api/sign_in").await;
        let open = browser.get("/api/me/sessions").await.json::<Value>().await.unwrap();
        let theirs = open.as_array().unwrap().iter().find(|one| one["is_current"] == false).unwrap();
        let path = path.replace("{id}", theirs["id"].as_str().unwrap());
        let ended = browser.client.delete(format!("{}{path}", scene.url)).send().await.unwrap();
        assert_eq!(ended.json::<Value>().await.unwrap().as_array().unwrap().len(), 1);
        assert!(!other.is_signed_in().await);
        assert!(other.follow("/api/sign_in").await.html.contains("Mot de passe"), "{path}: back without a password");
        assert!(browser.is_signed_in().await);
        assert_eq!(browser.get("/users/password").await.status(), StatusCode::OK, "{path}: the one at hand stays");
    }
}

#[tokio::test]
async fn who_is_suspended_is_told_why_when_they_sign_in() {
    let scene = Scene::set().await;
    let (browser, open) = (&scene.browser, Browser::new(&scene.url));
    open.sign_in("/api/sign_in").await;
    let ban = NewBan { email: EMAIL.to_owned(), banned: true, reason: "Adresse compromise.".to_owned() };
    scene.app.state.db.write(move |c| Ok(ban::apply(c, &ban, now().naive_utc())?)).await.unwrap();
    assert_eq!(open.session().await["suspension"], "Adresse compromise.");
    assert_eq!(browser.sign_in("/api/sign_in?return_to=/demandes").await.path(), "/compte-suspendu");
    let session = browser.session().await;
    assert_eq!((&session["user"], &session["suspension"]), (&Value::Null, &json!("Adresse compromise.")));
    // It opens nothing later either.
    let lifted = NewBan { email: EMAIL.to_owned(), banned: false, reason: "Erreur.".to_owned() };
    scene.app.state.db.write(move |c| Ok(ban::apply(c, &lifted, now().naive_utc())?)).await.unwrap();
    assert_eq!(
        (browser.session().await["user"].take(), browser.session().await["suspension"].take()),
        (Value::Null, Value::Null)
    );
}

#[tokio::test]
async fn the_account_is_one_page_and_the_pages_that_change_it_have_its_menu() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let moved = browser.get("/users/account").await;
    assert_eq!((moved.status(), moved.location().path()), (StatusCode::PERMANENT_REDIRECT, "/mon-compte"));

    browser.sign_in("/api/sign_in").await;
    for path in ["/users/personal-information", "/users/change-email", "/users/password", "/users/organizations"] {
        let page = browser.follow(path).await;
        for part in ["href=\"/mon-compte#", "title=\"Mon compte\">Camille Exemple", "Mes demandes", "Se déconnecter"] {
            assert!(page.html.contains(part), "{path} lacks {part}: {}", page.html);
        }
    }
    // On one’s way to a service there is nothing that leads off it.
    let way = Browser::new(&scene.url);
    way.submit(way.follow("/api/sign_in").await, EMAIL, PASSWORD).await;
    let page = way.follow("/users/join-organization").await;
    assert!(
        page.html.contains("Rejoindre une organisation") && !page.html.contains("id=\"navigation\""),
        "{}",
        page.html
    );
}

#[tokio::test]
async fn the_session_where_a_second_factor_is_turned_on_opens_what_a_role_does_at_once() {
    let scene = Scene::set_with(|config| config.require_mfa = true).await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    make_instructor(&scene).await;
    assert_eq!(browser.session().await["lacks_second_factor"], true);
    turn_on(browser).await;
    let session = browser.session().await;
    assert_eq!(session["lacks_second_factor"], false);
    assert_eq!(session["user"]["roles"], json!(["api_particulier:instructor"]));
    // What it did lately was to show who its owner is.
    let open = browser.get("/api/me/sessions").await.json::<Value>().await.unwrap();
    assert_eq!(open.as_array().unwrap().len(), 1, "{open}");
}
