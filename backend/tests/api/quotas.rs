//! How much one person may send and keep.

use datapass::config::Quotas;
use serde_json::json;

use crate::support::{Answer, Client, TestApp};

/// Where nothing is about how often one may call: one address makes all the calls of a test.
pub const GENEROUS: Quotas = Quotas {
    drafts: 50,
    new_requests: 200,
    documents_mb: 500,
    uploads: 300,
    messages: 100,
    calls: 1_000_000,
    searches: 1_000_000,
    visitor_calls: 1_000_000,
    sign_in_pages: 1_000_000,
    sign_ups: 1_000_000,
    mails: 5,
};

const FEW: Quotas = Quotas { drafts: 2, new_requests: 4, documents_mb: 1, uploads: 3, messages: 2, ..GENEROUS };

fn start(quotas: Quotas) -> TestApp {
    TestApp::start_with(|config| config.quotas = quotas)
}

async fn begin(who: &Client) -> Answer {
    who.post("/api/enrollments", &json!({"target_api": "franceconnect"})).await
}

#[tokio::test]
async fn one_has_so_many_drafts_and_begins_so_many_requests_in_a_day() {
    let app = start(FEW);
    let applicant = app.actor("demandeur", &[]).await;
    let first = begin(&applicant).await.ok()["id"].as_i64().unwrap();
    begin(&applicant).await.ok();
    let answer = begin(&applicant).await;
    answer.error(409, "wrong_status");
    assert!(answer.problem().detail.contains("2 brouillons"), "{}", answer.text);
    // One that is gone leaves its place, but was begun today.
    for id in [first, first + 1] {
        applicant.step(id, "delete", "").await.ok();
    }
    begin(&applicant).await.ok();
    let last = begin(&applicant).await.ok()["id"].as_i64().unwrap();
    applicant.step(last, "delete", "").await.ok();
    let answer = begin(&applicant).await;
    answer.error(429, "too_many_requests");
    assert_eq!(answer.headers["retry-after"], "3601");
    // Each has their own.
    begin(&app.actor("autre", &[]).await).await.ok();
}

#[tokio::test]
async fn one_writes_so_many_messages_in_an_hour() {
    let app = start(FEW);
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let id = applicant.submitted("api_particulier").await;
    let path = format!("/api/enrollments/{id}/messages");
    for _ in 0..2 {
        applicant.post(&path, &json!({"body": "Bonjour."})).await.ok();
    }
    applicant.post(&path, &json!({"body": "Bonjour."})).await.error(429, "too_many_requests");
    instructor.post(&path, &json!({"body": "Bonjour."})).await.ok();
}

#[tokio::test]
async fn documents_are_so_many_in_a_day_and_take_so_much_place() {
    let app = start(FEW);
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}/documents/LegalBasis?filename=texte.pdf");
    let send = async |size: usize, mark: &str| {
        let mut pdf = format!("%PDF-1.4\n% {mark}\n").into_bytes();
        pdf.resize(size, b' ');
        pdf.extend_from_slice(b"\n%%EOF\n");
        applicant.send(applicant.request(reqwest::Method::PUT, &path).body(pdf)).await
    };
    // What another one replaces is counted, too.
    for mark in ["a", "b", "c"] {
        send(100, mark).await.ok();
    }
    send(100, "d").await.error(429, "too_many_requests");

    let app = start(Quotas { uploads: 300, documents_mb: 2, ..FEW });
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}/documents/LegalBasis?filename=texte.pdf");
    let mut pdf = b"%PDF-1.4\n".to_vec();
    pdf.resize(1_100_000, b' ');
    pdf.extend_from_slice(b"\n%%EOF\n");
    applicant.send(applicant.request(reqwest::Method::PUT, &path).body(pdf.clone())).await.ok();
    applicant.send(applicant.request(reqwest::Method::PUT, &path).body(pdf)).await.error(409, "wrong_status");
}

/// Where several are sent at once, each is counted for the next one.
#[tokio::test]
async fn documents_that_are_sent_at_once_are_no_more_than_one_after_the_other() {
    for quotas in
        [Quotas { uploads: 3, documents_mb: 500, drafts: 4, ..FEW }, Quotas { drafts: 4, uploads: 300, ..FEW }]
    {
        let app = start(quotas);
        let applicant = app.actor("demandeur", &[]).await;
        let mut sent = Vec::new();
        for _ in 0..4 {
            let id = applicant.complete("api_particulier").await;
            let path = format!("/api/enrollments/{id}/documents/LegalBasis?filename=texte.pdf");
            // Three of them are less than a megabyte, four are more.
            let mut pdf = format!("%PDF-1.4\n% {id}\n").into_bytes();
            pdf.resize(300_000, b' ');
            pdf.extend_from_slice(b"\n%%EOF\n");
            let applicant = applicant.clone();
            sent.push(async move { applicant.send(applicant.request(reqwest::Method::PUT, &path).body(pdf)).await });
        }
        let sent: Vec<_> = sent.into_iter().map(tokio::spawn).collect();
        let mut statuses = Vec::new();
        for answer in sent {
            statuses.push(answer.await.unwrap().status.as_u16());
        }
        statuses.sort_unstable();
        let refused = if quotas.uploads == 3 { 429 } else { 409 };
        assert_eq!(statuses, [200, 200, 200, refused]);
    }
}
