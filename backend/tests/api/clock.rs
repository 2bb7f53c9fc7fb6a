//! What time alone does: reminders, and putting away what nobody answers.

use chrono::Duration;
use datapass::schema::events;
use datapass::transition::clock;
use diesel::prelude::*;
use serde_json::json;
use shared::workflow::EventName;

use crate::support::TestApp;

/// Lets so many days pass since everything that happened.
async fn days_pass(app: &TestApp, days: i64) {
    let rows: Vec<(i64, chrono::NaiveDateTime)> =
        app.state.db.read(|c| Ok(events::table.select((events::id, events::created_at)).load(c)?)).await.unwrap();
    let moved = app.state.db.write(move |c| {
        for (id, at) in rows {
            diesel::update(events::table.find(id)).set(events::created_at.eq(at - Duration::days(days))).execute(c)?;
        }
        Ok(())
    });
    moved.await.unwrap();
}

/// What is due, and then done, twice over.
async fn done(app: &TestApp) -> Vec<(i64, EventName)> {
    let due = datapass::schedule::due(&app.state).await.unwrap();
    let count = datapass::schedule::run(&app.state).await.unwrap();
    assert_eq!(count, due.len());
    assert_eq!(datapass::schedule::run(&app.state).await.unwrap(), 0, "once is enough");
    due.into_iter().map(|clock::Due { id, event }| (id.0, event)).collect()
}

#[tokio::test]
async fn a_draft_gets_one_reminder_until_it_changes() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id =
        applicant.post("/api/enrollments", &json!({"target_api": "franceconnect"})).await.ok()["id"].as_i64().unwrap();
    days_pass(&app, 14).await;
    assert_eq!(done(&app).await, []);
    days_pass(&app, 1).await;
    assert_eq!(done(&app).await, [(id, EventName::Reminder)]);
    let (to, subject, body) = app.mails().await.pop().unwrap();
    assert!(to == "demandeur@exemple.fr" && subject.contains("brouillon") && body.contains(&format!("/demandes/{id}")));
    days_pass(&app, 400).await;
    assert_eq!(done(&app).await, [], "a draft is never put away by the clock");
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": "Cantine"})).await.ok();
    days_pass(&app, 15).await;
    assert_eq!(done(&app).await, [(id, EventName::Reminder)]);
}

#[tokio::test]
async fn requested_changes_are_reminded_then_the_request_is_archived() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = applicant.submitted("franceconnect").await;
    days_pass(&app, 400).await;
    assert_eq!(done(&app).await, [], "it waits for the administration");
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    days_pass(&app, 182).await;
    assert_eq!(done(&app).await, [(id, EventName::ReminderBeforeArchive)]);
    days_pass(&app, 14).await;
    assert_eq!(done(&app).await, []);
    days_pass(&app, 1).await;
    assert_eq!(done(&app).await, [(id, EventName::Archive)]);
    applicant.get(&format!("/api/enrollments/{id}")).await.error(403, "forbidden");
    let history = administrator.get(&format!("/api/enrollments/{id}/events")).await.ok();
    let last = history.as_array().unwrap().last().unwrap();
    assert_eq!((&last["name"], &last["author"]), (&json!("archive"), &json!("DataPass")));
}

#[tokio::test]
async fn a_pending_update_is_reminded_but_never_archived() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let id = applicant.submitted("franceconnect").await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    days_pass(&app, 400).await;
    applicant.step(id, "reopen", "").await.ok();
    assert_eq!(done(&app).await, [], "the day it was begun");
    days_pass(&app, 15).await;
    assert_eq!(done(&app).await, [(id, EventName::Reminder)]);
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    days_pass(&app, 181).await;
    assert_eq!(done(&app).await, []);
    days_pass(&app, 1).await;
    assert_eq!(done(&app).await, [(id, EventName::Reminder)]);
    let (to, subject, body) = app.mails().await.pop().unwrap();
    assert!(to == "demandeur@exemple.fr" && subject.contains("attend vos modifications"), "{subject}");
    assert!(body.contains("reste en vigueur") && !body.contains("archiv") && !body.contains("brouillon"), "{body}");
    days_pass(&app, 400).await;
    assert_eq!(done(&app).await, [], "once, and it is never put away");
    assert_eq!(applicant.get(&format!("/api/enrollments/{id}")).await.ok()["status"], "changes_requested");
    // Whoever goes on with it is reminded of that, too.
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": "Cantine"})).await.ok();
    days_pass(&app, 182).await;
    assert_eq!(done(&app).await, [(id, EventName::Reminder)]);
}
