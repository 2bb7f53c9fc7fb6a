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
async fn messages_reach_both_sides_with_read_marks_and_mails() {
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
async fn notes_are_hidden_from_applicants() {
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
async fn a_refused_write_says_why() {
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

#[tokio::test]
async fn who_is_named_reads_neither_messages_nor_reasons() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let named = app.actor("delegue_protection_donnees", &[]).await;
    let id = applicant.submitted("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    instructor.post(&format!("{path}/messages"), &json!({"body": "Bonjour."})).await.ok();
    let change = json!({"event": "request_changes", "comment": "À revoir.",
        "points": [{"field": "intitule", "comment": "Trop court."}]});
    instructor.patch(&format!("{path}/change_state"), &change).await.ok();

    let seen = named.get(&path).await.ok();
    assert_eq!((&seen["points"], &seen["unread"]), (&json!([]), &json!(0)));
    named.get(&format!("{path}/messages")).await.error(403, "forbidden");
    named.post(&format!("{path}/messages/read"), &json!({})).await.error(403, "forbidden");
    for (who, reads) in [(&named, false), (&applicant, true)] {
        let events = who.get(&format!("{path}/events")).await.ok();
        let told = serde_json::to_string(&events).unwrap();
        assert!(told.contains("request_changes"), "{told}");
        assert_eq!((told.contains("À revoir."), told.contains("Trop court.")), (reads, reads), "{told}");
    }
}

#[tokio::test]
async fn who_decides_or_answers_has_read_what_was_written() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let unread = |who: &Client, id: i64| {
        let who = who.clone();
        async move { who.get(&format!("/api/enrollments/{id}")).await.ok()["unread"].clone() }
    };
    for (event, comment) in
        [("validate", "Oui."), ("refuse", "Non."), ("request_changes", "Précisez."), ("archive", "")]
    {
        let id = applicant.submitted("franceconnect").await;
        write(&applicant, id, "Voici.", false).await.ok();
        assert_eq!(unread(&instructor, id).await, 1);
        assert_eq!(instructor.get("/api/enrollments/counts").await.ok()["unread"], 1);
        instructor.step(id, event, comment).await.ok();
        assert_eq!(instructor.get("/api/enrollments/counts").await.ok()["unread"], 0, "{event}");
        let left = instructor.get("/api/enrollments?unread=true").await.ok();
        assert_eq!(left["items"], json!([]), "{event}");
    }
    let id = applicant.submitted("franceconnect").await;
    write(&applicant, id, "Voici.", false).await.ok();
    write(&instructor, id, "Voici.", true).await.ok();
    assert_eq!(unread(&instructor, id).await, 1, "a note answers nothing");
    // What the applicant does themselves reads nothing for the instructors.
    applicant.step(id, "withdraw", "").await.ok();
    applicant.step(id, "submit", "").await.ok();
    assert_eq!(unread(&instructor, id).await, 1);
    write(&instructor, id, "Voici.", false).await.ok();
    assert_eq!(unread(&instructor, id).await, 0);
    assert_eq!(unread(&applicant, id).await, 1);
    write(&applicant, id, "Voici.", false).await.ok();
    assert_eq!((unread(&applicant, id).await, unread(&instructor, id).await), (json!(0), json!(1)));
}
