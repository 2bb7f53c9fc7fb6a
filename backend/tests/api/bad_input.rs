//! What cannot be read, is too large, or does not exist: a clear answer, never a 500.

use datapass::connection::types::now;
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::support::{CLAMART, TestApp};

#[tokio::test]
async fn unknown_resources_are_404() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    for path in [
        "/api/nothing",
        "/api/enrollments/999",
        "/api/enrollments/abc",
        "/api/enrollments/99999999999999999999999",
        "/api/enrollments/999/events",
        "/api/enrollments/999/documents/LegalBasis",
        "/api/enrollments/1/documents/Passport",
        "/api/policies/nothing",
        "/api/policies/api_particulier/revisions/0000",
        "/api/mailbox",
        "/assets/nothing.js",
    ] {
        user.get(path).await.error(404, "not_found");
    }
    let unknown = user.post("/api/enrollments", &json!({"target_api": "nothing"})).await;
    unknown.error(404, "not_found");
}

#[tokio::test]
async fn an_unreadable_body_is_400_and_names_the_member() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let id = user.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let state = format!("{path}/change_state");

    let raw = |method: Method, path: &str, kind: &'static str, body: &str| {
        user.request(method, path).header(header::CONTENT_TYPE, kind).body(body.to_owned())
    };
    for body in ["", "{", "[]", "\"x\"", "{} x", "\u{0}"] {
        user.send(raw(Method::PATCH, &path, "application/json", body)).await.error(400, "bad_request");
    }
    for kind in ["text/plain", "application/xml", "multipart/form-data", ""] {
        user.send(raw(Method::PATCH, &path, kind, "{}")).await.error(415, "unsupported_media_type");
    }
    let large = format!("{{\"description\": \"{}\"}}", "x".repeat(3 * 1024 * 1024));
    user.send(raw(Method::PATCH, &path, "application/json", &large)).await.error(413, "payload_too_large");

    for (member, value, place) in [
        ("status", json!("validated"), "/status: unknown"),
        ("demandeur_id", json!(1), "/demandeur_id: unknown"),
        ("scopes", json!({"cnaf_adresse": true}), "/scopes: format"),
        ("data_retention_period", json!("douze"), "/data_retention_period: format"),
        ("data_retention_period", json!(-1), "/data_retention_period: format"),
        ("siret", json!("123"), "/siret: format"),
        ("team_members", json!([{"type": "ministre"}]), "/team_members/0/type: format"),
        ("technical_team_type", json!("magic"), "/technical_team_type: format"),
        ("additional_content", json!([]), "/additional_content: format"),
    ] {
        assert_eq!(user.patch(&path, &json!({member: value})).await.places(), [place]);
    }
    for (body, named) in [
        (json!({}), "/event: required"),
        (json!({"event": "explode"}), "/event: format"),
        (json!({"event": "update"}), "/event: format"),
        (json!({"event": "submit", "comment": 3}), "/comment: format"),
        (json!({"event": "submit", "force": true}), "/force: unknown"),
    ] {
        assert_eq!(user.patch(&state, &body).await.places(), [named]);
    }
    for query in ["sort=price", "limit=0", "limit=x", "cursor=zzz", "status=unknown", "colour=red", "search=%00"] {
        user.get(&format!("/api/enrollments?{query}")).await.error(400, "bad_request");
    }
    let stale = user.request(Method::PATCH, &path).header(header::IF_MATCH, "yesterday").json(&json!({}));
    user.send(stale).await.error(400, "bad_request");
}

#[tokio::test]
async fn a_partial_update_changes_only_what_it_names() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let id = user.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let before = user.get(&path).await.ok();
    let after = user.patch(&path, &json!({"intitule": "Crèche"})).await.ok();
    for (member, value) in before.as_object().unwrap() {
        if !["intitule", "version", "updated_at"].contains(&member.as_str()) {
            assert_eq!(&after[member], value, "{member}");
        }
    }
    assert_eq!(after["intitule"], "Crèche");
}

#[tokio::test]
async fn a_stale_version_is_409_and_changes_nothing() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let id = user.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let read = user.get(&path).await;
    let etag = read.headers["etag"].clone();
    let write = |title: &str| {
        user.request(Method::PATCH, &path).header(header::IF_MATCH, etag.clone()).json(&json!({"intitule": title}))
    };
    user.send(write("Première")).await.ok();
    user.send(write("Seconde")).await.error(409, "stale_version");
    assert_eq!(user.get(&path).await.ok()["intitule"], "Première");
}

#[tokio::test]
async fn an_incomplete_submission_names_every_field() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let draft = json!({"target_api": "api_particulier", "siret": CLAMART, "data_retention_period": 48});
    let id = user.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap();
    let refused = user.step(id, "submit", "").await;
    let expected: Vec<String> = [
        "/technical_team_type: required",
        "/intitule: required",
        "/description: required",
        "/scopes: required",
        "/data_recipients: required",
        "/data_retention_comment: required",
        "/fondement_juridique_title: required",
        "/fondement_juridique_url: required",
    ]
    .into_iter()
    .map(ToOwned::to_owned)
    .chain((0..3).flat_map(|_| {
        ["given_name", "family_name", "email", "phone_number", "job"]
            .map(|attribute| format!("/team_members/-/{attribute}: required"))
    }))
    .chain(["/cgu_approved: required", "/dpo_is_informed: required"].map(ToOwned::to_owned))
    .collect();
    assert_eq!(refused.fields(), expected);
    // Nobody of them is there yet: the text says whom to add.
    let absent: Vec<String> = refused.problem().errors.into_iter().skip(8).take(15).map(|item| item.detail).collect();
    let people = ["responsable de traitement", "délégué à la protection des données", "responsable technique"];
    for (details, who) in absent.chunks(5).zip(people) {
        assert!(
            details.iter().all(|detail| detail.ends_with(&format!("Personne à ajouter\u{a0}: {who}."))),
            "{details:?}"
        );
    }
    assert_eq!(user.get(&format!("/api/enrollments/{id}")).await.ok()["status"], "draft");
}

#[tokio::test]
async fn unstorable_content_is_refused_on_save() {
    let app = TestApp::start();
    let user = app.actor_of("demandeur", &[], &[CLAMART]).await;
    let id = user.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    for (body, expected) in [
        (json!({"intitule": "x".repeat(301)}), "/intitule: too_long"),
        (json!({"scopes": ["dgfip_rfr"]}), "/scopes: unknown"),
        (json!({"demarche": "inconnue"}), "/demarche: unknown"),
        (json!({"additional_content": {"eidas_level": "1"}}), "/additional_content/eidas_level: unknown"),
        (json!({"data_retention_period": 1201}), "/data_retention_period: too_long"),
        (json!({"siret": "13002526500013"}), "/siret: not_eligible"),
    ] {
        assert_eq!(user.patch(&path, &body).await.fields(), [expected]);
    }
}

#[tokio::test]
async fn the_applicant_of_a_request_is_the_account_that_files() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let id = user.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let forged = json!({"team_members": [{"type": "demandeur", "email": "autre@exemple.fr", "given_name": "Autre"}]});
    let written = user.patch(&path, &forged).await.ok();
    assert_eq!(written["team_members"][0]["email"], "demandeur@exemple.fr");
    assert_eq!(written["team_members"][0]["given_name"], "demandeur");
}

#[tokio::test]
async fn a_cross_site_write_is_refused() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    let id = user.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://mal.example")]
    {
        let request = user.request(Method::PATCH, &path).header(name, value).json(&json!({"intitule": "x"}));
        user.send(request).await.error(403, "forbidden");
    }
    let own =
        user.request(Method::PATCH, &path).header("sec-fetch-site", "same-origin").json(&json!({"intitule": "x"}));
    user.send(own).await.ok();
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start();
    for path in ["/api/ping", "/api/enrollments/1", "/api/nothing"] {
        let answer = app.visitor().get(path).await;
        for header in ["content-security-policy", "x-content-type-options", "referrer-policy", "x-frame-options"] {
            assert!(answer.headers.contains_key(header), "{header} of {path}");
        }
        assert!(!answer.headers.contains_key("strict-transport-security"), "nothing of the sort without https");
    }
    // Behind a proxy that speaks https.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let secure = TestApp::start_with(|config| {
        config.port = free.port();
        config.public_url = Some("https://datapass.example".to_owned());
    });
    let mut visitor = secure.visitor();
    visitor.url = format!("http://{free}");
    let answer = visitor.get("/api/ping").await;
    assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
}

#[tokio::test]
async fn every_body_has_its_type_and_every_text_its_charset() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &["administrator", "api_particulier:instructor"]).await;
    let id = user.complete("api_particulier").await;
    let document: Value = app.visitor().get("/api/openapi.json").await.ok();
    let paths = document["paths"].as_object().unwrap().iter().filter(|(_, methods)| methods["get"].is_object());
    let values = [
        ("{id}", &*id.to_string()),
        ("{type}", "LegalBasis"),
        ("{format}", "csv"),
        ("{target_api}", "api_particulier"),
    ];
    let paths =
        paths.map(|(path, _)| values.iter().fold(path.clone(), |path, (name, value)| path.replace(name, value)));
    let pages = ["/", "/public", "/faq", "/connexion", "/robots.txt", "/sitemap.xml", "/nulle-part"].map(str::to_owned);
    for path in paths.chain(pages) {
        let answer = user.get(&path).await;
        if answer.text.is_empty() {
            continue;
        }
        let kind = answer.headers.get("content-type").unwrap_or_else(|| panic!("{path}: {}", answer.text));
        assert!(!kind.starts_with("text/") || kind.contains("; charset=utf-8"), "{path}: {kind}");
        let is_xml = kind.contains("xml") && !kind.contains("charset");
        assert!(!is_xml || answer.text.contains("encoding=\"utf-8\""), "{path}: {kind}");
    }
}

#[tokio::test]
async fn what_is_there_twice_is_refused() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &[]).await;
    for (path, place) in [
        ("/api/enrollments?search=a&limit=2&search=b", "?search: format"),
        ("/api/enrollments/public?state=active&state=revoked", "?state: format"),
        ("/api/stats?from=2026-01&from=2026-02", "?from: format"),
    ] {
        assert_eq!(user.get(path).await.places(), [place], "{path}");
    }
    let request = user.request(Method::POST, "/api/oauth/token");
    let answer = user.send(request.form(&[("grant_type", "client_credentials"), ("grant_type", "password")])).await;
    assert!(answer.status == 400 && answer.text.contains("invalid_request"), "{}", answer.text);
    let request = user.request(Method::PATCH, &format!("/api/enrollments/{}", user.complete("api_particulier").await));
    let twice =
        request.header(header::CONTENT_TYPE, "application/json").body("{\"intitule\": \"a\", \"intitule\": \"b\"}");
    // JSON keeps the last, as every parser of ours reads it.
    assert_eq!(user.send(twice).await.ok()["intitule"], "b");
}

#[tokio::test]
async fn no_input_on_any_route_gives_a_500() {
    let app = TestApp::start();
    let user = app.actor("demandeur", &["administrator", "api_particulier:instructor"]).await;
    let id = user.complete("api_particulier").await;
    let document: Value = app.visitor().get("/api/openapi.json").await.ok();
    let bodies = [
        json!(null),
        json!(1),
        json!([]),
        json!({"\u{0}": "\u{0}"}),
        json!({"intitule": "\u{0}"}),
        json!({"event": null}),
    ];
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if path.contains("sign_in") || path.contains("sign_out") {
                continue;
            }
            let path = path.replace("{id}", &id.to_string()).replace("{type}", "LegalBasis");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            for body in &bodies {
                let answer = user.send(user.request(method.clone(), &path).json(body)).await;
                assert!(answer.status.as_u16() < 500, "{method} {path} {body}: {} {}", answer.status, answer.text);
            }
        }
    }
}

#[tokio::test]
async fn invisible_characters_are_refused_in_messages() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let reporter = app.actor("rapporteuse", &["api_particulier:reporter"]).await;
    let id = applicant.submitted("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let candidates = instructor.get(&format!("{path}/opinions/candidates")).await.ok();
    let question = |text: &str| {
        let due_on = (now() + chrono::Duration::days(7)).date_naive();
        json!({"recipient": candidates[0]["recipient"], "question": text, "due_on": due_on})
    };
    let opinion = instructor.post(&format!("{path}/opinions"), &question("Qu’en pensez-vous\u{a0}?")).await.ok();
    let opinion = format!("{path}/opinions/{}", opinion[0]["id"]);
    for text in ["Voici\u{7}", "a\u{202e}b", "a\u{2066}b"] {
        let answers = [
            instructor.step(id, "request_changes", text).await,
            instructor.post(&format!("{path}/messages"), &json!({"body": text})).await,
            instructor.post(&format!("{path}/messages"), &json!({"body": text, "note": true})).await,
            applicant.post(&format!("{path}/messages"), &json!({"body": text})).await,
            instructor.post(&format!("{path}/opinions"), &question(text)).await,
            reporter.put(&opinion, &json!({"verdict": "unfavourable", "text": text})).await,
        ];
        for answer in answers {
            assert!(answer.error(400, "bad_request").contains("invisibles"), "{text:?}: {}", answer.text);
        }
    }
    // HTML, tabs and lines are text like any other.
    instructor.step(id, "request_changes", "<b>Précisez</b>\r\n\tle <script>").await.ok();
    let events = applicant.get(&format!("{path}/events")).await.ok();
    assert_eq!(events.as_array().unwrap().last().unwrap()["comment"], "<b>Précisez</b>\n\tle <script>");
}
