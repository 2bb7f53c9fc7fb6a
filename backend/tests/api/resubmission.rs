//! What is handed over again without a change says so, and points that nothing was done about are counted.

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const API: &str = "api_particulier";

/// Whether the last submission changed nothing, as the history says.
async fn last_submission_is_unchanged(client: &Client, id: i64) -> bool {
    let events = client.get(&format!("/api/enrollments/{id}/events")).await.ok();
    let last = events.as_array().unwrap().iter().rfind(|event| event["name"] == "submit").unwrap().clone();
    last["without_changes"].as_bool().unwrap()
}

/// How many points were left as they are, as the list says.
async fn unanswered(client: &Client, id: i64) -> i64 {
    let page = client.get("/api/enrollments").await.ok();
    let row = page["items"].as_array().unwrap().iter().find(|row| row["id"] == json!(id)).unwrap().clone();
    row["unanswered_points"].as_i64().unwrap()
}

async fn ask_for_changes(instructor: &Client, id: i64) -> Vec<Value> {
    let points =
        ["intitule", "description", "data_recipients"].map(|field| json!({"field": field, "comment": "Précisez."}));
    let step = json!({"event": "request_changes", "points": points});
    let asked = instructor.patch(&format!("/api/enrollments/{id}/change_state"), &step).await.ok();
    asked["points"].as_array().unwrap().clone()
}

#[tokio::test]
async fn unchanged_resubmissions_and_unanswered_points_are_shown_to_instructors() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let reporter = app.actor("rapporteuse", &["api_particulier:reporter"]).await;
    let id = applicant.submitted(API).await;
    assert!(!last_submission_is_unchanged(&applicant, id).await, "nothing came before");

    let points = ask_for_changes(&instructor, id).await;
    let answered = format!("/api/enrollments/{id}/points/{}", points[0]["id"]);
    applicant.patch(&answered, &json!({"answer": "C’est le nom du service."})).await.ok();
    applicant.step(id, "submit", "").await.ok();
    assert!(last_submission_is_unchanged(&instructor, id).await);
    assert_eq!(unanswered(&instructor, id).await, 2);
    for reader in [&applicant, &reporter] {
        assert_eq!(unanswered(reader, id).await, 0, "the others need not know");
    }

    ask_for_changes(&instructor, id).await;
    assert_eq!(unanswered(&instructor, id).await, 0, "it is the applicant's turn");
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"description": "Autre chose."})).await.ok();
    applicant.step(id, "submit", "").await.ok();
    assert!(!last_submission_is_unchanged(&instructor, id).await);
    assert_eq!(unanswered(&instructor, id).await, 2);
    instructor.step(id, "validate", "Conforme.").await.ok();
    assert_eq!(unanswered(&instructor, id).await, 0);
}

#[tokio::test]
async fn an_update_without_any_change_says_so() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let id = applicant.submitted(API).await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    applicant.step(id, "reopen", "").await.ok();
    applicant.step(id, "submit", "").await.ok();
    assert!(last_submission_is_unchanged(&applicant, id).await);
    instructor.step(id, "refuse", "Rien ne change.").await.ok();
    applicant.step(id, "reopen", "").await.ok();
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"description": "Autre chose."})).await.ok();
    applicant.step(id, "submit", "").await.ok();
    assert!(!last_submission_is_unchanged(&applicant, id).await);
}
