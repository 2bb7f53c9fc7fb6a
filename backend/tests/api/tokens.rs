//! Third-party tools: how they get tokens, what those open, and what ends them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use datapass::config::Oidc;
use datapass::models::signing_key::SigningKey;
use datapass::schema::api_clients;
use datapass::signing;
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, header};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _, LineEnding};
use serde_json::{Value, json};

use crate::sign_in::scene::Scene;
use crate::support::{Answer, CLAMART, Client, TestApp};

pub const BOTH: [&str; 2] = ["enrollments:read", "enrollments:write"];

pub struct Tool {
    pub id: String,
    pub secret: String,
}

impl Tool {
    pub async fn connect(owner: &Client, scopes: &[&str]) -> Self {
        let answer = owner.post("/api/me/api_clients", &json!({"name": "Outil", "scopes": scopes})).await;
        assert_eq!((answer.status.as_u16(), answer.headers["cache-control"].as_str()), (201, "no-store"));
        Self::of(&answer.ok())
    }

    pub fn of(made: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { id: text(&made["api_client"]["id"]), secret: text(&made["secret"]) }
    }

    pub async fn ask(&self, app: &TestApp, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(more);
        let caller = app.visitor();
        let request = caller.request(Method::POST, "/api/oauth/token").basic_auth(&self.id, Some(&self.secret));
        caller.send(request.form(&form)).await
    }

    pub async fn token(&self, app: &TestApp) -> String {
        self.ask(app, &[]).await.ok()["access_token"].as_str().unwrap().to_owned()
    }
}

async fn with_token(caller: &Client, method: Method, path: &str, token: &str) -> Answer {
    caller.send(caller.request(method, path).bearer_auth(token)).await
}

pub async fn get(app: &TestApp, path: &str, token: &str) -> Answer {
    with_token(&app.visitor(), Method::GET, path, token).await
}

#[track_caller]
pub fn refused(answer: &Answer) {
    answer.error(401, "unauthorized");
    assert_eq!(answer.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn an_api_client_gets_a_token_and_acts_for_its_owner() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let own = owner.submitted("franceconnect").await;
    app.actor("autre", &[]).await.submitted("franceconnect").await;
    let tool = Tool::connect(&owner, &BOTH).await;

    let answer = tool.ask(&app, &[]).await;
    assert_eq!((&*answer.headers["cache-control"], &*answer.headers["pragma"]), ("no-store", "no-cache"));
    let told = answer.ok();
    assert_eq!(told["token_type"], "Bearer");
    assert_eq!(told["expires_in"], 600);
    assert_eq!(told["scope"], "enrollments:read enrollments:write");
    let token = told["access_token"].as_str().unwrap();

    let list = get(&app, "/api/enrollments", token).await.ok();
    let ids: Vec<i64> = list["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [own]);
    let caller = app.visitor();
    let body = json!({"target_api": "franceconnect", "siret": CLAMART});
    let create = caller.request(Method::POST, "/api/enrollments").bearer_auth(token).json(&body);
    // It sends from anywhere: no cookie of ours goes along.
    let created = caller.send(create.header(header::ORIGIN, "https://ailleurs.example")).await.ok();
    owner.get(&format!("/api/enrollments/{}", created["id"])).await.ok();

    let tools = owner.get("/api/me/api_clients").await;
    assert!(!tools.text.contains(&tool.secret) && !tools.text.contains("hash"), "{}", tools.text);
    assert!(tools.ok()[0]["last_used_at"].is_string());
    let query = api_clients::table.select(api_clients::secret_hash);
    let stored: String = app.state.db.read(move |c| Ok(query.first(c)?)).await.unwrap();
    assert_ne!(stored, tool.secret);

    let administrator = app.actor("admin", &["administrator"]).await;
    let log = administrator.get("/api/audit").await.ok();
    let told = |action: &str| {
        let mut lines = log["items"].as_array().unwrap().iter();
        lines.any(|line| line["action"] == action && line["object_id"] == tool.id && line["outcome"] == "done")
    };
    assert!(told("api_client.create") && told("api_client.token"), "{log}");
}

#[tokio::test]
async fn the_token_endpoint_accepts_secrets_in_the_body_and_narrower_scopes() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let tool = Tool::connect(&owner, &BOTH).await;
    let caller = app.visitor();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", tool.id.as_str()),
        ("client_secret", tool.secret.as_str()),
        ("scope", "enrollments:read"),
    ];
    let told = caller.send(caller.request(Method::POST, "/api/oauth/token").form(&form)).await.ok();
    assert_eq!(told["scope"], "enrollments:read");

    let token = told["access_token"].as_str().unwrap();
    let refused = with_token(&caller, Method::POST, "/api/enrollments/1/messages/read", token).await;
    let message = refused.error(403, "forbidden");
    assert!(message.contains("enrollments:write"), "{message}");
    assert_eq!(refused.headers["www-authenticate"], "Bearer error=\"insufficient_scope\", scope=\"enrollments:write\"");
}

#[tokio::test]
async fn what_is_wrong_is_told_as_the_specification_has_it() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let tool = Tool::connect(&owner, &["enrollments:read"]).await;
    let error = |answer: &Answer| (answer.status.as_u16(), answer.json()["error"].as_str().unwrap().to_owned());

    let wrong = Tool { id: tool.id.clone(), secret: "faux".to_owned() };
    let answer = wrong.ask(&app, &[]).await;
    assert_eq!(error(&answer), (401, "invalid_client".to_owned()));
    assert!(answer.headers["www-authenticate"].starts_with("Basic"));
    assert_eq!(answer.headers["cache-control"], "no-store");
    let unknown = Tool { id: "personne".to_owned(), secret: tool.secret.clone() };
    assert_eq!(error(&unknown.ask(&app, &[]).await), (401, "invalid_client".to_owned()));
    let more = tool.ask(&app, &[("scope", "enrollments:read enrollments:write")]).await;
    assert_eq!(error(&more), (400, "invalid_scope".to_owned()));
    assert_eq!(error(&tool.ask(&app, &[("client_secret", "x")]).await), (400, "invalid_request".to_owned()));

    let caller = app.visitor();
    let post = || caller.request(Method::POST, "/api/oauth/token").basic_auth(&tool.id, Some(&tool.secret));
    let answer = caller.send(post().form(&[("grant_type", "password")])).await;
    assert_eq!(error(&answer), (400, "unsupported_grant_type".to_owned()));
    let answer = caller.send(post().form(&[("scope", "enrollments:read")])).await;
    assert_eq!(error(&answer), (400, "invalid_request".to_owned()));
    let answer = caller.send(post().json(&json!({"grant_type": "client_credentials"}))).await;
    assert_eq!(error(&answer), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn guessing_secrets_is_throttled() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let Tool { id, secret } = Tool::connect(&owner, &["enrollments:read"]).await;
    let wrong = Tool { id: id.clone(), secret: "faux".to_owned() };
    for _ in 0..5 {
        assert_eq!(wrong.ask(&app, &[]).await.status, 401);
    }
    let answer = Tool { id, secret }.ask(&app, &[]).await;
    assert_eq!(answer.status, 429);
    assert!(answer.headers["retry-after"].parse::<u64>().unwrap() > 20);
}

#[tokio::test]
async fn a_rotated_secret_overlaps_until_the_old_one_is_dropped() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let first = Tool::connect(&owner, &["enrollments:read"]).await;
    let path = format!("/api/me/api_clients/{}", first.id);
    let second = Tool::of(&owner.post(&format!("{path}/secrets"), &json!({})).await.ok());
    assert_ne!(first.secret, second.secret);
    assert_eq!(owner.get("/api/me/api_clients").await.ok()[0]["has_previous_secret"], true);
    first.token(&app).await;
    second.token(&app).await;
    let left = owner.delete(&format!("{path}/previous_secret")).await.ok();
    assert_eq!(left[0]["has_previous_secret"], false);
    assert_eq!(first.ask(&app, &[]).await.status, 401);
    second.token(&app).await;
}

#[tokio::test]
async fn revocation_and_bans_end_tokens_at_once() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let owner = app.actor("demandeur", &[]).await;
    let revoked = Tool::connect(&owner, &BOTH).await;
    let kept = Tool::connect(&owner, &BOTH).await;
    let (of_revoked, of_kept) = (revoked.token(&app).await, kept.token(&app).await);

    let left = owner.delete(&format!("/api/me/api_clients/{}", revoked.id)).await.ok();
    assert_eq!(left.as_array().unwrap().len(), 1);
    refused(&get(&app, "/api/enrollments", &of_revoked).await);
    assert_eq!(revoked.ask(&app, &[]).await.status, 401);
    get(&app, "/api/enrollments", &of_kept).await.ok();

    let ban = |banned| json!({"email": "demandeur@exemple.fr", "banned": banned, "reason": "R."});
    administrator.post("/api/users/ban", &ban(true)).await.ok();
    refused(&get(&app, "/api/enrollments", &of_kept).await);
    assert_eq!(kept.ask(&app, &[]).await.status, 401);
    administrator.post("/api/users/ban", &ban(false)).await.ok();
    assert_eq!(kept.ask(&app, &[]).await.status, 401, "a ban disconnects tools for good");

    let of_new = Tool::connect(&app.actor("autre", &[]).await, &BOTH).await.token(&app).await;
    signing::rotate(&app.state, true).await.unwrap();
    refused(&get(&app, "/api/enrollments", &of_new).await);
}

/// The claims of a token that is good.
fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn signed(key: &SigningKey, kind: &str, claims: &Value) -> String {
    let header = Header { kid: Some(key.kid.clone()), typ: Some(kind.to_owned()), ..Header::new(Algorithm::RS256) };
    jsonwebtoken::encode(&header, claims, &signing::encoding(key).unwrap()).unwrap()
}

#[tokio::test]
async fn a_forged_or_altered_token_is_401() {
    let scene = Scene::set().await;
    let app = &scene.app;
    let owner = app.actor("demandeur", &[]).await;
    let token = Tool::connect(&owner, &BOTH).await.token(app).await;
    let key = signing::current(&app.state).await.unwrap();
    let good = claims(&token);
    assert_eq!(good["aud"], format!("{}/api", app.state.public_url));
    get(app, "/api/enrollments", &signed(&key, "at+jwt", &good)).await.ok();

    let changed = |member: &str, value: Value| {
        let mut claims = good.clone();
        claims[member] = value;
        signed(&key, "at+jwt", &claims)
    };
    let now = chrono::Utc::now().timestamp();
    let code = scene.code().await;
    let told: Value = scene.exchange(&[], &code).await.json().await.unwrap();
    let id_token = told["id_token"].as_str().unwrap().to_owned();
    let access_token = told["access_token"].as_str().unwrap().to_owned();
    let public = RsaPrivateKey::from_pkcs8_pem(&key.private_pem).unwrap().to_public_key();
    let public = public.to_public_key_pem(LineEnding::LF).unwrap();
    let with_public_key = {
        let kind = Some("at+jwt".to_owned());
        let header = Header { kid: Some(key.kid.clone()), typ: kind, ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &good, &EncodingKey::from_secret(public.as_bytes())).unwrap()
    };
    let header = json!({"alg": "none", "typ": "at+jwt", "kid": key.kid}).to_string();
    let body = token.split('.').nth(1).unwrap();
    let unsigned = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(header));
    let altered = format!("{}x", token);
    let unknown_key = SigningKey { kid: "ailleurs".to_owned(), ..key.clone() };
    for (why, bad) in [
        ("over", changed("exp", json!(now - 1))),
        ("for another", changed("aud", json!("https://ailleurs.example/api"))),
        ("for the provider", changed("aud", json!(app.state.public_url))),
        ("from another", changed("iss", json!("https://ailleurs.example"))),
        ("of no tool", changed("client_id", json!("personne"))),
        ("of another kind", signed(&key, "JWT", &good)),
        ("of an unknown key", signed(&unknown_key, "at+jwt", &good)),
        ("an ID token", id_token),
        ("an access token of the provider", access_token),
        ("HS256 with the public key", with_public_key),
        ("unsigned", unsigned),
        ("altered", altered),
        ("nothing like it", "x".to_owned()),
    ] {
        let answer = get(app, "/api/enrollments", &bad).await;
        assert_eq!(answer.status, 401, "{why}");
        refused(&answer);
    }
}

#[tokio::test]
async fn a_bearer_token_takes_precedence_over_the_cookie() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let other = app.actor("autre", &[]).await;
    owner.submitted("franceconnect").await;
    let token = Tool::connect(&owner, &["enrollments:read"]).await.token(&app).await;
    let list = with_token(&other, Method::GET, "/api/enrollments", &token).await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "the owner’s");
    refused(&with_token(&other, Method::GET, "/api/enrollments", "x").await);
}

#[tokio::test]
async fn a_token_opens_only_the_operations_that_the_document_names() {
    let app = TestApp::start();
    let owner = app.actor("admin", &["administrator"]).await;
    let token = Tool::connect(&owner, &["enrollments:read"]).await.token(&app).await;
    let document: Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let mut for_tools = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let values =
            [("{target_api}", "franceconnect"), ("{siret}", CLAMART), ("{format}", "csv"), ("{type}", "LegalBasis")];
        let numbers = ["{id}", "{point}", "{opinion}", "{revision}"].map(|part| (part, "1"));
        let address = values.iter().chain(&numbers).fold(path.clone(), |path, (part, value)| path.replace(part, value));
        for (method, operation) in operations.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let security = operation["security"].as_array().unwrap();
            let visitor = app.visitor();
            let answer = visitor.send(visitor.request(method.clone(), &address)).await;
            assert_eq!(
                answer.status == 401 && path != "/api/oauth/token",
                !security.is_empty(),
                "{method} {path}: {}",
                answer.status
            );
            if security.is_empty() {
                continue;
            }
            let scope = security.iter().find_map(|way| way["clientCredentials"][0].as_str());
            let answer = with_token(&visitor, method.clone(), &address, &token).await;
            if scope == Some("enrollments:read") {
                for_tools += 1;
                assert!(!answer.headers.contains_key("www-authenticate") && answer.status != 401, "{method} {path}");
            } else {
                // A body that is missing may be noticed first.
                assert!([403, 400, 415].contains(&answer.status.as_u16()), "{method} {path}: {}", answer.status);
            }
        }
    }
    assert!(for_tools > 15, "{for_tools}");
    get(&app, "/api/users", &token).await.error(403, "forbidden");
    get(&app, "/api/me/api_clients", &token).await.error(403, "forbidden");
}

#[tokio::test]
async fn invalid_api_clients_are_refused_and_those_of_others_are_404() {
    let app = TestApp::start();
    let owner = app.actor("demandeur", &[]).await;
    let other = app.actor("autre", &[]).await;
    for (member, value, place) in [
        ("name", json!(" "), "/name: format"),
        ("name", json!("x".repeat(101)), "/name: format"),
        ("name", json!("a\nb"), "/name: format"),
        ("scopes", json!([]), "/scopes: required"),
        ("scopes", json!(["everything"]), "/scopes/0: format"),
        ("user_id", json!(1), "/user_id: unknown"),
    ] {
        let mut new = json!({"name": "Outil", "scopes": BOTH});
        new[member] = value;
        assert_eq!(owner.post("/api/me/api_clients", &new).await.places(), [place], "{new}");
    }
    let tool = Tool::connect(&owner, &BOTH).await;
    let path = format!("/api/me/api_clients/{}", tool.id);
    other.delete(&path).await.error(404, "not_found");
    other.delete(&format!("{path}/previous_secret")).await.error(404, "not_found");
    other.post(&format!("{path}/secrets"), &json!({})).await.error(404, "not_found");
    assert_eq!(other.get("/api/me/api_clients").await.ok(), json!([]));
    app.visitor().get("/api/me/api_clients").await.error(401, "unauthorized");
    tool.token(&app).await;

    for _ in 1..20 {
        Tool::connect(&owner, &BOTH).await;
    }
    owner.post("/api/me/api_clients", &json!({"name": "Outil", "scopes": BOTH})).await.error(409, "wrong_status");
}

#[tokio::test]
async fn api_clients_get_tokens_with_an_external_issuer_too() {
    let app = TestApp::start_with(|config| {
        config.oidc = Some(Oidc {
            issuer: "https://ailleurs.example".to_owned(),
            client_id: "datapass".to_owned(),
            client_secret: "s3cret".to_owned(),
            scopes: None,
            auth_method: None,
            pkce: true,
            signed_userinfo: false,
            claims: std::collections::BTreeMap::new(),
            extra_params: Vec::new(),
        });
    });
    let owner = app.actor("demandeur", &[]).await;
    let token = Tool::connect(&owner, &["enrollments:read"]).await.token(&app).await;
    get(&app, "/api/enrollments", &token).await.ok();
    // Accounts are made there, too.
    assert!(!app.visitor().get("/").await.text.contains("Créer un compte"));
}
