//! Who may keep an answer: nobody, or its reader where it carries a tag. What anybody may read says otherwise itself.

use serde_json::Value;

use crate::sign_in::scene::Scene;
use crate::support::{Answer, TestApp};

/// What anybody may read and keep, and for how long.
const PUBLIC: [(&str, &str); 11] = [
    ("/api/policies", "no-cache"),
    ("/api/policies/{target_api}", "no-cache"),
    ("/api/policies/{target_api}/revisions/{revision}", "public, max-age=31536000, immutable"),
    ("/api/stats", "public, max-age=60"),
    ("/api/stats.csv", "public, max-age=60"),
    ("/api/enrollments/public.csv", "no-cache"),
    ("/api/enrollments/public.json", "no-cache"),
    ("/api/enrollments/public.atom", "no-cache"),
    ("/.well-known/openid-configuration", "public, max-age=300"),
    ("/oauth/jwks", "public, max-age=300"),
    ("/", "no-cache"),
];

fn wanted(pattern: &str, answer: &Answer) -> &'static str {
    let public = PUBLIC.iter().find(|(known, _)| *known == pattern).filter(|_| answer.status.is_success());
    match public {
        Some((_, kept)) => kept,
        None if answer.headers.contains_key("etag") => "private, no-cache",
        None => "no-store",
    }
}

#[tokio::test]
async fn no_answer_of_the_api_is_kept_by_others() {
    let app = TestApp::start_with(|config| config.demo = true);
    let applicant = app.actor("demandeur", &["administrator", "api_particulier:instructor"]).await;
    let id = applicant.submitted("api_particulier").await;
    let revision = applicant.get(&format!("/api/enrollments/{id}")).await.ok()["policy_revision"].clone();
    let document: Value = applicant.get("/api/openapi.json").await.ok();
    let (mut wrong, mut read) = (Vec::new(), 0);
    for (pattern, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() {
            continue;
        }
        let path = pattern.replace("{id}", &id.to_string()).replace("{target_api}", "api_particulier");
        let path = path.replace("{revision}", revision.as_str().unwrap()).replace("{type}", "LegalBasis");
        let path = path.replace("{format}", "csv").replace("{siret}", crate::support::CLAMART).replace("{token}", "x");
        let query = if pattern == "/api/stats.csv" { "?table=monthly" } else { "" };
        for caller in [&applicant, &app.visitor()] {
            let answer = caller.get(&format!("{path}{query}")).await;
            read += usize::from(answer.status.is_success());
            if answer.headers.get("cache-control").map(String::as_str) != Some(wanted(pattern, &answer)) {
                wrong.push(format!("{pattern}: {} {:?}", answer.status, answer.headers.get("cache-control")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read > 50, "only {read} were read");
    let changed = applicant.post("/api/me/filters", &serde_json::json!({"name": "a", "query": ""})).await;
    assert_eq!((changed.status.is_success(), &*changed.headers["cache-control"]), (true, "no-store"));
}

#[tokio::test]
async fn no_page_of_somebody_is_kept_by_others() {
    let scene = Scene::set().await;
    let visitor = scene.app.visitor();
    let signed_in = scene.app.actor("demandeur", &[]).await;
    for path in [
        "/connexion",
        "/connexion/code",
        "/oauth/authorize",
        "/oauth/userinfo",
        "/oauth/logout",
        "/oauth/jwks",
        "/.well-known/openid-configuration",
        "/users/sign-up",
        "/users/account",
        "/users/account/delete",
        "/users/account/second-factor",
        "/users/change-email",
        "/users/change-password",
        "/users/join-organization",
        "/users/moderations",
        "/users/organizations",
        "/users/password",
        "/users/personal-information",
        "/users/reset-password",
        "/users/select-organization",
        "/users/verify-email",
        "/",
    ] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.headers["cache-control"], wanted(path, &answer), "{path}");
    }
    scene.browser.sign_in(&format!("{}/api/sign_in", scene.url)).await;
    for path in ["/users/password", "/users/personal-information"] {
        let page = scene.browser.get(&format!("{}{path}", scene.url)).await;
        assert_eq!(
            (page.status().as_u16(), page.headers()["cache-control"].to_str().unwrap()),
            (200, "no-store"),
            "{path}"
        );
    }
    for path in ["/faq", "/public", "/stats"] {
        let page = signed_in.get(path).await;
        assert_eq!(page.headers["cache-control"], "private, no-cache", "{path} names who is signed in");
    }
}
