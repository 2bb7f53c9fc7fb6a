//! What Mailjet tells of the mails that it took, and who reads it.

use datapass::connection::types::now;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, complete};

pub const EVENTS_SECRET: &str = "un-secret-de-plus-de-trente-deux-signes";

const TECHNICIAN: &str = "responsable_technique@exemple.fr";

fn start() -> TestApp {
    TestApp::start_with(|config| config.mailjet_events_secret = Some(EVENTS_SECRET.to_owned()))
}

/// As Mailjet writes it, of a mail of ours; `time` in seconds since yesterday.
fn event(event: &str, email: &str, time: i64) -> Value {
    let time = (now() - chrono::Duration::days(1)).timestamp().saturating_add(time);
    let id = "01980000-0000-7000-8000-000000000000";
    json!({"event": event, "time": time, "MessageID": 13, "email": email, "mj_campaign_id": 7, "mj_contact_id": 42,
        "customcampaign": "", "CustomID": id, "Payload": "", "blocked": false, "hard_bounce": event == "bounce",
        "error_related_to": "recipient", "error": "user unknown"})
}

async fn tell(app: &TestApp, events: &Value) -> Answer {
    let visitor = app.visitor();
    let request = visitor.request(reqwest::Method::POST, "/api/mailjet/events").json(events);
    visitor.send(request.basic_auth("mailjet", Some(EVENTS_SECRET))).await
}

async fn told(app: &TestApp, events: &Value) {
    let answer = tell(app, events).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
}

/// Who is not reached, as that caller reads it.
async fn unreachable(client: &Client, id: i64) -> Value {
    client.get(&format!("/api/enrollments/{id}")).await.ok()["unreachable"].clone()
}

#[tokio::test]
async fn an_address_that_sends_mails_back_is_told_to_applicant_and_instructors() {
    let app = start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let named = app.actor("responsable_technique", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    assert_eq!(unreachable(&applicant, id).await, json!([]));

    // Several at once, in whatever case; what is not of the request is not told there.
    let events = [
        event("bounce", "Responsable_Technique@exemple.fr", 1_000),
        event("blocked", "demandeur@exemple.fr", 1_000),
        event("bounce", "ailleurs@exemple.fr", 1_000),
    ];
    told(&app, &json!(events)).await;
    let expected = json!([
        {"email": "demandeur@exemple.fr", "rejection": "blocked", "permanent": false},
        {"email": TECHNICIAN, "rejection": "bounce", "permanent": true},
    ]);
    for reader in [&applicant, &instructor] {
        assert_eq!(unreachable(reader, id).await, expected);
    }
    assert_eq!(unreachable(&named, id).await, json!([]), "who is named can change nothing about it");
    // What a change answers says it, too.
    assert_eq!(instructor.step(id, "refuse", "Non.").await.ok()["unreachable"], expected);
}

#[tokio::test]
async fn an_address_that_answers_again_or_is_corrected_is_told_no_more() {
    let app = start();
    let applicant = app.actor("demandeur", &[]).await;
    let administrator = app.actor("admin", &["administrator", "franceconnect:instructor"]).await;
    let id = applicant.submitted("franceconnect").await;
    let count = async || unreachable(&applicant, id).await.as_array().unwrap().len();

    told(&app, &event("bounce", TECHNICIAN, 2_000)).await;
    told(&app, &event("sent", TECHNICIAN, 1_000)).await;
    assert_eq!(count().await, 1, "what was sent before says nothing");
    told(&app, &event("sent", TECHNICIAN, 3_000)).await;
    assert_eq!(count().await, 0);
    told(&app, &event("spam", TECHNICIAN, 4_000)).await;
    told(&app, &event("bounce", TECHNICIAN, 3_500)).await;
    assert_eq!(unreachable(&applicant, id).await[0]["rejection"], "spam", "the last word counts");
    told(&app, &event("open", TECHNICIAN, 5_000)).await;
    assert_eq!(count().await, 0);

    told(&app, &event("bounce", TECHNICIAN, 6_000)).await;
    let people = complete("franceconnect")["team_members"].clone();
    let mut member = people.as_array().unwrap().iter().find(|one| one["email"] == TECHNICIAN).unwrap().clone();
    member["email"] = json!("autre@exemple.fr");
    let correction = json!({"member": member, "reason": "Erreur de frappe."});
    let corrected = administrator.post(&format!("/api/enrollments/{id}/contacts"), &correction).await.ok();
    assert_eq!(corrected["unreachable"], json!([]));
}

#[tokio::test]
async fn what_is_of_other_mails_or_about_nothing_here_is_passed_over() {
    let app = start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    let mut foreign = event("bounce", TECHNICIAN, 1_000);
    foreign["CustomID"] = json!("lettre-de-juin");
    let mut unnamed = event("bounce", TECHNICIAN, 1_000);
    unnamed["CustomID"] = Value::Null;
    told(&app, &json!([foreign, unnamed, event("unsub", TECHNICIAN, 1_000), event("inconnu", "x", -1)])).await;
    told(&app, &json!([])).await;
    assert_eq!(unreachable(&applicant, id).await, json!([]));
}

#[tokio::test]
async fn only_who_shows_the_secret_is_heard() {
    let path = "/api/mailjet/events";
    let body = event("bounce", TECHNICIAN, 1_000);
    let app = start();
    let visitor = app.visitor();
    let post = || visitor.request(reqwest::Method::POST, path).json(&body);
    visitor.send(post()).await.error(401, "unauthorized");
    visitor.send(post().bearer_auth(EVENTS_SECRET)).await.error(401, "unauthorized");
    for wrong in ["", "un-secret-de-plus-de-trente-deux-signe", &EVENTS_SECRET.to_uppercase()] {
        visitor.send(post().basic_auth("mailjet", Some(wrong))).await.error(401, "unauthorized");
    }
    let administrator = app.actor("admin", &["administrator"]).await;
    administrator.post(path, &body).await.error(401, "unauthorized");
    let without = TestApp::start();
    let visitor = without.visitor();
    let request = visitor.request(reqwest::Method::POST, path).json(&body);
    visitor.send(request.basic_auth("mailjet", Some(EVENTS_SECRET))).await.error(404, "not_found");
}

#[tokio::test]
async fn events_that_cannot_be_read_are_refused_by_place() {
    let app = start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    for (wrong, place) in [
        (json!(3), ": format"),
        (json!({"event": 3}), "/event: format"),
        (json!([event("bounce", TECHNICIAN, 1), {"event": "bounce", "time": "hier"}]), "/1/time: format"),
        (json!({"event": "bounce\u{0}"}), "/event: format"),
    ] {
        assert_eq!(tell(&app, &wrong).await.places(), [place]);
    }
    for (wrong, place) in [
        (event("bounce", "pas une adresse", 1), "/email: format"),
        (event("bounce", TECHNICIAN, i64::MAX), "/time: out_of_range"),
        (event("bounce", TECHNICIAN, i64::from(i32::MIN)), "/time: out_of_range"),
    ] {
        assert_eq!(tell(&app, &wrong).await.fields(), [place]);
    }
    let several = json!([event("bounce", TECHNICIAN, 1), event("bounce", "x", 1)]);
    assert_eq!(tell(&app, &several).await.fields(), ["/1/email: format"]);
    assert_eq!(unreachable(&applicant, id).await, json!([]), "all of them, or none");
    let large = json!({"event": "x".repeat(3 * 1024 * 1024)});
    tell(&app, &large).await.error(413, "payload_too_large");
    let visitor = app.visitor();
    let text =
        visitor.request(reqwest::Method::POST, "/api/mailjet/events").body("x").header("content-type", "text/plain");
    visitor.send(text.basic_auth("mailjet", Some(EVENTS_SECRET))).await.error(415, "unsupported_media_type");
}

#[tokio::test]
async fn guessing_the_secret_is_throttled_and_holds_up_nobody_else() {
    let app = start();
    let visitor = app.visitor();
    let tell = async |from: &str, secret: &str| {
        let request = visitor.request(reqwest::Method::POST, "/api/mailjet/events").json(&json!([]));
        let request = request.header("x-forwarded-for", from).basic_auth("mailjet", Some(secret));
        visitor.send(request).await
    };
    for _ in 0..10 {
        assert_eq!(tell("192.0.2.1", EVENTS_SECRET).await.status, 200, "who knows it is not counted");
    }
    for guess in 0..5 {
        tell("192.0.2.1", &format!("essai {guess}")).await.error(401, "unauthorized");
    }
    let answer = tell("192.0.2.1", EVENTS_SECRET).await;
    answer.error(429, "too_many_requests");
    assert!((1..=31).contains(&answer.headers["retry-after"].parse::<u64>().unwrap()), "{answer:?}");
    assert_eq!(tell("198.51.100.1", EVENTS_SECRET).await.status, 200, "Mailjet, elsewhere, goes on");
}
