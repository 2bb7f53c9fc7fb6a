//! Files: joined, replaced, taken away, and refused with a reason.

use reqwest::Method;

use crate::support::{Answer, Client, TestApp};

async fn put(client: &Client, id: i64, kind: &str, filename: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/enrollments/{id}/documents/{kind}?filename={filename}");
    client.send(client.request(Method::PUT, &path).body(bytes.to_vec())).await
}

#[tokio::test]
async fn a_file_is_joined_read_replaced_and_taken_away() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let stranger = app.actor("inconnu", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}/documents/LegalBasis");

    put(&applicant, id, "LegalBasis", "ancien.pdf", b"%PDF-1.4 ancien").await.ok();
    let written = put(&applicant, id, "LegalBasis", "d%C3%A9lib%C3%A9ration.pdf", b"%PDF-1.4 nouveau").await.ok();
    assert_eq!(written["documents"].as_array().unwrap().len(), 1);
    assert_eq!(written["documents"][0]["filename"], "délibération.pdf");

    let read = applicant.get(&path).await;
    assert_eq!(read.text, "%PDF-1.4 nouveau");
    assert!(read.headers["content-disposition"].starts_with("attachment"));
    assert_eq!(read.headers["x-content-type-options"], "nosniff");
    stranger.get(&path).await.error(403, "forbidden");
    app.visitor().get(&path).await.error(401, "unauthorized");

    let removed = applicant.send(applicant.request(Method::DELETE, &path)).await.ok();
    assert_eq!(removed["documents"].as_array().unwrap().len(), 0);
    applicant.get(&path).await.error(404, "not_found");
    let events = applicant.get(&format!("/api/enrollments/{id}/events")).await.ok();
    assert_eq!(events.as_array().unwrap().len(), 1, "joined and taken away within the hour: nothing to tell");
}

#[tokio::test]
async fn a_file_that_is_not_what_it_says_is_refused() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    for (filename, bytes) in [
        ("a.pdf", &b"<html>"[..]),
        ("a.pdf", b""),
        ("a.exe", b"%PDF-1.4"),
        ("a", b"%PDF-1.4"),
        ("a.ods", b"PK\x03\x04"),
    ] {
        put(&applicant, id, "LegalBasis", filename, bytes).await.error(415, "unsupported_media_type");
    }
    put(&applicant, id, "DecisionHomologation", "a.pdf", b"%PDF-1.4").await.error(403, "forbidden");
    put(&applicant, id, "LegalBasis", "%00.pdf", b"%PDF-1.4").await.error(400, "bad_request");
    let mut large = b"%PDF-1.4".to_vec();
    large.resize(10 * 1024 * 1024 + 1, b'x');
    put(&applicant, id, "LegalBasis", "a.pdf", &large).await.error(413, "payload_too_large");
    large.truncate(10 * 1024 * 1024);
    put(&applicant, id, "LegalBasis", "..%2F..%2Fetc%2Fa.pdf", &large).await.ok();
    let read = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    assert_eq!(read["documents"][0]["filename"], "a.pdf", "a name is no path");
    assert!(app.directory().join("documents").is_dir());
}
