//! Registered OpenID clients: authentication, tokens, userinfo, logout.

use chrono::Duration;
use datapass::administration::clients;
use datapass::connection::types::now;
use datapass::schema::refresh_tokens;
use diesel::prelude::*;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use shared::client::{AuthMethod, NewClient, Userinfo};
use shared::user::NewBan;

use super::scene::{EMAIL, PASSWORD, Page, Redirected as _, Scene, VERIFIER, parameter, with_parameter};

const RETURN: &str = "https://gestion.example/retour?a=b";

/// A service with its secret.
pub struct Service {
    id: String,
    secret: String,
    method: AuthMethod,
}

impl Scene {
    pub async fn service(&self, id: &str, method: AuthMethod, userinfo: Userinfo) -> Service {
        let new = NewClient {
            id: Some(id.to_owned()),
            name: "Gestion des API".to_owned(),
            redirect_uris: vec![RETURN.to_owned()],
            post_logout_redirect_uris: vec!["https://gestion.example/".to_owned()],
            scopes: ["openid", "email", "organizations", "organization", "offline_access"].map(str::to_owned).to_vec(),
            auth_method: method,
            userinfo,
        };
        let made = clients::add(&self.app.state.db, new).await.unwrap();
        Service { id: made.client.id, secret: made.secret, method }
    }

    pub fn authorize_for(&self, service: &Service, scope: &str) -> String {
        let url = self.authorize("").parse().unwrap();
        let url = with_parameter(&with_parameter(&url, "client_id", &service.id), "redirect_uri", RETURN);
        with_parameter(&url, "scope", scope).into()
    }

    /// The code that a service gets, and the address that it came in.
    pub async fn code_for(&self, service: &Service, scope: &str) -> String {
        let answer = self.browser.get(&self.authorize_for(service, scope)).await.location();
        let location = match answer.path() {
            "/connexion" => {
                let page = self.browser.follow(answer.as_str()).await;
                self.browser.submit(page, EMAIL, PASSWORD).await.location()
            }
            _ => answer,
        };
        assert!(location.as_str().starts_with(&format!("{RETURN}&code=")), "{location}");
        parameter(&location, "code").unwrap()
    }

    async fn form(&self, path: &str, service: &Service, form: &[(&str, &str)]) -> Response {
        let request = self.browser.client.post(format!("{}{path}", self.url));
        let mut form = form.to_vec();
        let request = match service.method {
            AuthMethod::Basic => request.basic_auth(&service.id, Some(&service.secret)),
            AuthMethod::Post => {
                form.extend([("client_id", service.id.as_str()), ("client_secret", &service.secret)]);
                request
            }
        };
        request.form(&form).send().await.unwrap()
    }

    async fn token(&self, service: &Service, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let answer = self.form("/oauth/token", service, form).await;
        (answer.status(), answer.json().await.unwrap())
    }

    pub async fn tokens(&self, service: &Service, code: &str) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", RETURN),
            ("code_verifier", VERIFIER),
            ("code", code),
        ];
        self.token(service, &form).await
    }

    pub async fn refresh(&self, service: &Service, token: &Value) -> (StatusCode, Value) {
        let token = token["refresh_token"].as_str().unwrap();
        self.token(service, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn is_alive(&self, tokens: &Value) -> bool {
        self.userinfo(tokens["access_token"].as_str().unwrap()).await.status() == StatusCode::OK
    }

    async fn claims_of(&self, token: &str, audience: &str) -> Value {
        let keys: JwkSet = self.browser.get("/oauth/jwks").await.json().await.unwrap();
        let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[&self.url]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims
    }
}

fn refused(answer: &(StatusCode, Value), error: &str) {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    assert_eq!((answer.0, answer.1["error"].as_str()), (status, Some(error)), "{answer:?}");
}

#[tokio::test]
async fn a_session_at_datapass_signs_in_to_other_clients() {
    let scene = Scene::set().await;
    let service = scene.service("gestion", AuthMethod::Basic, Userinfo::Plain).await;
    scene.browser.sign_in("/api/sign_in").await;
    let location = scene.browser.get(&scene.authorize_for(&service, "openid email profile")).await.location();
    let code = parameter(&location, "code").unwrap();
    let (status, tokens) = scene.tokens(&service, &code).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    // Its own scopes only: an administrator did not grant `profile`.
    assert_eq!((&tokens["scope"], &tokens["refresh_token"]), (&json!("openid email"), &Value::Null));
    let claims = scene.claims_of(tokens["id_token"].as_str().unwrap(), "gestion").await;
    assert_eq!((&claims["nonce"], &claims["aud"]), (&json!("n"), &json!("gestion")));
    let userinfo: Value = scene.userinfo(tokens["access_token"].as_str().unwrap()).await.json().await.unwrap();
    assert_eq!(userinfo, json!({ "sub": claims["sub"], "email": EMAIL, "email_verified": true }));
}

#[tokio::test]
async fn the_sign_in_form_may_lead_to_the_client_alone() {
    let scene = Scene::set().await;
    let service = scene.service("gestion", AuthMethod::Basic, Userinfo::Plain).await;
    let url = scene.authorize_for(&service, "openid").replace("/oauth/authorize", "/connexion");
    let policy = scene.browser.get(&url).await.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.ends_with("form-action 'self' https://gestion.example"), "{policy}");
    for changed in ["https://gestion.example/retour", "https://gestion.example/retour?a=b&c=d", "https://evil.example/"]
    {
        let url = with_parameter(&scene.authorize_for(&service, "openid").parse().unwrap(), "redirect_uri", changed);
        let answer = scene.browser.get(url.as_str()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{url}");
        assert!(answer.headers().get("location").is_none());
    }
}

#[tokio::test]
async fn a_client_authenticates_by_its_registered_method_alone() {
    let scene = Scene::set().await;
    let basic = scene.service("basic", AuthMethod::Basic, Userinfo::Plain).await;
    let post = scene.service("post", AuthMethod::Post, Userinfo::Plain).await;
    for service in [&basic, &post] {
        let code = scene.code_for(service, "openid").await;
        for (id, secret, method, error) in [
            (&service.id, "wrong", service.method, "invalid_client"),
            (&service.id, "", service.method, "invalid_client"),
            (&service.id, service.secret.as_str(), other(service.method), "invalid_client"),
            (&"unknown".to_owned(), &service.secret, service.method, "invalid_client"),
            (&"datapass".to_owned(), &service.secret, service.method, "invalid_client"),
        ] {
            let pretender = Service { id: id.clone(), secret: secret.to_owned(), method };
            refused(&scene.tokens(&pretender, &code).await, error);
        }
        assert_eq!(scene.tokens(service, &code).await.0, StatusCode::OK, "nothing used the code up");
    }
    // In both ways at once, and in none.
    let both = [("client_id", "basic"), ("client_secret", basic.secret.as_str()), ("grant_type", "refresh_token")];
    refused(&scene.token(&basic, &both).await, "invalid_request");
    refused(&scene.token(&basic, &[("client_id", "post")]).await, "invalid_request");
    let without = scene.exchange(&[("client_id", "basic")], "code").await;
    assert_eq!(without.status(), StatusCode::UNAUTHORIZED);
}

const fn other(method: AuthMethod) -> AuthMethod {
    match method {
        AuthMethod::Basic => AuthMethod::Post,
        AuthMethod::Post => AuthMethod::Basic,
    }
}

#[tokio::test]
async fn both_secrets_work_during_rotation_and_none_after_removal() {
    let scene = Scene::set().await;
    let old = scene.service("gestion", AuthMethod::Basic, Userinfo::Plain).await;
    let db = &scene.app.state.db;
    let rotated = clients::rotate(db, "gestion".to_owned(), true).await.unwrap();
    let new = Service { id: old.id.clone(), secret: rotated.secret, method: old.method };
    for service in [&old, &new] {
        let code = scene.code_for(service, "openid").await;
        assert_eq!(scene.tokens(service, &code).await.0, StatusCode::OK);
    }
    let rotated = clients::rotate(db, "gestion".to_owned(), false).await.unwrap();
    let newest = Service { id: old.id.clone(), secret: rotated.secret, method: old.method };
    let code = scene.code_for(&newest, "openid").await;
    refused(&scene.tokens(&old, &code).await, "invalid_client");
    refused(&scene.tokens(&new, &code).await, "invalid_client");
    let (_, tokens) = scene.tokens(&newest, &code).await;
    assert!(scene.is_alive(&tokens).await);

    let before = scene.authorize_for(&newest, "openid");
    clients::remove(db, "gestion".to_owned()).await.unwrap();
    assert!(!scene.is_alive(&tokens).await);
    refused(&scene.tokens(&newest, "code").await, "invalid_client");
    assert_eq!(scene.browser.get(&before).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_authorization_code_of_another_client_is_refused() {
    let scene = Scene::set().await;
    let one = scene.service("one", AuthMethod::Basic, Userinfo::Plain).await;
    let two = scene.service("two", AuthMethod::Post, Userinfo::Plain).await;
    let code = scene.code_for(&one, "openid").await;
    refused(&scene.tokens(&two, &code).await, "invalid_grant");
    let as_datapass = scene.exchange(&[("redirect_uri", RETURN)], &code).await;
    assert_eq!(as_datapass.json::<Value>().await.unwrap()["error"], "invalid_grant");
    assert_eq!(scene.tokens(&one, &code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn reusing_a_refresh_token_revokes_its_family() {
    let scene = Scene::set().await;
    let service = scene.service("gestion", AuthMethod::Basic, Userinfo::Plain).await;
    let other = scene.service("autre", AuthMethod::Basic, Userinfo::Plain).await;
    let code = scene.code_for(&service, "openid email offline_access").await;
    let (_, first) = scene.tokens(&service, &code).await;
    refused(&scene.refresh(&other, &first).await, "invalid_grant");

    let (status, second) = scene.refresh(&service, &first).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let (before, after) = (first["id_token"].as_str().unwrap(), second["id_token"].as_str().unwrap());
    let (before, after) = (scene.claims_of(before, "gestion").await, scene.claims_of(after, "gestion").await);
    assert_eq!((&before["sub"], &before["auth_time"]), (&after["sub"], &after["auth_time"]));
    assert_eq!(after["nonce"], Value::Null);
    assert!(scene.is_alive(&first).await && scene.is_alive(&second).await);

    // The first again: two have it, and nobody knows who is the thief.
    refused(&scene.refresh(&service, &first).await, "invalid_grant");
    assert!(!scene.is_alive(&first).await && !scene.is_alive(&second).await);
    refused(&scene.refresh(&service, &second).await, "invalid_grant");
}

#[tokio::test]
async fn a_refresh_may_narrow_the_scope_but_not_widen_it() {
    let scene = Scene::set().await;
    let service = scene.service("gestion", AuthMethod::Post, Userinfo::Plain).await;
    let code = scene.code_for(&service, "openid email offline_access").await;
    let (_, tokens) = scene.tokens(&service, &code).await;
    let token = tokens["refresh_token"].as_str().unwrap().to_owned();
    let asked = |scope| [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), ("scope", scope)];
    refused(&scene.token(&service, &asked("openid organizations")).await, "invalid_scope");
    let (status, fewer) = scene.token(&service, &asked("openid")).await;
    assert_eq!((status, &fewer["scope"]), (StatusCode::OK, &json!("openid")));
    let userinfo: Value = scene.userinfo(fewer["access_token"].as_str().unwrap()).await.json().await.unwrap();
    assert_eq!(userinfo.as_object().unwrap().len(), 1);
    let (_, all) = scene.refresh(&service, &fewer).await;
    assert_eq!(all["scope"], "openid email offline_access");
}

#[tokio::test]
async fn a_refresh_token_ends_with_its_expiry_its_code_and_its_account() {
    let scene = Scene::set().await;
    let service = scene.service("gestion", AuthMethod::Basic, Userinfo::Plain).await;
    let scope = "openid offline_access";

    let code = scene.code_for(&service, scope).await;
    let (_, tokens) = scene.tokens(&service, &code).await;
    let past = now().naive_utc() - Duration::seconds(1);
    let expire = diesel::update(refresh_tokens::table).set(refresh_tokens::expires_at.eq(past));
    scene.app.state.db.write(move |connection| Ok(expire.execute(connection)?)).await.unwrap();
    refused(&scene.refresh(&service, &tokens).await, "invalid_grant");

    let code = scene.code_for(&service, scope).await;
    let (_, tokens) = scene.tokens(&service, &code).await;
    refused(&scene.tokens(&service, &code).await, "invalid_grant");
    refused(&scene.refresh(&service, &tokens).await, "invalid_grant");

    // A ban is for who has come to DataPass.
    let callback = scene.browser.follow_until("/api/sign_in", "/api/sign_in/callback").await;
    scene.browser.get(callback.as_str()).await;
    let code = scene.code_for(&service, scope).await;
    let (_, tokens) = scene.tokens(&service, &code).await;
    let admin = scene.app.actor("admin", &["administrator"]).await;
    let new = NewBan { email: EMAIL.to_owned(), banned: true, reason: "Essai.".to_owned() };
    admin.post("/api/users/ban", &serde_json::to_value(new).unwrap()).await.ok();
    assert!(!scene.is_alive(&tokens).await);
    refused(&scene.refresh(&service, &tokens).await, "invalid_grant");
}

#[tokio::test]
async fn a_client_introspects_and_revokes_its_own_tokens() {
    let scene = Scene::set().await;
    let service = scene.service("gestion", AuthMethod::Basic, Userinfo::Plain).await;
    let other = scene.service("autre", AuthMethod::Post, Userinfo::Plain).await;
    let code = scene.code_for(&service, "openid offline_access").await;
    let (_, tokens) = scene.tokens(&service, &code).await;
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let told = async |service: &Service, token: &str| {
        let answer = scene.form("/oauth/token/introspection", service, &[("token", token)]).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
        answer.json::<Value>().await.unwrap()
    };
    let about_access = told(&service, access).await;
    assert_eq!(about_access["active"], true);
    assert_eq!((&about_access["client_id"], &about_access["token_type"]), (&json!("gestion"), &json!("Bearer")));
    assert_eq!(about_access["scope"], "openid offline_access");
    assert!(about_access["exp"].as_i64().unwrap() > now().timestamp());
    let about_refresh = told(&service, refresh).await;
    assert_eq!((&about_refresh["active"], &about_refresh["token_type"]), (&json!(true), &Value::Null));
    for (who, token) in [(&other, access), (&other, refresh), (&service, "unknown")] {
        assert_eq!(told(who, token).await, json!({ "active": false }));
    }
    let anonymous = [("client_id", "datapass"), ("token", access)];
    let request = scene.browser.client.post(format!("{}/oauth/token/introspection", scene.url)).form(&anonymous);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);

    let revoke = async |service: &Service, token: &str| {
        let answer = scene.form("/oauth/token/revocation", service, &[("token", token)]).await;
        assert_eq!(answer.status(), StatusCode::OK);
    };
    revoke(&other, access).await;
    revoke(&other, refresh).await;
    revoke(&service, "unknown").await;
    assert!(scene.is_alive(&tokens).await);
    revoke(&service, access).await;
    assert!(!scene.is_alive(&tokens).await);
    let (_, next) = scene.refresh(&service, &tokens).await;
    assert!(scene.is_alive(&next).await, "an access token goes alone");
    revoke(&service, next["refresh_token"].as_str().unwrap()).await;
    assert!(!scene.is_alive(&next).await, "a refresh token takes all with it");
    assert_eq!(told(&service, next["refresh_token"].as_str().unwrap()).await, json!({ "active": false }));
}

#[tokio::test]
async fn userinfo_is_signed_for_clients_that_ask_for_it() {
    let scene = Scene::set().await;
    let service = scene.service("gestion", AuthMethod::Post, Userinfo::Signed).await;
    let code = scene.code_for(&service, "openid email organization").await;
    let (_, tokens) = scene.tokens(&service, &code).await;
    let answer = scene.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(answer.headers()["content-type"], "application/jwt");
    let claims = scene.claims_of(&answer.text().await.unwrap(), "gestion").await;
    assert_eq!((&claims["email"], &claims["siret"]), (&json!(EMAIL), &json!("21920023500014")));
    assert_eq!((&claims["label"], &claims["is_external"]), (&json!("Commune de Clamart"), &json!(false)));
}

#[tokio::test]
async fn rp_initiated_logout_returns_to_the_client() {
    let scene = Scene::set().await;
    let service = scene.service("gestion", AuthMethod::Basic, Userinfo::Plain).await;
    let code = scene.code_for(&service, "openid").await;
    let (_, tokens) = scene.tokens(&service, &code).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let logout = |to: &str| format!("/oauth/logout?id_token_hint={hint}&state=s&post_logout_redirect_uri={to}");
    let end = scene.browser.get(&logout("https://gestion.example/")).await.location();
    assert_eq!(end.as_str(), "https://gestion.example/?state=s");
    assert!(scene.browser.follow(&scene.authorize_for(&service, "openid")).await.html.contains("Mot de passe"));
    // Nobody is sent to an address that is not registered.
    let answer = scene.browser.get(&logout("https://evil.example/")).await;
    assert!(answer.headers().get("location").is_none());
    assert!(Page::read(answer).await.html.contains("Vous êtes déconnecté"));
}
