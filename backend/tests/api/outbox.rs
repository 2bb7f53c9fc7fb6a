//! The outbox: several workers side by side, in order for each receiver, and what could not be delivered.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use datapass::connection::types::now;
use datapass::db::Db;
use datapass::ids::EnrollmentId;
use datapass::models::outbox::queue::{self, Due};
use datapass::models::outbox::{self, NewMessage, Payload};
use serde_json::{Value, json};
use shared::api::Mail;

use crate::mailjet::{Reply, Service};
use crate::support::{Client, TestApp};

fn mail(to: &str, subject: &str) -> Payload {
    let mail = Mail { to: to.to_owned(), subject: subject.to_owned(), body: "Texte".to_owned() };
    Payload::Mail { from: "b@exemple.fr".to_owned(), reply_to: String::new(), unsubscribe: String::new(), mail }
}

/// Long after this test, so that the server's own worker leaves it alone.
fn later() -> NaiveDateTime {
    now().naive_utc() + chrono::Duration::hours(2)
}

async fn insert(db: &Db, id: Option<i64>, sequence: i64, to: &str, subject: &str) {
    let payload = mail(to, subject);
    let message = NewMessage { enrollment_id: id.map(EnrollmentId), sequence, payload, held: false };
    db.write(move |c| Ok(outbox::insert(c, message, later())?)).await.unwrap();
}

async fn claim(db: &Db, limit: i64) -> Vec<Due> {
    let at = later() + chrono::Duration::seconds(60);
    db.write(move |c| Ok(queue::claim(c, at, at + chrono::Duration::seconds(600), limit)?)).await.unwrap()
}

fn subjects(due: &[Due]) -> BTreeSet<String> {
    let subject = |due: &Due| {
        let Payload::Mail { mail, .. } = &due.payload.0 else { panic!("not a mail") };
        mail.subject.clone()
    };
    due.iter().map(subject).collect()
}

fn set(subjects: &[&str]) -> BTreeSet<String> {
    subjects.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn each_receiver_is_told_of_an_enrollment_in_order() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let (one, two) = (applicant.complete("franceconnect").await, applicant.complete("franceconnect").await);
    app.mails().await; // what the two creations said is gone
    let db = &app.state.db;
    insert(db, Some(one), 2, "a@exemple.fr", "a, deuxième").await;
    insert(db, Some(one), 1, "a@exemple.fr", "a, premier").await;
    insert(db, Some(one), 2, "b@exemple.fr", "b, premier").await;
    insert(db, Some(two), 1, "a@exemple.fr", "autre demande").await;
    insert(db, None, 0, "a@exemple.fr", "compte, un").await;
    insert(db, None, 0, "a@exemple.fr", "compte, deux").await;

    let first = claim(db, 10).await;
    let expected = ["a, premier", "b, premier", "autre demande", "compte, un", "compte, deux"];
    assert_eq!(subjects(&first), set(&expected));
    assert!(claim(db, 10).await.is_empty(), "what is claimed is not claimed again, and keeps the next one back");
    let id = first.iter().find(|due| subjects(std::slice::from_ref(due)) == set(&["a, premier"])).unwrap().id.clone();
    db.write(move |c| Ok(queue::give_up(c, &id, later(), "Adresse inconnue.")?)).await.unwrap();
    assert_eq!(subjects(&claim(db, 10).await), set(&["a, deuxième"]), "what is given up holds nobody up");
}

#[tokio::test]
async fn workers_of_several_processes_share_the_messages() {
    const MESSAGES: usize = 60;
    let app = TestApp::start();
    for number in 0..MESSAGES {
        insert(&app.state.db, None, 0, "a@exemple.fr", &format!("{number}")).await;
    }
    // A pool of its own is all that another process has.
    let url = app.state.config.database_url();
    let workers = (0..4).map(|_| {
        let db = Db::open(&url).unwrap();
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            loop {
                let batch = claim(&db, 5).await;
                if batch.is_empty() {
                    return claimed;
                }
                claimed.extend(batch.into_iter().map(|due| due.id));
            }
        })
    });
    let mut all = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        all.extend(worker.await.unwrap());
    }
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (MESSAGES, MESSAGES), "each once");
}

async fn failing(administrator: &Client) -> Vec<Value> {
    administrator.get("/api/outbox").await.ok()["items"].as_array().unwrap().clone()
}

/// Waits until so many messages fail.
async fn until_failing(administrator: &Client, count: usize) -> Vec<Value> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let items = failing(administrator).await;
        if items.len() == count {
            return items;
        }
        assert!(Instant::now() < end, "{items:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn administrators_see_what_fails_and_have_it_tried_again() {
    let service = Service::start().await;
    service.always(Some(Reply::Status(500, "", "{}")));
    let app = TestApp::start_with(|config| config.mails = service.config());
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    assert!(failing(&administrator).await.is_empty());
    let id = applicant.submitted("franceconnect").await;
    let items = until_failing(&administrator, 1).await;
    let item = &items[0];
    assert_eq!([&item["enrollment_id"], &item["receiver"]], [&json!(id), &json!("demandeur@exemple.fr")]);
    assert_eq!(
        [&item["state"], &item["error"]],
        [&json!("failing"), &json!("Mailjet a répondu 500 Internal Server Error")]
    );
    assert!(item["next_attempt_at"].is_string() && item["attempts"].as_i64().unwrap() >= 1, "{item}");
    assert!(!item["subject"].as_str().unwrap().is_empty() && item["body"].is_null(), "{item}");

    // Given up, it waits for an administrator.
    let number = item["id"].as_str().unwrap().to_owned();
    let given_up = number.clone();
    app.state.db.write(move |c| Ok(queue::give_up(c, &given_up, now().naive_utc(), "HTTP 500")?)).await.unwrap();
    let item = &failing(&administrator).await[0];
    assert_eq!((&item["state"], &item["next_attempt_at"]), (&json!("given_up"), &Value::Null));

    service.always(None);
    for who in [&applicant, &app.actor("instructeur", &["franceconnect:instructor"]).await] {
        who.get("/api/outbox").await.error(403, "forbidden");
        who.post("/api/outbox/retry", &Value::Null).await.error(403, "forbidden");
        who.post(&format!("/api/outbox/{number}/retry"), &Value::Null).await.error(403, "forbidden");
    }
    administrator.post("/api/outbox/inconnu/retry", &Value::Null).await.error(404, "not_found");
    assert_eq!(
        administrator.post(&format!("/api/outbox/{number}/retry"), &Value::Null).await.ok(),
        json!({"count": 1})
    );
    until_failing(&administrator, 0).await;
    administrator.post(&format!("/api/outbox/{number}/retry"), &Value::Null).await.error(404, "not_found");
    assert_eq!(administrator.post("/api/outbox/retry", &Value::Null).await.ok(), json!({"count": 0}));
}

/// What Mailjet answers about one message.
const BAD_ADDRESS: &str = r#"{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"mj-0013","StatusCode":400,
    "ErrorMessage":"no","ErrorRelatedTo":["To[0].Email"]}]}]}"#;
const BAD_TEXT: &str = r#"{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"mj-0004","StatusCode":400,
    "ErrorMessage":"no","ErrorRelatedTo":["HTMLPart"]}]}]}"#;
const BAD_SENDER: &str = r#"{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"send-0008","StatusCode":403,
    "ErrorMessage":"no","ErrorRelatedTo":["From"]}]}]}"#;
const BAD_SENDER_OF_400: &str = r#"{"Messages":[{"Status":"error","Errors":[{"ErrorCode":"mj-0013","StatusCode":400,
    "ErrorMessage":"no","ErrorRelatedTo":["From.Email"]}]}]}"#;

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_given_up_at_once() {
    for (status, body, state, unreachable) in [
        (
            400,
            BAD_ADDRESS,
            "given_up",
            json!([{"email": "demandeur@exemple.fr", "rejection": "bounce", "permanent": true}]),
        ),
        (400, BAD_TEXT, "given_up", json!([])),
        (403, BAD_SENDER, "failing", json!([])),
        (400, BAD_SENDER_OF_400, "failing", json!([])),
        (401, "{}", "failing", json!([])),
        (500, BAD_ADDRESS, "failing", json!([])),
    ] {
        let service = Service::start().await;
        service.always(Some(Reply::Status(status, "", body)));
        let app = TestApp::start_with(|config| config.mails = service.config());
        let administrator = app.actor("admin", &["administrator"]).await;
        let applicant = app.actor("demandeur", &[]).await;
        let id = applicant.complete("franceconnect").await;
        let items = until_failing(&administrator, 1).await;
        let told = [&items[0]["state"], &items[0]["receiver"]];
        assert_eq!(told, [&json!(state), &json!("demandeur@exemple.fr")], "{status} {body}");
        if state == "given_up" {
            assert_eq!((&items[0]["attempts"], &items[0]["next_attempt_at"]), (&json!(1), &Value::Null));
        }
        let read = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
        assert_eq!(read["unreachable"], unreachable, "{status} {body}");
        // Whoever sets it right has it tried again.
        service.always(None);
        administrator.post("/api/outbox/retry", &Value::Null).await.ok();
        until_failing(&administrator, 0).await;
    }
}
