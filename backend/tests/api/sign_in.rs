//! Signing in and out, in a browser that follows our own endpoints and the embedded provider's; and attacks on it.

mod accounts;
mod applicant_membership;
mod clients;
mod deletion;
mod guessing;
mod issuer;
mod keys;
mod organizations;
mod own_account;
mod provider;
pub mod scene;
mod second_factor;
mod select_organization;
mod step_up;
mod under_way;

use reqwest::{StatusCode, Url};
use serde_json::{Value, json};

use self::scene::{Browser, CHALLENGE, EMAIL, PASSWORD, Redirected as _, Scene, parameter, with_parameter};

#[tokio::test]
async fn sign_in_returns_to_the_page_and_sign_out_ends_both_sessions() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    assert_eq!(browser.session().await["user"], Value::Null);

    let end = browser.sign_in("/api/sign_in?return_to=/demandes/42%3Fonglet=messages").await;
    assert_eq!(end.as_str(), format!("{url}/demandes/42?onglet=messages"));
    let mut session = browser.session().await;
    session["user"]["id"].take();
    assert_eq!(
        session["user"],
        json!({
            "id": null,
            "email": EMAIL,
            "email_verified": true,
            "given_name": "Camille",
            "family_name": "Exemple",
            "phone_number": "01 23 45 67 89",
            "job": "Secrétaire de mairie",
            "organizations": [{
                "siret": "21920023500014", "label": "Commune de Clamart", "source": "operator", "is_verified": true,
            }],
            "roles": [],
        })
    );

    let account = browser.follow(session["account_url"].as_str().unwrap()).await;
    assert!(account.html.contains("Mes informations personnelles"), "{}", account.html);
    let join = browser.follow(session["join_url"].as_str().unwrap()).await;
    assert!(join.html.contains("Rejoindre une organisation"), "{}", join.html);

    let answer = browser.post("/api/sign_out").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let location = answer.json::<Value>().await.unwrap()["location"].as_str().unwrap().to_owned();
    assert_eq!(browser.session().await["user"], Value::Null);
    let back = browser.get(&location).await.location();
    assert_eq!((back.path(), parameter(&back, "state").unwrap().len()), ("/api/sign_out/callback", 43));
    assert_eq!(browser.get(back.as_str()).await.location().as_str(), format!("{url}/"));
    // The provider asks for the password again.
    assert!(browser.follow("/api/sign_in").await.html.contains("Mot de passe"));
}

#[tokio::test]
async fn a_session_at_the_provider_signs_in_without_a_password() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    browser.sign_in("/api/sign_in").await;
    browser.post("/api/sign_out").await;
    assert!(!browser.is_signed_in().await);
    let callback = browser.follow_until("/api/sign_in", "/api/sign_in/callback").await;
    assert_eq!(browser.get(callback.as_str()).await.location().as_str(), format!("{url}/"));
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn signing_in_again_finds_the_same_user() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    browser.sign_in("/api/sign_in").await;
    let other = Browser::new(url);
    other.sign_in("/api/sign_in").await;
    assert_eq!(browser.session().await["user"], other.session().await["user"]);
}

#[tokio::test]
async fn an_unknown_state_is_refused() {
    let scene = Scene::set().await;
    let code = scene.code().await;
    scene.browser.get("/api/sign_in").await;
    for query in ["", "?state=s", &format!("?code={code}&state=s"), &format!("?code={code}")] {
        let end = scene.browser.get(&format!("/api/sign_in/callback{query}")).await.location();
        assert!(failed(&end), "{query}: {end}");
    }
    assert!(!scene.browser.is_signed_in().await);
}

#[tokio::test]
async fn a_sign_in_ends_once_in_the_browser_where_it_began() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    let page = browser.follow("/api/sign_in").await;
    let callback = browser.submit(page, EMAIL, PASSWORD).await.location();

    let other = Browser::new(url);
    assert!(failed(&other.get(callback.as_str()).await.location()));
    other.get("/api/sign_in").await;
    assert!(failed(&other.get(callback.as_str()).await.location()));
    assert!(!other.is_signed_in().await);

    // Nothing was used up by the other.
    assert!(!failed(&browser.get(callback.as_str()).await.location()));
    assert!(browser.is_signed_in().await);

    // Once more: who is signed in goes home, who is not anymore gets nothing.
    assert_eq!(browser.get(callback.as_str()).await.location().as_str(), format!("{url}/"));
    browser.post("/api/sign_out").await;
    assert!(failed(&browser.get(callback.as_str()).await.location()));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn an_id_token_with_another_nonce_is_refused() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let authorize = browser.get("/api/sign_in").await.location();
    let page = browser.follow(with_parameter(&authorize, "nonce", "another").as_str()).await;
    let callback = browser.submit(page, EMAIL, PASSWORD).await.location();
    assert!(parameter(&callback, "code").is_some());
    assert!(failed(&browser.get(callback.as_str()).await.location()));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn a_code_for_another_verifier_is_refused() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let authorize = browser.get("/api/sign_in").await.location();
    let page = browser.follow(with_parameter(&authorize, "code_challenge", CHALLENGE).as_str()).await;
    let callback = browser.submit(page, EMAIL, PASSWORD).await.location();
    assert!(failed(&browser.get(callback.as_str()).await.location()));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn provider_errors_and_other_issuers_lead_home_with_an_error() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let state = parameter(&browser.get("/api/sign_in").await.location(), "state").unwrap();
    let refused = browser.get(&format!("/api/sign_in/callback?error=access_denied&state={state}")).await.location();
    assert!(failed(&refused));

    let page = browser.follow("/api/sign_in").await;
    let callback = browser.submit(page, EMAIL, PASSWORD).await.location();
    let mixed_up = with_parameter(&callback, "iss", "https://evil.example");
    assert!(failed(&browser.get(mixed_up.as_str()).await.location()));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let scene = Scene::set().await;
    scene.browser.sign_in("/api/sign_in").await;
    for target in [
        "//evil.example",
        "https://evil.example/",
        "/%5Cevil.example",
        "javascript:alert(1)",
        ".evil.example",
        "@evil.example",
        ":1234/",
    ] {
        let start = format!("/api/sign_in?return_to={target}");
        let callback = scene.browser.follow_until(&start, "/api/sign_in/callback").await;
        let end = scene.browser.get(callback.as_str()).await.location();
        assert_eq!(end.as_str(), format!("{}/", scene.url), "{target}");
    }
    // What browsers skip is refused at once.
    let refused = scene.browser.get("/api/sign_in?return_to=/%09/evil.example").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    // A path that only looks like one stays here.
    let callback = scene.browser.follow_until("/api/sign_in?return_to=/.//evil.example", "/api/sign_in/callback").await;
    let end = scene.browser.get(callback.as_str()).await.location();
    assert_eq!(end.as_str(), format!("{}//evil.example", scene.url));
}

#[tokio::test]
async fn signing_in_begins_at_the_public_address() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    let port = Url::parse(url).unwrap().port().unwrap();
    let other = format!("http://127.0.0.1:{port}/api/sign_in?return_to=/demandes");
    let moved = browser.get(&other).await.location();
    assert_eq!(moved.as_str(), format!("{}/api/sign_in?return_to=/demandes&moved=true", url));
    // Behind a proxy that hides the name, it does not turn in circles.
    let again = browser.get(&other.replace("return_to", "moved=true&return_to")).await.location();
    assert_eq!(again.path(), "/oauth/authorize");
}

#[tokio::test]
async fn another_site_signs_nobody_out() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    browser.sign_in("/api/sign_in").await;
    let post = browser.client.post(format!("{url}/api/sign_out")).header("sec-fetch-site", "cross-site");
    assert_eq!(post.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert!(browser.is_signed_in().await);

    // At the provider, a person confirms unless the client shows its token.
    for query in ["", "?id_token_hint=forged", "?client_id=datapass&post_logout_redirect_uri=https://evil.example/"] {
        let page = browser.follow(&format!("/oauth/logout{query}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.html.contains("Voulez-vous vous déconnecter"), "{}", page.html);
    }
    let without_token = browser.client.post(format!("{url}/oauth/logout")).form(&[("request", "")]);
    assert_eq!(without_token.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let location = browser.get("/api/sign_in").await.location();
    let still_signed_in = browser.get(location.as_str()).await.location();
    assert_eq!(still_signed_in.path(), "/api/sign_in/callback");

    let page = browser.follow("/oauth/logout").await;
    let form = [("token", page.hidden("token")), ("request", String::new())];
    let done = browser.client.post(format!("{url}/oauth/logout")).form(&form).send().await.unwrap();
    assert!(done.text().await.unwrap().contains("Vous êtes déconnecté"));
    assert!(browser.follow("/api/sign_in").await.html.contains("Mot de passe"));
}

fn failed(url: &Url) -> bool {
    url.path() == "/" && url.query() == Some("erreur=connexion")
}
