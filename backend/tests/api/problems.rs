//! Errors: RFC 9457, the id of the request, and for every endpoint the place of what is wrong.

mod wrong_calls;

use reqwest::{Method, header};
use serde_json::{Value, json};
use shared::problem::{ErrorCode, ItemCode};

use self::wrong_calls::{Wrong, wrong_bodies, wrong_queries};
use crate::mail_events::EVENTS_SECRET;
use crate::support::{CLAMART, Client, TestApp};

/// Whether a detail has none of the words with which the parsers of Rust complain.
fn is_french(detail: &str) -> bool {
    let english = ["invalid", "expected", "missing", "duplicate", "premature", "input", "string", "number"];
    !detail.split(|c: char| !c.is_alphabetic() && c != '_').any(|word| english.contains(&word))
}

async fn send(caller: &Client, id: i64, wrong: &Wrong) -> crate::support::Answer {
    let path = wrong.pattern.replace("{id}", &id.to_string()).replace("{type}", "LegalBasis");
    let path =
        path.replace("{format}", "csv").replace("{siret}", "123").replace("{opinion}", "1").replace("{point}", "1");
    let path = if wrong.query.is_empty() { path } else { format!("{path}?{}", wrong.query) };
    let mut request = caller.request(wrong.method.clone(), &path);
    if wrong.pattern == "/api/mailjet/events" {
        request = request.basic_auth("mailjet", Some(EVENTS_SECRET));
    }
    caller.send(wrong.body.as_ref().map_or(request.try_clone().unwrap(), |body| request.json(body))).await
}

/// The errors that the document describes, to hold real ones against.
fn documented() -> jsonschema::Validator {
    let document: Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let mut schema = json!({"$ref": "#/components/schemas/ProblemDetails"});
    schema["components"] = document["components"].clone();
    jsonschema::validator_for(&schema).unwrap()
}

#[tokio::test]
async fn every_endpoint_names_the_place_of_what_cannot_be_read() {
    let app = TestApp::start_with(|config| {
        config.demo = true;
        config.mailjet_events_secret = Some(EVENTS_SECRET.to_owned());
    });
    let administrator = app.actor("admin", &["administrator", "api_particulier:instructor"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let draft = applicant.complete("api_particulier").await;
    let submitted = applicant.submitted("api_particulier").await;
    let documented = documented();
    let mut calls = wrong_queries();
    calls.extend(wrong_bodies());
    let mut failures = Vec::new();
    for wrong in &calls {
        // What is written is the applicant's, what is decided the instructor's, the rest the administrator's.
        let is_written =
            wrong.pattern == "/api/enrollments/{id}" || wrong.method == Method::PUT && wrong.body.is_none();
        let (caller, id) = if is_written { (&applicant, draft) } else { (&administrator, submitted) };
        let answer = send(caller, id, wrong).await;
        let is_named = answer.status == 400
            && answer.places() == [wrong.place]
            && documented.is_valid(&answer.json())
            && is_french(&answer.problem().errors[0].detail);
        if !is_named {
            failures.push(format!(
                "{} {}?{} {:?}: not {} but {}",
                wrong.method, wrong.pattern, wrong.query, wrong.body, wrong.place, answer.text
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // None is forgotten: neither an endpoint that reads a query, nor one that reads a body.
    let document: Value = app.visitor().get("/api/openapi.json").await.ok();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            let reads_query = parameters.any(|parameter| parameter["in"] == "query");
            let reads_body = operation["requestBody"]["content"].get("application/json").is_some();
            let is_tried =
                calls.iter().any(|wrong| wrong.pattern == path && wrong.method.as_str() == method.to_uppercase());
            assert!(is_tried || !(reads_query || reads_body), "{method} {path}: add a wrong call of it");
        }
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_named() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = applicant.submitted("franceconnect").await;
    let path = format!("/api/enrollments/{id}");
    let correction = json!({"reason": "Erreur.", "member": {"type": "responsable_technique"}});
    for (caller, method, path, body) in [
        (&applicant, Method::PATCH, path.clone(), json!({})),
        (&applicant, Method::PATCH, format!("{path}/change_state"), json!({"event": "withdraw"})),
        (&applicant, Method::PUT, format!("{path}/documents/LegalBasis?filename=a.pdf"), json!({})),
        (&applicant, Method::DELETE, format!("{path}/documents/LegalBasis"), json!({})),
        (&administrator, Method::POST, format!("{path}/contacts"), correction),
    ] {
        let request = caller.request(method, &path).header(header::IF_MATCH, "hier").json(&body);
        assert_eq!(caller.send(request).await.places(), ["If-Match: format"], "{path}");
    }
}

#[tokio::test]
async fn every_resource_names_the_fields_that_are_not_acceptable() {
    let app = TestApp::start();
    let applicant = app.actor_of("demandeur", &[], &[CLAMART]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let documented = documented();
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let elsewhere = json!({"target_api": "api_particulier", "siret": "13002526500013"});
    let many = vec!["other"; 21].join(",");
    let mut refused = vec![
        (applicant.get("/api/enrollments?target_api=nothing").await, "?target_api: unknown"),
        (applicant.get(&format!("/api/enrollments?demarche={many}")).await, "?demarche: too_long"),
        (applicant.post("/api/enrollments", &elsewhere).await, "/siret: not_eligible"),
        (applicant.patch(&path, &json!({"intitule": "x".repeat(301)})).await, "/intitule: too_long"),
    ];
    applicant.patch(&path, &json!({"intitule": ""})).await.ok();
    refused.push((applicant.step(id, "submit", "").await, "/intitule: required"));
    applicant.patch(&path, &json!({"intitule": "Cantine"})).await.ok();
    applicant.step(id, "submit", "").await.ok();
    let offer = json!({"event": "offer_partial_grant", "comment": "x", "struck": ["inconnu"]});
    refused.push((instructor.patch(&format!("{path}/change_state"), &offer).await, "/struck: unknown"));
    let people = applicant.get(&path).await.ok()["team_members"].clone();
    let mut member =
        people.as_array().unwrap().iter().find(|one| one["type"] == "responsable_technique").unwrap().clone();
    member["email"] = json!("x");
    let correction = json!({"reason": "Erreur.", "member": member});
    refused.push((administrator.post(&format!("{path}/contacts"), &correction).await, "/member/email: format"));
    for (answer, place) in refused {
        assert_eq!(answer.fields(), [place], "{}", answer.text);
        assert!(documented.is_valid(&answer.json()), "{}", answer.text);
    }
}

#[tokio::test]
async fn policies_that_cannot_be_read_are_told_by_file_and_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    let app = TestApp::start_with(|config| config.policies_dir = Some(path));
    std::fs::write(directory.path().join("api_fausse.toml"), "label = 3\n").unwrap();
    let refused = app.actor("admin", &["administrator"]).await.post("/api/policies/reload", &json!({})).await;
    assert_eq!(refused.places(), [": format"]);
    assert!(refused.problem().detail.contains("api_fausse.toml:1:"), "{}", refused.text);
}

#[tokio::test]
async fn an_error_says_what_to_do_and_where_to_read_on() {
    let app = TestApp::start();
    let page = app.visitor().get("/api/docs/problems").await;
    assert!(page.status.is_success() && page.headers["content-type"].starts_with("text/html"), "{}", page.text);
    for code in ErrorCode::ALL {
        assert!(page.text.contains(&format!("<h2 id=\"{code}\">")), "{code}");
        assert!(page.text.contains(&format!("/api/docs/problems#{code}").replace('/', "&#x2f;")), "{code}");
    }
    for code in ItemCode::ALL {
        assert!(page.text.contains(&format!("<td><code>{code}</code></td>")), "{code}");
    }
    // Examples show each of the fields that they talk about.
    assert!(page.text.contains("&quot;&#x2f;team_members&#x2f;-&#x2f;email&quot;"), "{}", page.text);
    let elsewhere = app.visitor().post("/nulle-part", &json!({})).await;
    assert!(elsewhere.error(405, "method_not_allowed").contains("méthode"));
}
