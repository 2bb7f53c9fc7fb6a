//! Signing in and out: the browser's way through our own endpoints and the embedded provider's, and what an attacker
//! may try on the way.

use chrono::Duration;
use datapass::auth::secret;
use datapass::db::types::now;
use datapass::identity::account::hash_password;
use datapass::models::account::{self, Membership, NewAccount};
use datapass::models::provider::{self, NewCode};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde_json::{Value, json};

use crate::support::TestApp;

const EMAIL: &str = "camille@mairie.example";
const PASSWORD: &str = "une phrase de passe";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A server with one account, its public address, and a browser.
struct Scene {
    app: TestApp,
    url: String,
    browser: Browser,
}

impl Scene {
    async fn set() -> Self {
        let app = TestApp::start().await;
        create_account(&app).await;
        let url = app.state.public_url.clone();
        Self { browser: Browser::new(&url), app, url }
    }

    /// Address to send people to, as a client other than DataPass's own code would write it.
    fn authorize(&self, more: &str) -> String {
        format!(
            "{}/oauth/authorize?client_id=datapass&redirect_uri={}&response_type=code&state=s&nonce=n\
             &scope=openid+email+organizations&code_challenge={CHALLENGE}&code_challenge_method=S256{more}",
            self.url,
            self.callback().replace(':', "%3A").replace('/', "%2F"),
        )
    }

    fn callback(&self) -> String {
        format!("{}/api/sign_in/callback", self.url)
    }

    /// Signs in for that client; returns the code that it gets.
    async fn code(&self) -> String {
        let page = self.browser.follow(&self.authorize("")).await;
        let location = self.browser.submit(page, EMAIL, PASSWORD).await.location();
        assert!(location.as_str().starts_with(&self.callback()), "{location}");
        parameter(&location, "code").unwrap()
    }

    async fn exchange(&self, changes: &[(&str, &str)], code: &str) -> Response {
        let callback = self.callback();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "datapass"),
            ("redirect_uri", &callback),
            ("code_verifier", VERIFIER),
            ("code", code),
        ];
        form.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        form.extend(changes);
        let request = self.browser.client.post(format!("{}/oauth/token", self.url)).form(&form);
        request.send().await.unwrap()
    }

    async fn userinfo(&self, access_token: &str) -> Response {
        let request = self.browser.client.get(format!("{}/oauth/userinfo", self.url)).bearer_auth(access_token);
        request.send().await.unwrap()
    }
}

async fn create_account(app: &TestApp) {
    let account = NewAccount {
        email: "Camille@Mairie.example ".to_owned(),
        email_verified: true,
        password_hash: hash_password(PASSWORD.to_owned()).await.unwrap(),
        given_name: "Camille".to_owned(),
        family_name: "Exemple".to_owned(),
        phone_number: "01 23 45 67 89".to_owned(),
        job: "Secrétaire de mairie".to_owned(),
        organizations: vec![Membership {
            siret: "21920023500014".to_owned(),
            label: "Commune de Clamart".to_owned(),
            is_external: false,
        }],
    };
    let created = app.state.db.write(move |connection| Ok(account::create(connection, &account, now().naive_utc())?));
    created.await.unwrap();
}

/// Keeps cookies; follows redirections only when told to.
struct Browser {
    client: Client,
    url: String,
}

impl Browser {
    fn new(url: &str) -> Self {
        let builder = Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).no_proxy();
        Self { client: builder.build().unwrap(), url: url.to_owned() }
    }

    async fn get(&self, url: &str) -> Response {
        let url = if url.starts_with('/') { format!("{}{url}", self.url) } else { url.to_owned() };
        self.client.get(url).send().await.unwrap()
    }

    /// Opens an address and goes where it sends, until a page is shown.
    async fn follow(&self, url: &str) -> Page {
        let mut response = self.get(url).await;
        for _ in 0..10 {
            if !response.status().is_redirection() {
                return Page::read(response).await;
            }
            response = self.get(response.location().as_str()).await;
        }
        panic!("{url} leads nowhere");
    }

    /// Opens an address and goes where it sends, until it would be sent to `stop`.
    async fn follow_until(&self, url: &str, stop: &str) -> Url {
        let mut response = self.get(url).await;
        for _ in 0..10 {
            let location = response.location();
            if location.path() == stop {
                return location;
            }
            response = self.get(location.as_str()).await;
        }
        panic!("{url} does not lead to {stop}");
    }

    fn post_sign_in(&self, page: &Page, email: &str, password: &str) -> RequestBuilder {
        let (request, token) = (page.hidden("request"), page.hidden("token"));
        let form = [("request", request.as_str()), ("token", &token), ("email", email), ("password", password)];
        self.client.post(format!("{}/connexion", self.url)).form(&form)
    }

    async fn submit(&self, page: Page, email: &str, password: &str) -> Response {
        self.post_sign_in(&page, email, password).send().await.unwrap()
    }

    /// Signs in from the beginning; returns where the last redirection leads.
    async fn sign_in(&self, start: &str) -> Url {
        let page = self.follow(start).await;
        let callback = self.submit(page, EMAIL, PASSWORD).await.location();
        assert_eq!(callback.path(), "/api/sign_in/callback");
        self.get(callback.as_str()).await.location()
    }

    async fn post(&self, path: &str) -> Response {
        self.client.post(format!("{}{path}", self.url)).send().await.unwrap()
    }

    async fn session(&self) -> Value {
        self.get("/api/session").await.json::<Value>().await.unwrap()
    }

    async fn is_signed_in(&self) -> bool {
        self.session().await["user"]["email"] == EMAIL
    }
}

trait Redirected {
    fn location(&self) -> Url;
}

impl Redirected for Response {
    fn location(&self) -> Url {
        let location = self.headers().get(LOCATION).unwrap_or_else(|| panic!("no redirection: {self:?}"));
        self.url().join(location.to_str().unwrap()).unwrap()
    }
}

struct Page {
    status: StatusCode,
    retry_after: Option<String>,
    html: String,
}

impl Page {
    async fn read(response: Response) -> Self {
        let retry_after = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        Self { status: response.status(), retry_after, html: response.text().await.unwrap() }
    }

    fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.html.split_once(&mark).unwrap_or_else(|| panic!("no field {name} in {}", self.html));
        let (value, _) = rest.split_once('"').unwrap();
        value.replace("&#x2f;", "/").replace("&amp;", "&")
    }
}

fn set_cookie(response: &Response, name: &str) -> Option<String> {
    let cookies = response.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    cookies.filter(|cookie| cookie.starts_with(&format!("{name}="))).map(str::to_owned).next()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn with_parameter(url: &Url, name: &str, value: &str) -> Url {
    let others: Vec<_> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    let mut changed = url.clone();
    changed.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    changed
}

fn failed(url: &Url) -> bool {
    url.path() == "/" && url.query() == Some("erreur=connexion")
}

#[tokio::test]
async fn one_signs_in_comes_back_to_the_page_and_signs_out_everywhere() {
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
            "organizations": [{ "siret": "21920023500014", "label": "Commune de Clamart" }],
            "roles": [],
        })
    );

    let answer = browser.post("/api/sign_out").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let location = answer.json::<Value>().await.unwrap()["location"].as_str().unwrap().to_owned();
    assert_eq!(browser.session().await["user"], Value::Null);
    let home = browser.get(&location).await.location();
    assert_eq!(home.as_str(), format!("{url}/"));
    // The provider asks for the password again.
    assert!(browser.follow("/api/sign_in").await.html.contains("Mot de passe"));
}

#[tokio::test]
async fn who_is_signed_in_at_the_provider_is_not_asked_again() {
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
        format!("{before}{}", rest.split_once('>').unwrap().1).replace(email, "")
    };
    assert_eq!(without_request(&wrong, EMAIL), without_request(&unknown, "personne@mairie.example"));
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn an_empty_field_is_said_to_be_empty() {
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
async fn a_form_that_our_page_did_not_send_signs_nobody_in() {
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
async fn a_session_id_that_was_planted_is_not_kept() {
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
async fn a_code_gives_tokens_once_and_using_it_again_revokes_them() {
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
async fn a_code_is_worth_nothing_without_its_verifier_and_is_then_used_up() {
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
async fn a_code_is_worth_nothing_for_another_address_or_too_late() {
    let scene = Scene::set().await;
    let code = scene.code().await;
    let elsewhere = scene.exchange(&[("redirect_uri", "https://evil.example/")], &code).await;
    assert_eq!(elsewhere.json::<Value>().await.unwrap()["error"], "invalid_grant");

    let callback = scene.callback();
    let expired = scene.app.state.db.write(move |connection| {
        let then = now().naive_utc() - Duration::seconds(61);
        let row = NewCode {
            code_hash: secret::hash("expired"),
            client_id: "datapass".to_owned(),
            account_id: account::credentials(connection, EMAIL)?.unwrap().account_id,
            redirect_uri: callback,
            scope: "openid".to_owned(),
            nonce: String::new(),
            code_challenge: CHALLENGE.to_owned(),
            authenticated_at: then,
            expires_at: then + Duration::seconds(60),
        };
        Ok(provider::insert_code(connection, &row, then)?)
    });
    expired.await.unwrap();
    let late = scene.exchange(&[], "expired").await;
    assert_eq!(late.json::<Value>().await.unwrap()["error"], "invalid_grant");
}

#[tokio::test]
async fn the_token_endpoint_refuses_what_it_does_not_offer() {
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
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
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
async fn the_provider_insists_on_pkce() {
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
async fn the_client_decides_whether_the_password_is_asked() {
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

#[tokio::test]
async fn a_state_that_we_did_not_give_signs_nobody_in() {
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
async fn a_sign_in_ends_in_the_browser_where_it_began_and_once() {
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
    assert!(failed(&browser.get(callback.as_str()).await.location()));
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
async fn what_the_provider_refuses_or_another_one_answers_is_an_error_at_home() {
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
        "/%09/evil.example",
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
    // A path that only looks like one stays here.
    let callback = scene.browser.follow_until("/api/sign_in?return_to=/.//evil.example", "/api/sign_in/callback").await;
    let end = scene.browser.get(callback.as_str()).await.location();
    assert_eq!(end.as_str(), format!("{}//evil.example", scene.url));
}

#[tokio::test]
async fn signing_in_begins_at_the_public_address() {
    let scene = Scene::set().await;
    let (browser, url) = (&scene.browser, &scene.url);
    let port = Url::parse(&url).unwrap().port().unwrap();
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
