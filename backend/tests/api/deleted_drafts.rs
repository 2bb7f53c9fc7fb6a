//! Drafts that their applicants delete: gone for everybody else, restored for a while, then purged.

use chrono::Duration;
use datapass::connection::types::now;
use datapass::schedule;
use datapass::schema::{documents, enrollments, events};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::documents::put;
use crate::support::{Client, TestApp, pdf};

async fn numbers(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/api/enrollments?{query}")).await.ok();
    page["items"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect()
}

#[tokio::test]
async fn a_deleted_draft_is_seen_by_its_applicant_alone_and_can_be_restored() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let others = [
        app.actor("instructeur", &["api_particulier:instructor"]).await,
        app.actor("administrateur", &["administrator"]).await,
        app.actor("delegue_protection_donnees", &[]).await,
    ];
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    for other in &others[..2] {
        other.step(id, "delete", "").await.error(403, "forbidden");
    }
    assert_eq!(applicant.step(id, "delete", "").await.ok()["status"], "deleted");
    for other in &others {
        other.get(&path).await.error(404, "not_found");
        other.step(id, "restore", "").await.error(404, "not_found");
        assert_eq!(numbers(other, "").await, [] as [Value; 0]);
        assert_eq!(numbers(other, "status=deleted").await, [] as [Value; 0]);
    }
    assert_eq!(numbers(&applicant, "mine=true").await, [] as [Value; 0]);
    assert_eq!(numbers(&applicant, "mine=true&status=deleted").await, [json!(id)]);
    assert_eq!(applicant.get(&path).await.ok()["actions"], json!(["restore"]));
    applicant.patch(&path, &json!({"intitule": "Autre"})).await.error(403, "forbidden");
    assert_eq!(applicant.step(id, "restore", "").await.ok()["status"], "draft");
    assert_eq!(numbers(&applicant, "mine=true").await, [json!(id)]);
}

#[tokio::test]
async fn what_was_submitted_once_is_archived_and_never_deleted() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("api_particulier").await;
    applicant.step(id, "delete", "").await.error(409, "wrong_status");
    let back = applicant.step(id, "withdraw", "").await.ok();
    assert!(!back["actions"].as_array().unwrap().contains(&json!("delete")), "{back}");
    applicant.step(id, "delete", "").await.error(409, "wrong_status");
}

#[tokio::test]
async fn a_deleted_renewal_makes_way_for_another_and_is_not_restored_beside_it() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let id = applicant.submitted("api_particulier").await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    let path = format!("/api/enrollments/{id}/copy");
    let first = applicant.post(&path, &json!({})).await.ok()["id"].as_i64().unwrap();
    applicant.step(first, "delete", "").await.ok();
    let second = applicant.post(&path, &json!({})).await.ok()["id"].as_i64().unwrap();
    applicant.step(first, "restore", "").await.error(409, "wrong_status");
    applicant.step(second, "delete", "").await.ok();
    applicant.step(first, "restore", "").await.ok();
}

/// As if the request had last changed, and its files been stored, so many days ago.
async fn age(app: &TestApp, id: i64, days: i64) {
    let at = (now() - Duration::days(days)).naive_utc();
    let aged = app.state.db.write(move |c| {
        Ok(diesel::update(enrollments::table.find(id)).set(enrollments::updated_at.eq(at)).execute(c)?)
    });
    aged.await.unwrap();
    let stored = std::time::SystemTime::now() - std::time::Duration::from_secs(48 * 3_600);
    for file in std::fs::read_dir(app.directory().join("documents")).unwrap() {
        std::fs::File::open(file.unwrap().path()).unwrap().set_modified(stored).unwrap();
    }
}

#[tokio::test]
async fn a_draft_is_purged_after_thirty_days_with_the_files_that_nothing_else_has() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let [gone, kept, young] = [
        applicant.complete("api_particulier").await,
        applicant.complete("api_particulier").await,
        applicant.complete("api_particulier").await,
    ];
    put(&applicant, gone, "LegalBasis", "a.pdf", &pdf("partagé")).await.ok();
    put(&applicant, gone, "LegalBasis", "b.pdf", &pdf("seul")).await.ok();
    put(&applicant, kept, "LegalBasis", "a.pdf", &pdf("partagé")).await.ok();
    for id in [gone, young] {
        applicant.step(id, "delete", "").await.ok();
    }
    age(&app, young, 29).await;
    age(&app, gone, 31).await;
    schedule::run(&app.state).await.unwrap();
    let left: (Vec<i64>, i64, i64) = app
        .state
        .db
        .read(move |c| {
            let rows = enrollments::table.order(enrollments::id).select(enrollments::id).load(c)?;
            let events = events::table.filter(events::enrollment_id.eq(gone)).count().get_result(c)?;
            Ok((rows, events, documents::table.count().get_result(c)?))
        })
        .await
        .unwrap();
    assert_eq!(left, (vec![kept, young], 0, 1));
    assert_eq!(std::fs::read_dir(app.directory().join("documents")).unwrap().count(), 1);
    applicant.get(&format!("/api/enrollments/{gone}")).await.error(404, "not_found");
}
