//! Webhooks: who looks after them, what their receivers are told, and what becomes of calls that fail.

mod addresses;
mod applicant_mails;
mod log;
mod receiver;
mod secrets;

use std::time::{Duration, Instant};

use datapass::connection::types::now;
use datapass::schema::{authorisations, outbox, webhooks};
use diesel::prelude::*;
use serde_json::{Value, json};

use self::receiver::{Receiver, Reply, Sent};
use crate::support::{Client, TestApp};

const API: &str = "api_particulier";

/// Webhooks may lie on this machine, as in a demonstration.
fn start() -> TestApp {
    TestApp::start_with(|config| config.webhook_allowed_networks = vec!["127.0.0.0/8".parse().unwrap()])
}

async fn developer(app: &TestApp) -> Client {
    app.actor("developpeuse", &["api_particulier:developer"]).await
}

fn new_webhook(url: &str, events: &[&str]) -> Value {
    json!({"target_api": API, "url": url, "events": events})
}

/// A webhook of that developer: its number and its secret.
async fn made(developer: &Client, receiver: &Receiver, events: &[&str]) -> (String, String) {
    let answer = developer.post("/api/webhooks", &new_webhook(&receiver.url, events)).await;
    assert_eq!((answer.status.as_u16(), answer.headers["cache-control"].as_str()), (201, "no-store"));
    let body = answer.ok();
    (text(&body["webhook"]["id"]), text(&body["secret"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

async fn deliveries(developer: &Client, id: &str) -> Vec<Value> {
    developer.get(&format!("/api/webhooks/{id}/deliveries")).await.ok()["items"].as_array().unwrap().clone()
}

/// Waits until the deliveries of a webhook, newest first, are in these states.
async fn until(developer: &Client, id: &str, states: &[&str]) -> Vec<Value> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let items = deliveries(developer, id).await;
        if items.iter().map(|item| item["state"].as_str().unwrap()).eq(states.iter().copied()) {
            return items;
        }
        assert!(Instant::now() < end, "not {states:?}: {items:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Moves the clock of what is planned: it is due now.
async fn hurry(app: &TestApp) {
    let planned = outbox::table.filter(outbox::delivered_at.is_null()).filter(outbox::failing_since.is_not_null());
    let due = move |connection: &mut _| {
        Ok(diesel::update(planned).set(outbox::next_attempt_at.eq(now().naive_utc())).execute(connection)?)
    };
    app.state.db.write(due).await.unwrap();
    app.state.db.outbox_filled.notify_one();
}

#[tokio::test]
async fn developers_of_the_api_look_after_its_webhooks_and_nobody_else() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    let developer = developer(&app).await;
    let (id, secret) = made(&developer, &receiver, &["validate"]).await;
    assert!(secret.starts_with("whsec_"), "{secret}");
    let shown = developer.get(&format!("/api/webhooks/{id}")).await.ok();
    assert_eq!([&shown["state"], &shown["granting_event"]], [&json!("on"), &json!("approve")]);
    assert!(!shown.to_string().contains(&secret[6..]), "a secret is shown once");
    let stored: String = {
        let id = id.clone();
        let query = move |c: &mut _| Ok(webhooks::table.find(id).select(webhooks::secret).first(c)?);
        app.state.db.read(query).await.unwrap()
    };
    assert_eq!(stored, secret, "without SECRET_KEY it is kept as it is");

    let administrator = app.actor("admin", &["administrator"]).await;
    assert_eq!(administrator.get("/api/webhooks").await.ok().as_array().unwrap().len(), 1);
    for (name, roles) in [
        ("instructrice", &["api_particulier:instructor", "api_particulier:manager"] as &[_]),
        ("ailleurs", &["franceconnect:developer"]),
        ("personne", &[]),
    ] {
        let other = app.actor(name, roles).await;
        let list = other.get("/api/webhooks").await;
        if name == "ailleurs" {
            assert_eq!(list.ok(), json!([]));
        } else {
            list.error(403, "forbidden");
        }
        other.post("/api/webhooks", &new_webhook(&receiver.url, &["submit"])).await.error(403, "forbidden");
        let path = format!("/api/webhooks/{id}");
        other.get(&path).await.error(404, "not_found");
        other.patch(&path, &json!({"active": false})).await.error(404, "not_found");
        other.delete(&path).await.error(404, "not_found");
        other.post(&format!("{path}/secret"), &Value::Null).await.error(404, "not_found");
        other.delete(&format!("{path}/previous_secret")).await.error(404, "not_found");
        other.post(&format!("{path}/test"), &Value::Null).await.error(404, "not_found");
        other.post(&format!("{path}/replay"), &json!({"from": "2026-01-01T00:00:00Z"})).await.error(404, "not_found");
        other.get(&format!("{path}/deliveries")).await.error(404, "not_found");
    }
    // A developer reads no request.
    let request = app.actor("demandeur", &[]).await.submitted(API).await;
    developer.get(&format!("/api/enrollments/{request}")).await.error(404, "not_found");
    assert_eq!(developer.delete(&format!("/api/webhooks/{id}")).await.status, 204);
    assert_eq!(developer.get("/api/webhooks").await.ok(), json!([]));
}

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_named() {
    let app = start();
    let developer = developer(&app).await;
    for (url, events, place) in [
        ("exemple.fr", &["submit"] as &[_], "/url: format"),
        ("http://exemple.fr/", &["submit"], "/url: format"),
        ("https://10.0.0.1/", &["submit"], "/url: format"),
        ("https://[::ffff:10.0.0.1]/", &["submit"], "/url: format"),
        ("https://moi:secret@exemple.fr/", &["submit"], "/url: format"),
        ("https://exemple.fr/", &[], "/events: required"),
        ("https://exemple.fr/", &["submit", "reminder"], "/events/1: unknown"),
    ] {
        let answer = developer.post("/api/webhooks", &new_webhook(url, events)).await;
        assert_eq!(answer.fields(), [place], "{url} {events:?}");
    }
    let long = format!("https://exemple.fr/{}", "a".repeat(2_000));
    assert_eq!(developer.post("/api/webhooks", &new_webhook(&long, &["submit"])).await.fields(), ["/url: too_long"]);
    developer.post("/api/webhooks", &new_webhook("https://exemple.fr/", &["pay"])).await.error(400, "bad_request");
    let (id, _) = made(&developer, &Receiver::start(&[]).await, &["submit"]).await;
    assert_eq!(
        developer.post(&format!("/api/webhooks/{id}/replay"), &json!({})).await.fields(),
        ["/delivery: required"]
    );
    let unknown = json!({"target_api": "nothing", "url": "https://exemple.fr/", "events": ["submit"]});
    developer.post("/api/webhooks", &unknown).await.error(404, "not_found");
}

#[tokio::test]
async fn a_receiver_of_v1_is_told_in_order_with_a_signature_and_its_token_is_kept() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    receiver.answer("approve", Reply::Json(json!({"token_id": "jeton-7"})));
    let developer = developer(&app).await;
    let (id, secret) = made(&developer, &receiver, &["create", "submit", "validate", "revoke"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let number = applicant.submitted(API).await;
    instructor.step(number, "validate", "Conforme.").await.ok();
    let items = until(&developer, &id, &["delivered"; 3]).await;

    let sent = receiver.sent();
    let events: Vec<&str> = sent.iter().map(|sent| sent.body["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["create", "submit", "approve"]);
    for sent in &sent {
        sent.verify(&secret);
        assert_eq!(sent.body["model_type"], "enrollment/api_particulier");
        assert_eq!(sent.body["delivery_id"], sent.headers["webhook-id"].as_str());
        assert!(sent.body["fired_at"].is_i64());
    }
    let sequences: Vec<i64> = sent.iter().map(|sent| sent.body["sequence"].as_i64().unwrap()).collect();
    assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
    // What API Entreprise and API Particulier read.
    let pass = &sent[2].body["data"]["pass"];
    assert_eq!([&pass["id"], &pass["status"]], [&json!(number), &json!("validated")]);
    assert_eq!([&pass["siret"], &pass["intitule"]], ["21920023500014", "Tarification de la cantine"]);
    assert!(pass["scopes"].as_object().unwrap().values().all(|value| value == true), "{pass}");
    let members = pass["team_members"].as_array().unwrap();
    let applicant_there = members.iter().find(|member| member["type"] == "demandeur").expect("it is required");
    assert_eq!([&applicant_there["email"], &applicant_there["uid"]], ["demandeur@exemple.fr", "demandeur"]);
    assert_eq!([&pass["events"][0]["name"], &pass["events"][0]["comment"]], ["validate", "Conforme."]);
    let tokens: Vec<String> =
        app.state.db.read(|c| Ok(authorisations::table.select(authorisations::token_id).load(c)?)).await.unwrap();
    assert_eq!(tokens, ["jeton-7"]);

    // The log says what was sent, and nothing of anybody.
    let log = json!(items).to_string();
    for personal in ["demandeur@exemple.fr", "Claude", "Modèle", "06 12 34 56 78", "Tarification", "Conforme."] {
        assert!(!log.contains(personal), "{personal}: {log}");
    }
    assert_eq!([&items[0]["event"], &items[0]["enrollment_id"]], [&json!("approve"), &json!(number)]);
    assert_eq!(items[0]["attempts"][0]["status"], 200);
    let pages = developer.get(&format!("/api/webhooks/{id}/deliveries?after=&limit=2")).await.ok();
    assert_eq!([&pages["items"][0]["event"], &pages["items"][1]["event"]], ["create", "submit"]);
    let next = text(&pages["next"]);
    let rest = developer.get(&format!("/api/webhooks/{id}/deliveries?after={next}")).await.ok();
    assert_eq!((&rest["items"][0]["event"], &rest["next"]), (&json!("approve"), &Value::Null));

    // v1's name of a grant, for who asks for it.
    developer.patch(&format!("/api/webhooks/{id}"), &json!({"granting_event": "validate"})).await.ok();
    let another = applicant.submitted(API).await;
    instructor.step(another, "validate", "Conforme.").await.ok();
    until(&developer, &id, &["delivered"; 6]).await;
    assert_eq!(receiver.sent().last().unwrap().body["event"], "validate");
}

#[tokio::test]
async fn a_call_that_fails_is_made_again_with_the_same_id_and_those_behind_it_wait() {
    let app = start();
    let failures = [
        Reply::Status(500, ""),
        Reply::Redirect("http://10.0.0.1/"),
        Reply::Reset,
        Reply::Garbage,
        Reply::Big,
        Reply::Status(204, ""),
    ];
    let receiver = Receiver::start(&failures).await;
    let developer = developer(&app).await;
    let (id, secret) = made(&developer, &receiver, &["create", "submit"]).await;
    let number = app.actor("demandeur", &[]).await.submitted(API).await;
    // An answer of 10 MB is cut, and its 200 counts: it is the fifth.
    for calls in 1..=4 {
        let items = until(&developer, &id, &["pending", "failing"]).await;
        assert_eq!(items[1]["attempts"].as_array().unwrap().len(), calls, "{items:#?}");
        hurry(&app).await;
        let end = Instant::now() + Duration::from_secs(10);
        while receiver.sent().len() == calls {
            assert!(Instant::now() < end, "no call follows");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if calls < 4 {
            let end = Instant::now() + Duration::from_secs(10);
            while deliveries(&developer, &id).await[1]["attempts"].as_array().unwrap().len() == calls {
                assert!(Instant::now() < end, "the call is not logged");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    let items = until(&developer, &id, &["delivered", "delivered"]).await;
    let attempts = items[1]["attempts"].as_array().unwrap();
    let errors: Vec<&str> = attempts.iter().map(|attempt| attempt["error"].as_str().unwrap()).collect();
    assert_eq!(errors[0], "réponse 500");
    assert!(errors[1].starts_with("réponse 302"), "{errors:?}");
    assert!(errors[2..4].iter().all(|error| !error.is_empty()) && errors[4].is_empty(), "{errors:?}");
    let sent = receiver.sent();
    assert!(sent[..5].iter().all(|sent| sent.headers["webhook-id"] == sent.body["delivery_id"].as_str().unwrap()));
    assert!(sent[..5].windows(2).all(|pair| pair[0].body == pair[1].body), "the same body each time");
    sent.iter().for_each(|sent| sent.verify(&secret));
    assert_eq!((&sent[5].body["event"], &sent[5].body["data"]["pass"]["id"]), (&json!("submit"), &json!(number)));

    // Both are replayed, with their numbers.
    let replay = developer.post(&format!("/api/webhooks/{id}/replay"), &json!({"from": "2026-01-01T00:00:00Z"})).await;
    assert_eq!(replay.ok(), json!({"count": 2}));
    until(&developer, &id, &["delivered", "delivered"]).await;
    let end = Instant::now() + Duration::from_secs(10);
    while receiver.sent().len() < 8 {
        assert!(Instant::now() < end, "{:?}", receiver.sent().len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ids = |sent: &[Sent]| sent.iter().map(|sent| sent.headers["webhook-id"].clone()).collect::<Vec<_>>();
    let sent = receiver.sent();
    assert_eq!(ids(&sent[6..8]), ids(&sent[4..6]), "in order, with the same numbers");
}

#[tokio::test]
async fn developers_are_told_at_the_fourth_failure_and_a_receiver_that_is_gone_is_switched_off() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    receiver.answer("submit", Reply::Status(500, "camille@exemple.fr is not known"));
    let developer = developer(&app).await;
    let (id, _) = made(&developer, &receiver, &["submit"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    applicant.submitted(API).await;
    for calls in 1..=4 {
        let end = Instant::now() + Duration::from_secs(10);
        while deliveries(&developer, &id).await[0]["attempts"].as_array().unwrap().len() < calls {
            assert!(Instant::now() < end, "call {calls} is not logged");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let subjects = told(&app, usize::from(calls == 4)).await;
        assert_eq!(subjects.len(), usize::from(calls == 4), "{calls}: {subjects:?}");
        hurry(&app).await;
    }
    let log = json!(deliveries(&developer, &id).await).to_string();
    assert!(log.contains("is not known") && !log.contains("camille@exemple.fr"), "{log}");

    receiver.answer("submit", Reply::Status(410, ""));
    applicant.submitted(API).await;
    let end = Instant::now() + Duration::from_secs(10);
    let shown = loop {
        let shown = developer.get(&format!("/api/webhooks/{id}")).await.ok();
        if shown["state"] == "disabled" {
            break shown;
        }
        assert!(Instant::now() < end, "{shown}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(text(&shown["disabled_reason"]).contains("410"), "{shown}");
    assert_eq!(told(&app, 2).await.last().unwrap(), "Le webhook d’api_particulier est désactivé");
    // What happens meanwhile waits, and goes on in order once it is switched on.
    let calls = receiver.sent().len();
    let waiting = applicant.submitted(API).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.sent().len(), calls, "it is switched off");
    receiver.answer("submit", Reply::Status(200, ""));
    let on = developer.patch(&format!("/api/webhooks/{id}"), &json!({"active": true})).await.ok();
    assert_eq!([&on["state"], &on["failing_since"], &on["disabled_reason"]], [&json!("on"), &Value::Null, &json!("")]);
    until(&developer, &id, &["delivered"; 3]).await;
    assert!(receiver.sent().iter().any(|sent| sent.body["data"]["pass"]["id"] == waiting));
}

/// The subjects of the mails that the developers got, once there are so many.
async fn told(app: &TestApp, count: usize) -> Vec<String> {
    use datapass::schema::mailbox;

    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let query = mailbox::table
            .filter(mailbox::recipient.eq("developpeuse@exemple.fr"))
            .order(mailbox::id)
            .select(mailbox::subject);
        let subjects: Vec<String> = app.state.db.read(move |c| Ok(query.load(c)?)).await.unwrap();
        if subjects.len() >= count || Instant::now() > end {
            return subjects;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_webhook_that_fails_for_five_days_is_switched_off() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    receiver.answer("submit", Reply::Status(503, ""));
    let developer = developer(&app).await;
    let (id, _) = made(&developer, &receiver, &["submit"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    applicant.submitted(API).await;
    until(&developer, &id, &["failing"]).await;
    let since = now().naive_utc() - chrono::Duration::days(5);
    app.state
        .db
        .write(move |c| Ok(diesel::update(webhooks::table).set(webhooks::failing_since.eq(since)).execute(c)?))
        .await
        .unwrap();
    hurry(&app).await;
    let end = Instant::now() + Duration::from_secs(10);
    while developer.get(&format!("/api/webhooks/{id}")).await.ok()["state"] != "disabled" {
        assert!(Instant::now() < end, "it is still called");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn no_decision_waits_for_a_receiver() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    receiver.answer("submit", Reply::Slow);
    let developer = developer(&app).await;
    let (id, _) = made(&developer, &receiver, &["submit", "validate"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let number = applicant.submitted(API).await;
    let decision = instructor.step(number, "validate", "Conforme.");
    tokio::time::timeout(Duration::from_secs(9), decision).await.expect("the decision waits for no call").ok();
    let items = deliveries(&developer, &id).await;
    assert_eq!(items[0]["state"], "pending", "it waits for the one before: {items:#?}");
}
