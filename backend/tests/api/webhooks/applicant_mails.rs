//! An API manager that writes to its applicants itself, as its policy says: the mails that are left to it.

use serde_json::json;

use super::receiver::Receiver;
use super::{API, developer, made, start};
use crate::support::TestApp;

/// How many mails that address has.
async fn count(app: &TestApp, to: &str) -> usize {
    app.mails().await.iter().filter(|(reader, ..)| reader == to).count()
}

#[tokio::test]
async fn a_webhook_that_tells_all_is_left_what_it_tells_and_one_that_is_off_or_tells_less_is_not() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    let developer = developer(&app).await;
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor", "api_particulier:subscriber"]).await;
    made(&developer, &receiver, &["submit", "validate"]).await;
    applicant.submitted(API).await;
    assert_eq!(count(&app, "demandeur@exemple.fr").await, 2, "that one opens accesses, it writes to nobody");

    let all = ["create", "submit", "request_changes", "validate", "refuse", "revoke"];
    let (manager, _) = made(&developer, &receiver, &all).await;
    let id = applicant.submitted(API).await;
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    applicant.step(id, "submit", "").await.ok();
    let step = json!({"event": "validate", "comment": "Conforme."});
    let shown = instructor.post(&format!("/api/enrollments/{id}/mail_preview"), &step).await.ok();
    assert!(!shown.to_string().contains("demandeur@exemple.fr"), "nor is it shown beforehand: {shown}");
    instructor.step(id, "validate", "Conforme.").await.ok();
    assert_eq!(count(&app, "demandeur@exemple.fr").await, 2, "the manager writes");
    assert_eq!(count(&app, "instructeur@exemple.fr").await, 3, "subscribers are told");
    assert_eq!(count(&app, "delegue_protection_donnees@exemple.fr").await, 1);
    instructor.post(&format!("/api/enrollments/{id}/messages"), &json!({"body": "Bonjour."})).await.ok();
    assert_eq!(count(&app, "demandeur@exemple.fr").await, 3, "messages are DataPass’s own");

    developer.patch(&format!("/api/webhooks/{manager}"), &json!({"active": false})).await.ok();
    applicant.submitted(API).await;
    assert_eq!(count(&app, "demandeur@exemple.fr").await, 5, "nobody else would write");
}
