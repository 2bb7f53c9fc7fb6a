//! `ETag` and its conditions: what was read and has not changed is not sent again, and a change names the version that it was
//! made from.

use reqwest::header::{ACCEPT_ENCODING, IF_MATCH, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_request_is_304_until_anything_that_is_shown_changes() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let path = format!("/api/enrollments/{}", applicant.submitted("api_particulier").await);
    let first = instructor.get(&path).await;
    let tag = first.headers["etag"].clone();
    assert!(tag.starts_with(&format!("\"{}-", first.ok()["version"])), "{tag}");

    let again = || instructor.send(instructor.request(Method::GET, &path).header(IF_NONE_MATCH, &tag));
    let same = again().await;
    assert_eq!((same.status, &same.headers["etag"]), (StatusCode::NOT_MODIFIED, &tag));
    assert_eq!(same.headers["cache-control"], "private, no-cache");

    // A message changes no version.
    applicant.post(&format!("{path}/messages"), &json!({"body": "Bonjour."})).await.ok();
    let changed = again().await;
    let other = changed.headers["etag"].clone();
    assert_eq!((changed.status, changed.json()["unread"].as_i64()), (StatusCode::OK, Some(1)));
    assert_ne!(other, tag);

    // Either names the version that a change is made from.
    let refuse = json!({"event": "refuse", "comment": "Hors du cadre."});
    let change = |tag: &str| {
        let request = instructor.request(Method::PATCH, &format!("{path}/change_state"));
        instructor.send(request.header(IF_MATCH, tag).json(&refuse))
    };
    let refused = change(&tag).await;
    assert_eq!(refused.status, StatusCode::OK, "{}", refused.text);
    assert_eq!(change(&other).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_page_of_a_list_is_304_until_a_row_changes() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let administrator = app.actor("administratrice", &["administrator"]).await;
    let id = applicant.complete("api_particulier").await;
    let tag = applicant.get("/api/enrollments").await.headers["etag"].clone();
    let again = || applicant.send(applicant.request(Method::GET, "/api/enrollments").header(IF_NONE_MATCH, &tag));
    assert_eq!(again().await.status, StatusCode::NOT_MODIFIED);
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": "Autre titre"})).await.ok();
    assert_eq!(again().await.status, StatusCode::OK);

    // What was not sent again was read all the same.
    app.state.audit.flush(&app.state.db).await.unwrap();
    let log = administrator.get("/api/audit?action=enrollment.list").await.ok();
    assert_eq!(log["items"].as_array().unwrap().len(), 3, "{log:#}");
}

#[tokio::test]
async fn the_catalogue_and_a_policy_are_304_and_compressed() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for path in ["/api/policies", "/api/policies/api_particulier"] {
        let first = visitor.get(path).await;
        let tag = first.headers["etag"].clone();
        assert!(tag.starts_with("W/"), "{tag}");
        assert_eq!(first.headers["cache-control"], "no-cache");
        let same = visitor.send(visitor.request(Method::GET, path).header(IF_NONE_MATCH, &tag)).await;
        assert_eq!((same.status, same.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
        let compressed = visitor.send(visitor.request(Method::GET, path).header(ACCEPT_ENCODING, "gzip")).await;
        assert_eq!((&compressed.headers["content-encoding"], &compressed.headers["etag"]), (&"gzip".to_owned(), &tag));
    }
}
