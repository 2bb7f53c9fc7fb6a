//! Deletion of an account: what ends with it, and what stays.

use datapass::connection::types::now;
use datapass::ids::UserId;
use datapass::models::{account, role, user};
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::rights::roles::ManagedRoles;
use shared::user::{NewRoleChange, Role};

use super::scene::{Browser, EMAIL, PASSWORD, Page, Redirected as _, Scene, address, set_cookie};
use super::second_factor::turn_on;

const PATH: &str = "/users/account/delete";

async fn delete(browser: &Browser, password: &str) -> reqwest::Response {
    let page = browser.follow(PATH).await;
    browser.fill(&page, PATH, &[("password", password)]).await
}

async fn give(scene: &Scene, role: Role) {
    let change = NewRoleChange { email: EMAIL.to_owned(), role, granted: true, reason: "Test".to_owned() };
    let given = scene.app.state.db.write(move |c| Ok(role::change(c, &change, None, now().naive_utc())?));
    given.await.unwrap();
}

/// A token of a third-party tool that acts for who is signed in.
async fn connect_tool(browser: &Browser) -> String {
    let body = json!({"name": "Outil", "scopes": ["enrollments:read"]});
    let made = browser.client.post(format!("{}/api/me/api_clients", browser.url)).json(&body);
    let made: Value = made.send().await.unwrap().json().await.unwrap();
    let (id, secret) = (made["api_client"]["id"].as_str().unwrap(), made["secret"].as_str());
    let asked = browser.client.post(format!("{}/api/oauth/token", browser.url)).basic_auth(id, secret);
    let told: Value = asked.form(&[("grant_type", "client_credentials")]).send().await.unwrap().json().await.unwrap();
    told["access_token"].as_str().unwrap().to_owned()
}

/// What a call with that token is answered.
async fn called(scene: &Scene, token: &str) -> StatusCode {
    let call = scene.browser.client.get(format!("{}/api/enrollments", scene.url)).bearer_auth(token);
    call.send().await.unwrap().status()
}

#[tokio::test]
async fn deleting_an_account_ends_sessions_tokens_and_roles() {
    let scene = Scene::set().await;
    let (browser, other) = (&scene.browser, Browser::new(&scene.url));
    let tokens: Value = scene.exchange(&[], &scene.code().await).await.json().await.unwrap();
    let access_token = tokens["access_token"].as_str().unwrap();
    other.sign_in("/api/sign_in").await;
    browser.follow_until("/api/sign_in", "/api/sign_in/callback").await;
    let user_id = other.session().await["user"]["id"].as_i64().unwrap();
    give(&scene, "api_particulier:instructor".parse().unwrap()).await;
    let tool = connect_tool(&other).await;
    assert_eq!(called(&scene, &tool).await, StatusCode::OK);

    assert_eq!(delete(browser, "autre chose").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.is_signed_in().await);
    let done = delete(browser, PASSWORD).await;
    assert!(set_cookie(&done, "datapass_provider").unwrap().contains("Max-Age=0"));
    let done = Page::read(done).await;
    assert!(done.status == StatusCode::OK && done.html.contains("Votre compte est supprimé"), "{}", done.html);

    assert!(!other.is_signed_in().await);
    assert_eq!(called(&scene, &tool).await, StatusCode::UNAUTHORIZED);
    assert_eq!(scene.userinfo(access_token).await.status(), StatusCode::UNAUTHORIZED);
    let page = other.follow("/users/password").await;
    assert_eq!(other.submit(page, EMAIL, PASSWORD).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let (to, subject, _) = scene.app.mails().await.pop().unwrap();
    assert_eq!((to.as_str(), subject.as_str()), (EMAIL, "Votre compte DataPass est supprimé"));

    // The name stays for the history; the role went, and it is written down by whom.
    let left = scene.app.state.db.read(move |c| {
        Ok((
            user::find(c, UserId(user_id))?,
            role::changes(c, &ManagedRoles::All, Some(EMAIL), 10)?,
            role::person(c, EMAIL)?,
        ))
    });
    let (left, changes, person) = left.await.unwrap();
    assert_eq!(left.full_name(), "Camille Exemple");
    assert!(left.roles.is_empty() && left.organizations.is_empty() && left.phone_number.is_empty());
    assert!(!changes[0].granted && changes[0].reason == "La personne a supprimé son compte.", "{changes:?}");
    assert_eq!(changes[0].actor, "Camille Exemple");
    assert!(person.roles.is_empty() && !person.has_account);
}

#[tokio::test]
async fn signing_up_again_creates_another_user() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let old = browser.session().await["user"]["id"].as_i64().unwrap();
    delete(browser, PASSWORD).await;
    super::scene::create_account(&scene.app).await;
    browser.sign_in("/api/sign_in").await;
    assert_ne!(browser.session().await["user"]["id"].as_i64().unwrap(), old);
    // A role for the address is theirs, not the other's.
    give(&scene, Role::Administrator).await;
    let old = scene.app.state.db.read(move |c| Ok(user::find(c, UserId(old))?)).await.unwrap();
    assert!(old.roles.is_empty());
}

#[tokio::test]
async fn the_last_administrator_cannot_delete_their_account() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    give(&scene, Role::Administrator).await;
    let refused = Page::read(delete(browser, PASSWORD).await).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.html.contains("nommez-en d’abord un autre"), "{}", refused.html);
    assert!(browser.is_signed_in().await);
    scene.app.actor("autre", &["administrator"]).await;
    assert_eq!(delete(browser, PASSWORD).await.status(), StatusCode::OK);
    let gone = scene.app.state.db.read(|c| Ok(account::credentials(c, &address(EMAIL))?.is_none()));
    assert!(gone.await.unwrap());
}

#[tokio::test]
async fn deletion_asks_for_a_second_factor_code() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    browser.sign_in("/api/sign_in").await;
    let (_, codes) = turn_on(browser).await;
    let refused = Page::read(delete(browser, PASSWORD).await).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html.contains("Saisissez le code que donne votre application."), "{}", refused.html);
    let done = browser.fill(&refused, PATH, &[("password", PASSWORD), ("code", &codes[0])]).await;
    assert_eq!(done.status(), StatusCode::OK);
}

#[tokio::test]
async fn deletion_requires_sign_in() {
    let scene = Scene::set().await;
    assert_eq!(scene.browser.get(PATH).await.location().path(), "/api/sign_in");
    let posted = scene.browser.client.post(format!("{}{PATH}", scene.url)).form(&[("password", PASSWORD)]);
    assert_eq!(posted.send().await.unwrap().location().path(), "/api/sign_in");
}
