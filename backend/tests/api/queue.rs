//! The instructors' queue: waiting time, assignment, absence, counts, orders, what one keeps.

mod views;

use chrono::{Duration, Utc};
use datapass::connection::types::now;
use datapass::schema::enrollments;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp, races};

async fn assign(who: &Client, id: i64, to: &Value, from: &Value) -> Answer {
    let request = who.request(reqwest::Method::PUT, &format!("/api/enrollments/{id}/assignment"));
    who.send(request.json(&json!({"user_id": to, "from": from}))).await
}

async fn put(who: &Client, path: &str, body: &Value) -> Answer {
    who.send(who.request(reqwest::Method::PUT, path).json(body)).await
}

async fn me(who: &Client) -> Value {
    who.get("/api/session").await.ok()["user"]["id"].clone()
}

async fn show(who: &Client, id: i64) -> Value {
    who.get(&format!("/api/enrollments/{id}")).await.ok()
}

async fn ids(who: &Client, query: &str) -> Vec<i64> {
    let page = who.get(&format!("/api/enrollments?{query}")).await.ok();
    page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// As if its present wait had begun so many days earlier.
async fn age(app: &TestApp, id: i64, days: i64) {
    let since = now().naive_utc() - Duration::days(days);
    app.state
        .db
        .write(move |c| {
            let row = enrollments::table.find(id);
            Ok(diesel::update(row).set(enrollments::waiting_from.eq(since)).execute(c)?)
        })
        .await
        .unwrap();
}

async fn waited_days(app: &TestApp, id: i64) -> i64 {
    let seconds: i64 = app
        .state
        .db
        .read(move |c| Ok(enrollments::table.find(id).select(enrollments::waited).first(c)?))
        .await
        .unwrap();
    seconds / 86_400
}

#[tokio::test]
async fn only_time_spent_by_the_administration_is_counted() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let id = applicant.complete("franceconnect").await;
    assert_eq!(show(&applicant, id).await["waiting_from"], Value::Null);
    applicant.step(id, "submit", "").await.ok();
    assert_ne!(show(&applicant, id).await["waiting_from"], Value::Null);
    age(&app, id, 10).await;
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    assert_eq!(show(&applicant, id).await["waiting_from"], Value::Null);
    assert_eq!(waited_days(&app, id).await, 10);
    applicant.step(id, "submit", "").await.ok();
    let since: chrono::DateTime<Utc> = show(&instructor, id).await["waiting_from"].as_str().unwrap().parse().unwrap();
    assert_eq!((Utc::now() - since).num_days(), 10, "the second turn begins where the first one ended");
    applicant.step(id, "withdraw", "").await.ok();
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "refuse", "Non.").await.ok();
    assert_eq!(waited_days(&app, id).await, 0, "what comes after an answer is counted anew");
    let times = app.visitor().get("/api/policies/franceconnect/waiting").await.ok();
    assert_eq!((&times["decisions"], &times["p50_seconds"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn waiting_times_are_shown_from_five_decisions_on() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    for (round, days) in [1, 2, 3, 4, 50].into_iter().enumerate() {
        let times = app.visitor().get("/api/policies/franceconnect/waiting").await.ok();
        assert_eq!((&times["decisions"], &times["p80_seconds"]), (&json!(round), &Value::Null));
        let id = applicant.submitted("franceconnect").await;
        age(&app, id, days).await;
        instructor.step(id, if days == 2 { "refuse" } else { "validate" }, "Voici.").await.ok();
    }
    let abandoned = applicant.submitted("franceconnect").await;
    instructor.step(abandoned, "archive", "").await.ok();
    let times = app.visitor().get("/api/policies/franceconnect/waiting").await.ok();
    let days = |name: &str| times[name].as_i64().unwrap() / 86_400;
    assert_eq!((&times["decisions"], days("p50_seconds"), days("p80_seconds")), (&json!(5), 3, 4));
    app.visitor().get("/api/policies/nothing/waiting").await.error(404, "not_found");
}

#[tokio::test]
async fn an_instructor_assigns_reassigns_and_unassigns() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let reporter = app.actor("rapporteur", &["franceconnect:reporter"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let stranger = app.actor("autre", &["api_particulier:instructor"]).await;
    let first = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let second = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let (one, two, nobody) = (me(&first).await, me(&second).await, Value::Null);
    let id = applicant.submitted("franceconnect").await;
    let before = show(&applicant, id).await;

    let taken = assign(&first, id, &one, &nobody).await.ok();
    assert_eq!(taken["assigned_to"]["id"], one);
    assert_eq!(taken["version"], before["version"], "who writes is not disturbed");
    assert_eq!(show(&administrator, id).await["assigned_to"]["id"], one);
    for (who, expected) in [(&applicant, &nobody), (&reporter, &nobody), (&second, &one)] {
        let row = who.get("/api/enrollments").await.ok()["items"][0]["assigned_to"].clone();
        let seen = show(who, id).await["assigned_to"].clone();
        assert_eq!((&seen["id"], &row["id"]), (expected, expected));
    }
    assert_eq!(taken["assigned_to"]["name"], "instructrice Exemple");

    let told = assign(&second, id, &two, &nobody).await.error(409, "wrong_status");
    assert!(told.contains("instructrice Exemple"), "{told}");
    assert_eq!(assign(&second, id, &two, &one).await.ok()["assigned_to"]["id"], two, "one may take over, knowingly");
    assert_eq!(assign(&second, id, &one, &two).await.ok()["assigned_to"]["id"], one);
    assert_eq!(assign(&first, id, &nobody, &one).await.ok()["assigned_to"], nobody);

    assign(&stranger, id, &one, &nobody).await.error(404, "not_found");
    for who in [&applicant, &reporter, &administrator] {
        assign(who, id, &one, &nobody).await.error(403, "forbidden");
        who.get("/api/policies/franceconnect/instructors").await.error(403, "forbidden");
    }
    assign(&app.visitor(), id, &one, &nobody).await.error(401, "unauthorized");
    assign(&first, 4242, &one, &nobody).await.error(404, "not_found");
    for wrong in [me(&reporter).await, me(&stranger).await, json!(4242), json!(-1)] {
        assign(&first, id, &wrong, &nobody).await.error(400, "bad_request");
    }
    assign(&first, id, &json!("moi"), &nobody).await.error(400, "bad_request");
    first.step(id, "assign", "").await.error(400, "bad_request");
    let colleagues = first.get("/api/policies/franceconnect/instructors").await.ok();
    assert_eq!(colleagues.as_array().unwrap().len(), 2, "{colleagues}");
    let events = applicant.get(&format!("/api/enrollments/{id}/events")).await.ok();
    assert_eq!(events.as_array().unwrap().len(), 2, "the applicant’s history knows nothing of it");

    first.step(id, "archive", "").await.ok();
    assign(&first, id, &one, &nobody).await.error(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_concurrent_assignments_one_wins() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let first = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let second = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let people = [(first.clone(), me(&first).await), (second.clone(), me(&second).await)];
    let id = applicant.submitted("franceconnect").await;
    for round in 0..races() {
        let [one, two] = people.clone().map(|(who, own)| {
            tokio::spawn(async move { (assign(&who, id, &own, &Value::Null).await.status.as_u16(), own) })
        });
        let answers = [one.await.unwrap(), two.await.unwrap()];
        let winners: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 409)), "round {round}: {answers:?}");
        let holder = winners[0].1.clone();
        assert_eq!(show(&first, id).await["assigned_to"]["id"], holder, "round {round}");
        assign(&first, id, &Value::Null, &holder).await.ok();
    }
}

#[tokio::test]
async fn bulk_assignment_reports_each_result() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let first = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let second = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let (one, two) = (me(&first).await, me(&second).await);
    let [free, taken, own] = [(); 3].map(|()| applicant.submitted("franceconnect"));
    let (free, taken, own) = (free.await, taken.await, own.await);
    let foreign = applicant.submitted("api_particulier").await;
    assign(&second, taken, &two, &Value::Null).await.ok();
    assign(&first, own, &one, &Value::Null).await.ok();
    let body = json!({"ids": [free, taken, own, foreign, 4242, free], "user_id": one});
    let outcomes = first.post("/api/enrollments/assignments", &body).await.ok();
    let errors: Vec<(i64, bool)> = outcomes
        .as_array()
        .unwrap()
        .iter()
        .map(|outcome| (outcome["id"].as_i64().unwrap(), outcome["error"].is_string()))
        .collect();
    assert_eq!(errors, [(free, false), (taken, true), (own, false), (foreign, true), (4242, true)]);
    assert_eq!(show(&second, taken).await["assigned_to"]["id"], two);
    let body = json!({"ids": [free, taken], "user_id": null});
    first.post("/api/enrollments/assignments", &body).await.ok();
    assert_eq!(ids(&first, "assigned_to=me").await, [own]);
    let many: Vec<i64> = (1..=101).collect();
    let body = json!({"ids": many, "user_id": null});
    first.post("/api/enrollments/assignments", &body).await.error(400, "bad_request");
}

#[tokio::test]
async fn an_absence_or_a_lost_role_unassigns_everything() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let apis = ["franceconnect:instructor", "api_particulier:instructor"];
    let away = app.actor("absente", &apis).await;
    let other = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let (own, nobody) = (me(&away).await, Value::Null);
    let decided = applicant.submitted("franceconnect").await;
    let waiting = applicant.submitted("franceconnect").await;
    let sent_back = applicant.submitted("franceconnect").await;
    for id in [decided, waiting, sent_back] {
        assign(&away, id, &own, &nobody).await.ok();
    }
    away.step(decided, "validate", "Oui.").await.ok();
    away.step(sent_back, "request_changes", "Précisez.").await.ok();

    let day = |days| (Utc::now() + Duration::days(days)).date_naive().to_string();
    for wrong in [json!({"until": day(-1)}), json!({"until": day(400)}), json!({"until": "demain"}), json!({"x": 1})] {
        put(&away, "/api/me/absence", &wrong).await.error(400, "bad_request");
    }
    put(&applicant, "/api/me/absence", &json!({"until": day(3)})).await.error(403, "forbidden");
    put(&away, "/api/me/absence", &json!({"until": day(3)})).await.ok();
    assert_eq!(away.get("/api/me/absence").await.ok()["until"], day(3));
    assert_eq!(ids(&away, "assigned_to=me").await, [decided]);
    assert_eq!(ids(&away, "assigned_to=nobody&sort=id").await, [waiting, sent_back]);
    let told = assign(&other, waiting, &own, &nobody).await.error(409, "wrong_status");
    assert!(told.contains("congé"), "{told}");
    let colleagues = other.get("/api/policies/franceconnect/instructors").await.ok();
    assert!(colleagues.as_array().unwrap().iter().any(|one| one["absent_until"] == day(3)), "{colleagues}");

    // An update of what they granted does not wait for them.
    applicant.step(decided, "reopen", "").await.ok();
    applicant.step(decided, "submit", "").await.ok();
    assert_eq!(show(&other, decided).await["assigned_to"], nobody);

    put(&away, "/api/me/absence", &json!({"until": null})).await.ok();
    assert_eq!(away.get("/api/me/absence").await.ok()["until"], nobody);
    assign(&other, waiting, &own, &nobody).await.ok();
    let elsewhere = applicant.submitted("api_particulier").await;
    assign(&away, elsewhere, &own, &nobody).await.ok();
    let change = json!({"email": "absente@exemple.fr", "role": "franceconnect:instructor", "granted": false, "reason": "Départ"});
    administrator.post("/api/users/roles", &change).await.ok();
    assert_eq!(show(&other, waiting).await["assigned_to"], nobody);
    assert_eq!(ids(&away, "assigned_to=me").await, [elsewhere]);
}
