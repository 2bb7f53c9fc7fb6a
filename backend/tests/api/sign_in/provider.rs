//! The embedded provider, as its clients and its users see it.

use chrono::Duration;
use datapass::connection::types::now;
use datapass::models::account;
use datapass::models::authorization_code::{self, NewAuthorizationCode};
use datapass::secret;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, WWW_AUTHENTICATE};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::scene::{Browser, CHALLENGE, EMAIL, PASSWORD, Page, Redirected as _, Scene, address, parameter, set_cookie};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_get_the_same_answer() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let page = browser.follow("/api/sign_in").await;
    let wrong = Page::read(browser.submit(page, EMAIL, "autre chose").await).await;
    let page = browser.follow("/api/sign_in").await;
    let unknown = Page::read(browser.submit(page, "personne@mairie.example", PASSWORD).await).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unknown.status, wrong.status);
    assert!(wrong.html.contains("L’adresse électronique ou le mot de passe est incorrect."), "{}", wrong.html);
    // All but the address that was typed and what hidden fields carry.
    let without_request = |page: &Page, email: &str| {
        let (before, rest) = page.html.split_once("name=\"request\"").unwrap();
        let (between, rest) = rest.split_once('>').unwrap().1.split_once("/users/sign-up").unwrap();
        format!("{before}{between}{}", rest.split_once('>').unwrap().1).replace(email, "")
    };
    assert_eq!(without_request(&wrong, EMAIL), without_request(&unknown, "personne@mairie.example"));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn empty_fields_are_errors() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let page = browser.follow("/api/sign_in").await;
    let page = Page::read(browser.submit(page, "", "").await).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.html.contains("<a href=\"#email\">Saisissez votre adresse électronique.</a>"), "{}", page.html);
    assert!(page.html.contains("<a href=\"#password\">Saisissez votre mot de passe.</a>"), "{}", page.html);
}

#[tokio::test]
async fn after_five_failures_even_the_right_password_must_wait() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let mut page = browser.follow("/api/sign_in").await;
    for n in 0..5 {
        page = Page::read(browser.submit(page, EMAIL, &format!("essai {n}")).await).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let page = Page::read(browser.submit(page, EMAIL, PASSWORD).await).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u32 = page.retry_after.unwrap().parse().unwrap();
    assert!((1..=31).contains(&seconds), "{seconds}");
    assert!(page.html.contains("Réessayez dans"), "{}", page.html);
}

#[tokio::test]
async fn a_forged_form_signs_nobody_in() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    let page = browser.follow("/api/sign_in").await;
    let foreign_origin = browser.post_sign_in(&page, EMAIL, PASSWORD).header(ORIGIN, "https://evil.example");
    assert_eq!(foreign_origin.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let cross_site = browser.post_sign_in(&page, EMAIL, PASSWORD).header("sec-fetch-site", "cross-site");
    assert_eq!(cross_site.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let other_browser = Browser::new(url).submit(page, EMAIL, PASSWORD).await;
    assert_eq!(other_browser.status(), StatusCode::FORBIDDEN);
    assert_eq!(set_cookie(&other_browser, "datapass_provider"), None);
}

#[tokio::test]
async fn sign_in_replaces_a_planted_session() {
    let scene = Scene::set().await;
    let browser = Browser { client: Client::new(), url: scene.url.clone() };
    let shown = browser.get(&scene.authorize("").replace("/oauth/authorize", "/connexion")).await;
    let form_cookie = set_cookie(&shown, "datapass_form").unwrap();
    let page = Page::read(shown).await;
    let cookies = format!("{}; datapass_provider=planted", form_cookie.split(';').next().unwrap());
    let response = scene.browser.post_sign_in(&page, EMAIL, PASSWORD).header(COOKIE, cookies).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let cookie = set_cookie(&response, "datapass_provider").unwrap();
    assert!(!cookie.contains("planted"));
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
}

#[tokio::test]
async fn reusing_an_authorization_code_revokes_its_tokens() {
    let scene = Scene::set().await;
    let code = scene.code().await;
    let answer = scene.exchange(&[], &code).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let tokens: Value = answer.json().await.unwrap();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 600);
    let access_token = tokens["access_token"].as_str().unwrap();

    let userinfo = scene.userinfo(access_token).await;
    assert_eq!(userinfo.status(), StatusCode::OK);
    let mut claims: Value = userinfo.json().await.unwrap();
    assert!(claims["sub"].take().as_str().unwrap().len() > 30);
    assert_eq!(
        claims,
        json!({
            "sub": null,
            "email": EMAIL,
            "email_verified": true,
            "organizations": [{
                "id": 21_920_023_500_014_u64,
                "siret": "21920023500014",
                "label": "Commune de Clamart",
                "is_external": false,
                "source": "operator",
                "is_verified": true,
            }],
        })
    );

    let again = scene.exchange(&[], &code).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
    assert_eq!(again.json::<Value>().await.unwrap()["error"], "invalid_grant");
    let userinfo = scene.userinfo(access_token).await;
    assert_eq!(userinfo.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(userinfo.headers()[WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn an_authorization_code_needs_its_pkce_verifier() {
    let scene = Scene::set().await;
    let code = scene.code().await;
    let other = "another-verifier-another-verifier-another-verifier";
    let wrong = scene.exchange(&[("code_verifier", other)], &code).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json::<Value>().await.unwrap()["error"], "invalid_grant");
    let right = scene.exchange(&[], &code).await;
    assert_eq!(right.json::<Value>().await.unwrap()["error"], "invalid_grant");
}

#[tokio::test]
async fn an_authorization_code_needs_its_redirect_uri_and_expires() {
    let scene = Scene::set().await;
    let code = scene.code().await;
    let elsewhere = scene.exchange(&[("redirect_uri", "https://evil.example/")], &code).await;
    assert_eq!(elsewhere.json::<Value>().await.unwrap()["error"], "invalid_grant");

    let callback = scene.callback();
    let expired = scene.app.state.db.write(move |connection| {
        let then = now().naive_utc() - Duration::seconds(61);
        let row = NewAuthorizationCode {
            code_hash: secret::hash("expired"),
            client_id: "datapass".to_owned(),
            account_id: account::credentials(connection, &address(EMAIL))?.unwrap().account_id,
            redirect_uri: callback,
            scope: "openid".to_owned(),
            siret: None,
            nonce: String::new(),
            code_challenge: CHALLENGE.to_owned(),
            authenticated_at: then,
            second_factor: false,
            expires_at: then + Duration::seconds(60),
        };
        Ok(authorization_code::insert(connection, &row, then)?)
    });
    expired.await.unwrap();
    let late = scene.exchange(&[], "expired").await;
    assert_eq!(late.json::<Value>().await.unwrap()["error"], "invalid_grant");
}

#[tokio::test]
async fn the_token_endpoint_refuses_unsupported_requests() {
    let scene = Scene::set().await;
    for (changes, status, error) in [
        (&[("grant_type", "password")][..], StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        (&[("grant_type", "refresh_token")], StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        (&[("client_id", "other")], StatusCode::UNAUTHORIZED, "invalid_client"),
        (&[("client_secret", "secret")], StatusCode::UNAUTHORIZED, "invalid_client"),
        (&[("code_verifier", "short")], StatusCode::BAD_REQUEST, "invalid_request"),
        (&[("code", "a"), ("code", "b")], StatusCode::BAD_REQUEST, "invalid_request"),
        (&[("code", "unknown")], StatusCode::BAD_REQUEST, "invalid_grant"),
    ] {
        let answer = scene.exchange(changes, "code").await;
        assert_eq!(answer.status(), status, "{changes:?}");
        assert_eq!(answer.json::<Value>().await.unwrap()["error"], error, "{changes:?}");
    }
    let json = scene.browser.client.post(format!("{}/oauth/token", scene.url)).json(&json!({"code": "a"}));
    assert_eq!(json.send().await.unwrap().json::<Value>().await.unwrap()["error"], "invalid_request");
    let without_token = scene.browser.get("/oauth/userinfo").await;
    assert_eq!(without_token.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(without_token.headers()[WWW_AUTHENTICATE], "Bearer");
}

#[tokio::test]
async fn unregistered_redirect_uris_are_refused() {
    let scene = Scene::set().await;
    let sound = scene.authorize("");
    for url in [
        sound.replace("callback", "callback%2F"),
        sound.replace("callback", "callback%3Fa%3Db"),
        sound.replace("redirect_uri=http%3A%2F%2Flocalhost", "redirect_uri=https%3A%2F%2Fevil.example"),
        sound.replace("client_id=datapass", "client_id=other"),
    ] {
        assert_ne!(url, sound);
        for url in [&url, &url.replace("/oauth/authorize?", "/connexion?")] {
            let answer = scene.browser.get(url).await;
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{url}");
            assert!(answer.headers().get(LOCATION).is_none(), "{url}");
        }
    }
}

#[tokio::test]
async fn pkce_is_required() {
    let scene = Scene::set().await;
    for url in [
        scene.authorize("").replace("S256", "plain"),
        scene.authorize("").replace("&code_challenge_method=S256", ""),
        scene.authorize("").replace("code_challenge=", "other="),
    ] {
        let location = scene.browser.get(&url).await.location();
        assert!(location.as_str().starts_with(&scene.callback()), "{location}");
        assert_eq!(parameter(&location, "error").unwrap(), "invalid_request");
        assert_eq!(parameter(&location, "state").unwrap(), "s");
        assert_eq!(parameter(&location, "iss").unwrap(), scene.url);
        assert_eq!(parameter(&location, "code"), None);
    }
}

#[tokio::test]
async fn prompt_and_max_age_decide_whether_the_password_is_asked() {
    let scene = Scene::set().await;
    let location = scene.browser.get(&scene.authorize("&prompt=none")).await.location();
    assert_eq!(parameter(&location, "error").unwrap(), "login_required");

    scene.code().await;
    let location = scene.browser.get(&scene.authorize("&prompt=none")).await.location();
    assert!(parameter(&location, "code").is_some(), "{location}");
    for more in ["&prompt=login", "&max_age=0"] {
        let location = scene.browser.get(&scene.authorize(more)).await.location();
        assert_eq!(location.path(), "/connexion", "{more}");
        let page = scene.browser.follow(location.as_str()).await;
        let location = scene.browser.submit(page, EMAIL, PASSWORD).await.location();
        assert!(parameter(&location, "code").is_some(), "{location}");
    }
}

/// The account counts as one, however its address is written.
#[tokio::test]
async fn a_null_character_does_not_defeat_the_throttle() {
    let scene = Scene::set().await;
    let browser = &scene.browser;
    let page = browser.follow("/api/sign_in").await;
    for n in 0..5 {
        let email = [EMAIL, " Camille@mairie.EXAMPLE"][n % 2];
        let answer = browser.post_sign_in(&page, email, "autre chose").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    for email in
        [&format!("{EMAIL}\0"), "camille\0@mairie.example", &format!("{EMAIL}\u{7f}"), "\0\0 Camille@mairie.example"]
    {
        let answer = browser.post_sign_in(&page, email, PASSWORD).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{email:?}");
        assert_eq!(set_cookie(&answer, "datapass_provider"), None, "{email:?}");
    }
    let answer = browser.post_sign_in(&page, EMAIL, PASSWORD).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
}
