//! Control characters, which nobody types and PostgreSQL does not store: refused on every way in, never a 500.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::sign_in::scene::{EMAIL, PASSWORD, Page, Scene};
use crate::support::{Client, TestApp};

/// What is put in the place of each value: as it is, and as an address has it.
const NUL: &str = "a\0b";
const ENCODED_NUL: &str = "a%00b";

/// Every field of the provider's forms, with a value that leads as far as possible.
const FIELDS: &[(&str, &str)] = &[
    ("code", "12345678"),
    ("confirmed", "21920023500014"),
    ("current", PASSWORD),
    ("decision", "refuse"),
    ("domain", "on"),
    ("email", EMAIL),
    ("external", "on"),
    ("family_name", "Exemple"),
    ("given_name", "Camille"),
    ("id", "1"),
    ("job", "Secrétaire"),
    ("next", "/demandes"),
    ("password", PASSWORD),
    ("phone_number", "01 23 45 67 89"),
    ("reason", "Inconnue"),
    ("request", "client_id=datapass"),
    ("reset", "x"),
    ("siret", "21920023500014"),
];

#[tokio::test]
async fn no_route_of_the_api_fails_on_a_null_character() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &["administrator", "api_particulier:instructor"]).await;
    let id = user.complete("api_particulier").await;
    let document: Value = app.visitor().get("/api/openapi.json").await.ok();
    for (pattern, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = |wrong: &str| {
                let mut path = pattern.clone();
                for name in names(operation, "path") {
                    let known = if name == "id" { id.to_string() } else { "1".to_owned() };
                    let value = if name == wrong { ENCODED_NUL.to_owned() } else { known };
                    path = path.replace(&format!("{{{name}}}"), &value);
                }
                path
            };
            let sound = path("");
            for name in names(operation, "path") {
                refused(&user, user.request(method.clone(), &path(&name)), &[400]).await;
            }
            for name in names(operation, "query") {
                let address = format!("{sound}?{name}={ENCODED_NUL}");
                refused(&user, user.request(method.clone(), &address), &[400]).await;
            }
            for name in names(operation, "header") {
                // Nothing but a tab gets into a header.
                let request = user.request(method.clone(), &sound).header(name.as_str(), "a\tb");
                let status = user.send(request).await.status.as_u16();
                assert!(status < 500, "{method} {sound} {name}: {status}");
            }
            for body in bodies(&document, operation) {
                let request = user.request(method.clone(), &sound).json(&body);
                // Who may not call it, or what is not there in this place, is told first.
                refused(&user, request, &[400, 401, 403, 404, 409]).await;
            }
        }
    }
}

#[tokio::test]
async fn line_ends_and_tabs_stay_in_texts_of_several_lines_alone() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let id = user.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let lines = "Un\r\n\tDeux";
    user.patch(&path, &json!({"description": lines, "data_recipients": lines})).await.ok();
    let member = json!([{"type": "responsable_technique", "job": lines}]);
    for (body, place) in [
        (json!({"intitule": lines}), "/intitule: format"),
        (json!({"team_members": member}), "/team_members/0/job: format"),
        (json!({"description": "a\u{7f}"}), "/description: format"),
        (json!({"description": "a\u{b}"}), "/description: format"),
    ] {
        let answer = user.patch(&path, &body).await;
        assert_eq!(answer.places(), [place]);
        assert!(answer.error(400, "bad_request").contains("caractères invisibles"), "{}", answer.text);
    }
}

#[tokio::test]
async fn no_page_of_the_provider_fails_on_a_null_character() {
    let scene = Scene::set().await;
    scene.code().await;
    let token = scene.browser.follow("/users/password").await.hidden("token");
    let forms: Vec<String> = addresses("post").into_iter().filter(|path| !is_for_programs(path)).collect();
    assert!(forms.len() > 15, "{forms:?}");
    for path in &forms {
        for (wrong, _) in FIELDS {
            for value in [NUL, "a\u{7f}b"] {
                let value = |name, sound| if name == *wrong { value } else { sound };
                let fields: Vec<(&str, &str)> = FIELDS
                    .iter()
                    .map(|(name, sound)| (*name, value(*name, *sound)))
                    .chain([("token", &*token)])
                    .collect();
                let page = send(&scene, path, &fields).await;
                // Who is not signed in, or may not come there, is told that first.
                let is_refused = matches!(page.status.as_u16(), 303 | 404 | 422);
                assert!(is_refused, "{path} {wrong}: {} {}", page.status, page.html);
            }
        }
    }
    for path in addresses("get") {
        for name in FIELDS.iter().map(|(name, _)| *name).chain(["state", "client_id", "token", "id_token_hint"]) {
            let address = format!("{}?{name}={ENCODED_NUL}", path.replace("{id}", "1"));
            let status = scene.browser.get(&address).await.status();
            let is_told = status.is_redirection() || status == StatusCode::BAD_REQUEST;
            assert!(
                if path == "/oauth/authorize" { is_told } else { status == StatusCode::BAD_REQUEST },
                "{address}: {status}"
            );
        }
    }
}

#[tokio::test]
async fn the_endpoints_of_oauth_refuse_null_characters_in_their_own_words() {
    let scene = Scene::set().await;
    let paths: Vec<String> = addresses("post").into_iter().filter(|path| is_for_programs(path)).collect();
    assert!(paths.len() > 2, "{paths:?}");
    for path in paths.iter().map(String::as_str).chain(["/api/oauth/token"]) {
        for (name, sound) in [("grant_type", "client_credentials"), ("client_id", "x"), ("token", "x")] {
            let fields = [(name, NUL), ("client_secret", "x"), ("other", sound)];
            let page = send(&scene, path, &fields).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path} {name}: {}", page.html);
            assert!(page.html.contains("invalid_request"), "{path} {name}: {}", page.html);
        }
    }
}

#[tokio::test]
async fn no_public_page_fails_on_a_null_character() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for path in ["/", "/nouvelle-demande", "/public", "/stats", "/stats/api_particulier", "/faq", "/api_particulier"] {
        for name in ["q", "search", "siret", "page", "cursor", "target_api", "from"] {
            let answer = visitor.get(&format!("{path}?{name}={ENCODED_NUL}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {name}");
            assert!(answer.text.contains("caractères invisibles"), "{}", answer.text);
        }
    }
    let unknown = visitor.get("/public/a%00b").await;
    assert!(unknown.status.is_client_error(), "{}", unknown.status);
}

async fn send(scene: &Scene, path: &str, fields: &[(&str, &str)]) -> Page {
    let url = format!("{}{}", scene.url, path.replace("{id}", "1"));
    Page::read(scene.browser.client.post(url).form(fields).send().await.unwrap()).await
}

async fn refused(user: &Client, request: reqwest::RequestBuilder, expected: &[u16]) {
    let named = format!("{request:?}");
    let answer = user.send(request).await;
    assert!(expected.contains(&answer.status.as_u16()), "{named}: {} {}", answer.status, answer.text);
}

/// The names of the parameters of an operation that stand there.
fn names(operation: &Value, place: &str) -> Vec<String> {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let here = parameters.into_iter().filter(|parameter| parameter["in"] == place);
    here.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
}

/// JSON bodies with a null character: each in one member that is a text, at whatever depth, and nothing else.
fn bodies(document: &Value, operation: &Value) -> Vec<Value> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let mut bodies = Vec::new();
    collect(document, schema, &|value| value, &mut bodies, 0);
    bodies
}

fn collect(document: &Value, schema: &Value, around: &dyn Fn(Value) -> Value, bodies: &mut Vec<Value>, depth: usize) {
    if depth > 8 {
        return;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return collect(document, &document["components"]["schemas"][name], around, bodies, depth + 1);
    }
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|part| schema[part].as_array()).flatten() {
        collect(document, part, around, bodies, depth + 1);
    }
    let kind = &schema["type"];
    if kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("string"))) {
        bodies.push(around(json!(NUL)));
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        collect(document, member, &|value| around(json!({name: value})), bodies, depth + 1);
    }
    if schema["items"].is_object() {
        collect(document, &schema["items"], &|value| around(json!([value])), bodies, depth + 1);
    }
    if schema["additionalProperties"].is_object() {
        collect(document, &schema["additionalProperties"], &|value| around(json!({"x": value})), bodies, depth + 1);
    }
}

/// What clients call themselves.
fn is_for_programs(path: &str) -> bool {
    path.starts_with("/oauth/") && path != "/oauth/logout"
}

/// The addresses that the provider takes with that method, from its source.
fn addresses(method: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/identity")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let source = std::fs::read_to_string(entry).unwrap();
            let mark = format!("#[{method}(\"");
            found.extend(source.split(&mark).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
    found
}
