//! Signing in with an external issuer: a mock that answers what a test wants, and which answers are accepted.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use datapass::config::Oidc;
use datapass::connection::types::now;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Url;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use serde_json::{Value, json};
use shared::client::AuthMethod;

use super::scene::{Browser, Redirected as _, parameter};
use crate::support::TestApp;

/// The issuer's own key, and somebody else's; made once.
static KEYS: LazyLock<[RsaPrivateKey; 2]> =
    LazyLock::new(|| std::array::from_fn(|_| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap()));

/// What the issuer says; a test changes it.
#[derive(Clone)]
struct Says {
    /// Claims of the ID token that differ from sound ones; null takes one away.
    id_token: Value,
    userinfo: Value,
    is_signed: bool,
    with: With,
    userinfo_with: With,
}

/// What a token is signed with.
#[derive(Clone, Copy, PartialEq)]
enum With {
    ItsKey,
    ForeignKey,
    Nothing,
    /// HS256, the public key taken for a shared secret.
    PublicKey,
}

struct Issuer {
    url: String,
    says: Mutex<Says>,
    nonce: Mutex<String>,
    /// `Authorization` header and body of the last token request.
    asked: Mutex<(String, String)>,
}

fn key(index: usize) -> EncodingKey {
    EncodingKey::from_rsa_pem(KEYS[index].to_pkcs8_pem(LineEnding::LF).unwrap().as_bytes()).unwrap()
}

fn signed(claims: &Value, with: With) -> String {
    let header = |algorithm| Header { kid: Some("k".to_owned()), ..Header::new(algorithm) };
    match with {
        With::ItsKey => jsonwebtoken::encode(&header(Algorithm::RS256), claims, &key(0)).unwrap(),
        With::ForeignKey => jsonwebtoken::encode(&header(Algorithm::RS256), claims, &key(1)).unwrap(),
        With::PublicKey => {
            let public = KEYS[0].to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
            let secret = EncodingKey::from_secret(public.as_bytes());
            jsonwebtoken::encode(&header(Algorithm::HS256), claims, &secret).unwrap()
        }
        With::Nothing => {
            let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.", encode(&json!({ "alg": "none", "kid": "k" })), encode(claims))
        }
    }
}

impl Issuer {
    fn start() -> Arc<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let userinfo = json!({
            "sub": "1", "email": "jean@mairie.example", "given_name": "Jean", "usual_name": "Valjean",
            "siret": "21920023500014",
        });
        let says =
            Says { id_token: json!({}), userinfo, is_signed: false, with: With::ItsKey, userinfo_with: With::ItsKey };
        let issuer = Arc::new(Self { url, says: Mutex::new(says), nonce: Mutex::default(), asked: Mutex::default() });
        let served = web::Data::from(issuer.clone());
        std::thread::spawn(move || {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(served.clone())
                    .route("/.well-known/openid-configuration", web::get().to(configuration))
                    .route("/jwks", web::get().to(jwks))
                    .route("/token", web::post().to(token))
                    .route("/userinfo", web::get().to(userinfo_endpoint))
            });
            actix_web::rt::System::new().block_on(server.workers(1).listen(listener).unwrap().run()).unwrap();
        });
        issuer
    }

    fn config(&self) -> Oidc {
        Oidc {
            issuer: self.url.clone(),
            client_id: "datapass-at-issuer".to_owned(),
            client_secret: "s3cret".to_owned(),
            scopes: None,
            auth_method: None,
            pkce: true,
            signed_userinfo: false,
            claims: BTreeMap::new(),
            extra_params: Vec::new(),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }
}

async fn configuration(issuer: web::Data<Issuer>) -> HttpResponse {
    let url = &issuer.url;
    HttpResponse::Ok().json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "end_session_endpoint": format!("{url}/session/end"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn jwks() -> HttpResponse {
    let mut jwk = Jwk::from_encoding_key(&key(0), Algorithm::RS256).unwrap();
    jwk.common.key_id = Some("k".to_owned());
    HttpResponse::Ok().json(json!({ "keys": [jwk] }))
}

async fn token(request: HttpRequest, body: String, issuer: web::Data<Issuer>) -> HttpResponse {
    let header = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
    *issuer.asked.lock().unwrap() = (header.unwrap_or_default(), body);
    let says = issuer.says.lock().unwrap().clone();
    let now = now().timestamp();
    let mut claims = json!({
        "iss": issuer.url, "aud": "datapass-at-issuer", "sub": "1", "iat": now, "exp": now + 60,
        "nonce": *issuer.nonce.lock().unwrap(),
    });
    for (name, value) in says.id_token.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    HttpResponse::Ok().json(json!({
        "access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": signed(&claims, says.with),
    }))
}

async fn userinfo_endpoint(issuer: web::Data<Issuer>) -> HttpResponse {
    let says = issuer.says.lock().unwrap().clone();
    let mut claims = says.userinfo;
    if !says.is_signed {
        return HttpResponse::Ok().json(claims);
    }
    claims["iss"] = claims.get("iss").cloned().unwrap_or_else(|| json!(issuer.url));
    claims["aud"] = claims.get("aud").cloned().unwrap_or_else(|| json!("datapass-at-issuer"));
    HttpResponse::Ok().content_type("application/jwt").body(signed(&claims, says.userinfo_with))
}

/// A server that signs people in with the issuer.
struct Place {
    app: TestApp,
    issuer: Arc<Issuer>,
}

impl Place {
    fn set(change: impl FnOnce(&mut Oidc)) -> Self {
        let issuer = Issuer::start();
        let mut oidc = issuer.config();
        change(&mut oidc);
        Self { app: TestApp::start_with(|config| config.oidc = Some(oidc)), issuer }
    }

    /// Where the browser is sent to sign in.
    async fn departure(&self, browser: &Browser) -> Url {
        self.departure_from(browser, "/api/sign_in").await
    }

    async fn departure_from(&self, browser: &Browser, path: &str) -> Url {
        let url = browser.get(path).await.location();
        assert!(url.as_str().starts_with(&format!("{}/authorize?", self.issuer.url)), "{url}");
        *self.issuer.nonce.lock().unwrap() = parameter(&url, "nonce").unwrap();
        url
    }

    /// Signs in; returns what the session then says of the user.
    async fn user(&self) -> Value {
        self.signed_in("/api/sign_in").await.session().await["user"].take()
    }

    /// A browser that has come back from there.
    async fn signed_in(&self, path: &str) -> Browser {
        let browser = self.browser();
        let url = self.departure_from(&browser, path).await;
        let state = parameter(&url, "state").unwrap();
        browser.get(&format!("/api/sign_in/callback?code=c&state={state}")).await;
        browser
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.app.state.public_url)
    }
}

#[tokio::test]
async fn an_id_token_with_any_wrong_part_is_refused() {
    let place = Place::set(|_| {});
    let issuer = &place.issuer;
    assert_eq!(place.user().await["email"], "jean@mairie.example");

    let past = now().timestamp() - 3_600;
    for (what, claims) in [
        ("wrong audience", json!({ "aud": "another" })),
        ("several audiences", json!({ "aud": ["datapass-at-issuer", "another"] })),
        ("wrong issuer", json!({ "iss": "https://evil.example" })),
        ("another nonce", json!({ "nonce": "another" })),
        ("no nonce", json!({ "nonce": null })),
        ("expired", json!({ "exp": past })),
        ("from the future", json!({ "iat": now().timestamp() + 3_600 })),
        ("another access token", json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" })),
        ("somebody else than userinfo says", json!({ "sub": "2" })),
    ] {
        issuer.change(|says| says.id_token = claims);
        assert_eq!(place.user().await, Value::Null, "{what}");
    }
    issuer.change(|says| says.id_token = json!({}));
    for (what, with) in [("alg none", With::Nothing), ("HS256", With::PublicKey), ("foreign key", With::ForeignKey)] {
        issuer.change(|says| says.with = with);
        assert_eq!(place.user().await, Value::Null, "{what}");
    }
    issuer.change(|says| says.with = With::ItsKey);
    assert_eq!(place.user().await["email"], "jean@mairie.example");
}

#[tokio::test]
async fn an_unknown_state_or_another_issuer_is_refused() {
    let place = Place::set(|_| {});
    let browser = place.browser();
    let url = place.departure(&browser).await;
    let state = parameter(&url, "state").unwrap();
    browser.get("/api/sign_in/callback?code=c&state=another").await;
    assert_eq!(browser.session().await["user"], Value::Null);
    browser.get(&format!("/api/sign_in/callback?code=c&state={state}&iss=https://evil.example")).await;
    assert_eq!(browser.session().await["user"], Value::Null);
}

#[tokio::test]
async fn an_auth_time_that_lies_or_is_missing_where_it_was_asked_for_is_refused() {
    let place = Place::set(|oidc| oidc.extra_params.push(("max_age".to_owned(), "3600".to_owned())));
    let (plain, recent) = ("/api/sign_in", "/api/sign_in?max_age=600");
    let browser = place.browser();
    let asked = place.departure_from(&browser, recent).await;
    assert_eq!(asked.query_pairs().filter(|(name, _)| name == "max_age").count(), 1, "{asked}");
    assert_eq!(parameter(&asked, "max_age").unwrap(), "600");

    // Seconds since they authenticated; who is signed in, and who may connect a tool.
    for (path, seconds, is_signed_in, is_recent) in [
        (recent, Some(0), true, true),
        (recent, Some(500), true, true),
        (recent, Some(900), false, false),
        (recent, Some(-3_600), false, false),
        (recent, None, false, false),
        (plain, Some(900), true, false),
        (plain, Some(-3_600), false, false),
        (plain, None, true, true),
    ] {
        let auth_time = seconds.map(|seconds| now().timestamp() - seconds);
        place.issuer.change(|says| says.id_token = json!({ "auth_time": auth_time }));
        let browser = place.signed_in(path).await;
        assert_eq!(browser.session().await["user"].is_object(), is_signed_in, "{path} {seconds:?}");
        let tool = json!({"name": "Outil", "scopes": ["enrollments:read"]});
        let answer =
            browser.client.post(format!("{}/api/me/api_clients", browser.url)).json(&tool).send().await.unwrap();
        let expected = if is_recent {
            201
        } else if is_signed_in {
            403
        } else {
            401
        };
        assert_eq!(answer.status(), expected, "{path} {seconds:?}");
    }
}

#[tokio::test]
async fn userinfo_may_be_signed_and_must_be_where_that_is_configured() {
    let either = Place::set(|_| {});
    either.issuer.change(|says| says.is_signed = true);
    assert_eq!(either.user().await["family_name"], "Valjean");

    let always = Place::set(|oidc| oidc.signed_userinfo = true);
    assert_eq!(always.user().await, Value::Null, "plain");
    always.issuer.change(|says| says.is_signed = true);
    assert_eq!(always.user().await["family_name"], "Valjean");
    for with in [With::Nothing, With::PublicKey, With::ForeignKey] {
        always.issuer.change(|says| says.userinfo_with = with);
        assert_eq!(always.user().await, Value::Null);
    }
    always.issuer.change(|says| says.userinfo_with = With::ItsKey);
    for (claim, value) in [("aud", "another"), ("iss", "https://evil.example"), ("sub", "2")] {
        let before = always.issuer.says.lock().unwrap().userinfo.clone();
        always.issuer.change(|says| says.userinfo[claim] = json!(value));
        assert_eq!(always.user().await, Value::Null, "{claim}");
        always.issuer.change(|says| says.userinfo = before);
    }
}

#[tokio::test]
async fn the_authorization_request_follows_the_configuration() {
    let place = Place::set(|_| {});
    let url = place.departure(&place.browser()).await;
    assert!(parameter(&url, "code_challenge").is_some());
    for name in ["state", "nonce"] {
        assert!(parameter(&url, name).unwrap().len() >= 32, "{name}");
    }
    place.user().await;
    let (header, body) = place.issuer.asked.lock().unwrap().clone();
    assert!(header.starts_with("Basic ") && body.contains("code_verifier=") && !body.contains("s3cret"), "{body}");

    // As ProConnect does.
    let place = Place::set(|oidc| {
        oidc.scopes = Some(["openid", "usual_name", "siret"].map(str::to_owned).to_vec());
        oidc.auth_method = Some(AuthMethod::Post);
        oidc.pkce = false;
        oidc.claims.insert("email".to_owned(), "courriel".to_owned());
        oidc.extra_params.push(("acr_values".to_owned(), "eidas1".to_owned()));
    });
    place.issuer.change(|says| says.userinfo["courriel"] = json!("autre@mairie.example"));
    let url = place.departure(&place.browser()).await;
    assert_eq!(parameter(&url, "scope").unwrap(), "openid usual_name siret");
    assert_eq!(parameter(&url, "acr_values").unwrap(), "eidas1");
    assert!(!url.as_str().contains("code_challenge"), "{url}");
    assert_eq!(place.user().await["email"], "autre@mairie.example");
    let (header, body) = place.issuer.asked.lock().unwrap().clone();
    assert!(header.is_empty() && body.contains("client_secret=s3cret") && !body.contains("code_verifier"), "{body}");
}

#[tokio::test]
async fn signing_out_ends_the_session_at_the_issuer_too() {
    let place = Place::set(|_| {});
    let browser = place.browser();
    let url = place.departure(&browser).await;
    browser.get(&format!("/api/sign_in/callback?code=c&state={}", parameter(&url, "state").unwrap())).await;
    let answer: Value = browser.post("/api/sign_out").await.json().await.unwrap();
    let end: Url = answer["location"].as_str().unwrap().parse().unwrap();
    assert!(end.as_str().starts_with(&format!("{}/session/end?", place.issuer.url)), "{end}");
    let public_url = &place.app.state.public_url;
    assert_eq!(parameter(&end, "post_logout_redirect_uri").unwrap(), format!("{public_url}/api/sign_out/callback"));
    assert!(parameter(&end, "id_token_hint").is_some());
    let state = parameter(&end, "state").unwrap();
    assert!(state.len() >= 32);
    for state in [state.as_str(), "another", ""] {
        let home = browser.get(&format!("/api/sign_out/callback?state={state}")).await.location();
        assert_eq!(home.as_str(), format!("{public_url}/"));
    }
    assert_eq!(browser.session().await["user"], Value::Null);
}
