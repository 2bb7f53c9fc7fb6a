//! What applicant and administration write to one another, and who reads it.

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

async fn write(who: &Client, id: i64, body: &str, note: bool) -> Answer {
    who.post(&format!("/api/enrollments/{id}/messages"), &json!({"body": body, "note": note})).await
}

async fn read(who: &Client, id: i64) -> Vec<String> {
    let list = who.get(&format!("/api/enrollments/{id}/messages")).await.ok();
    list.as_array().unwrap().iter().map(|one| one["body"].as_str().unwrap().to_owned()).collect()
}

async fn unread(who: &Client, id: i64) -> (Value, Value) {
    let row = who.get("/api/enrollments").await.ok()["items"][0]["unread"].clone();
    (who.get(&format!("/api/enrollments/{id}")).await.ok()["unread"].clone(), row)
}

#[tokio::test]
async fn both_sides_write_read_and_are_told() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor", "franceconnect:subscriber"]).await;
    let id = applicant.submitted("franceconnect").await;
    app.mails().await;

    write(&instructor, id, "Quelle est la date d’ouverture\u{a0}?", false).await.ok();
    assert_eq!(unread(&applicant, id).await, (json!(1), json!(1)));
    assert_eq!(unread(&instructor, id).await, (json!(0), json!(0)), "one’s own message waits for nobody here");
    applicant.post(&format!("/api/enrollments/{id}/messages/read"), &json!({})).await.ok();
    assert_eq!(unread(&applicant, id).await, (json!(0), json!(0)));

    write(&applicant, id, "En <b>mars</b>.\r\n{{ 1 }}", false).await.ok();
    assert_eq!(unread(&instructor, id).await, (json!(1), json!(1)));
    assert_eq!(read(&instructor, id).await, ["Quelle est la date d’ouverture\u{a0}?", "En <b>mars</b>.\n{{ 1 }}"]);
    let told: Vec<String> = app.mails().await.into_iter().rev().take(2).map(|(to, ..)| to).collect();
    assert_eq!(told, ["instructrice@exemple.fr", "demandeur@exemple.fr"]);
    let (_, subject, body) = app.mails().await.pop().unwrap();
    assert!(subject.contains(&format!("n°\u{a0}{id}")) && body.contains(&format!("/demandes/{id}#messages")), "{body}");
    assert!(!body.contains("mars"), "what is written stays with the request: {body}");
}

#[tokio::test]
async fn notes_are_for_the_administration_alone() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let reporter = app.actor("rapporteur", &["franceconnect:reporter"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = applicant.submitted("franceconnect").await;
    let mails = app.mails().await.len();
    write(&instructor, id, "À revoir avec le service juridique.", true).await.ok();
    write(&reporter, id, "Vu.", true).await.ok();
    assert_eq!(read(&reporter, id).await.len(), 2);
    assert_eq!(read(&applicant, id).await.len(), 0);
    assert_eq!(read(&administrator, id).await.len(), 0);
    assert_eq!(unread(&applicant, id).await, (json!(0), json!(0)));
    assert_eq!(app.mails().await.len(), mails, "a note is no mail");
    write(&applicant, id, "x", true).await.error(403, "forbidden");
    write(&reporter, id, "x", false).await.error(403, "forbidden");
}

#[tokio::test]
async fn who_may_not_write_is_told_why() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let stranger = app.actor("autre", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    write(&stranger, id, "x", false).await.error(404, "not_found");
    stranger.get(&format!("/api/enrollments/{id}/messages")).await.error(404, "not_found");
    write(&app.visitor(), id, "x", false).await.error(401, "unauthorized");
    write(&applicant, 4242, "x", false).await.error(404, "not_found");
    for body in ["", " \n ", "a\0b"] {
        write(&applicant, id, body, false).await.error(400, "bad_request");
    }
    write(&applicant, id, &"é".repeat(10_001), false).await.error(400, "bad_request");
    write(&applicant, id, &"é".repeat(10_000), false).await.ok();
    let silent = applicant.submitted("api_impot_particulier_sandbox").await;
    let told = write(&applicant, silent, "x", false).await.error(403, "forbidden");
    assert!(told.contains("messagerie"), "{told}");
    let administrator = app.actor("admin", &["administrator"]).await;
    administrator.step(id, "archive", "").await.ok();
    write(&applicant, id, "x", false).await.error(403, "forbidden");
}
