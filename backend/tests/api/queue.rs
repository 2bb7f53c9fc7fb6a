//! The instructors' queue: waiting time, assignment, absence, counts, orders, what one keeps.

use chrono::{Duration, Utc};
use datapass::db::types::now;
use datapass::schema::enrollments;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

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
async fn only_the_turns_of_the_administration_are_counted() {
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
async fn five_decisions_say_how_long_the_next_may_take() {
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
async fn an_instructor_takes_hands_over_and_gives_back() {
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
async fn of_two_who_take_a_request_at_once_exactly_one_has_it() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let first = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let second = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let people = [(first.clone(), me(&first).await), (second.clone(), me(&second).await)];
    let id = applicant.submitted("franceconnect").await;
    for round in 0..200 {
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
async fn several_are_taken_at_once_and_each_says_what_became_of_it() {
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
async fn an_absence_and_a_lost_role_give_everything_back() {
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

#[tokio::test]
async fn each_view_holds_as_many_as_its_count_says() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let reporter = app.actor("rapporteur", &["api_particulier:cnaf:reporter", "api_particulier:men:reporter"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let own = me(&instructor).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(applicant.submitted("franceconnect").await);
    }
    let [fresh, back, taken, done] = all[..] else { panic!() };
    instructor.step(back, "request_changes", "Précisez.").await.ok();
    applicant.step(back, "submit", "").await.ok();
    assign(&instructor, taken, &own, &Value::Null).await.ok();
    assign(&instructor, done, &own, &Value::Null).await.ok();
    instructor.step(done, "validate", "Oui.").await.ok();
    let sent_back = applicant.submitted("franceconnect").await;
    instructor.step(sent_back, "request_changes", "Précisez.").await.ok();
    let archived = applicant.submitted("franceconnect").await;
    instructor.step(archived, "archive", "").await.ok();
    applicant.submitted("api_particulier").await;
    for _ in 0..2 {
        let message = json!({"body": "Bonjour.", "note": false});
        applicant.post(&format!("/api/enrollments/{taken}/messages"), &message).await.ok();
    }

    let counts = instructor.get("/api/enrollments/counts").await.ok();
    for (name, query, expected) in [
        ("submitted", "status=submitted", vec![fresh, back, taken]),
        ("unassigned", "status=submitted&assigned_to=nobody", vec![fresh, back]),
        ("waiting_for_me", "status=submitted&assigned_to=me", vec![taken]),
        ("resubmitted", "status=submitted&resubmitted=true", vec![back]),
        ("mine", "assigned_to=me", vec![taken, done]),
        ("changes_requested", "status=changes_requested", vec![sent_back]),
        ("unread", "unread=true", vec![taken]),
        ("all", "", vec![fresh, back, taken, done, sent_back]),
    ] {
        assert_eq!(ids(&instructor, &format!("{query}&sort=id")).await, expected, "{name}");
        assert_eq!(counts[name], expected.len(), "{name}");
    }
    let seen = reporter.get("/api/enrollments/counts").await.ok();
    assert_eq!((&seen["all"], &seen["unassigned"], &seen["unread"]), (&json!(1), &json!(0), &json!(0)));
    assert_eq!(ids(&reporter, "assigned_to=nobody").await, [] as [i64; 0], "who has what is not for reporters");
    assert_eq!(ids(&applicant, "assigned_to=nobody").await, [] as [i64; 0]);
    assert_eq!(ids(&applicant, "unread=true").await, [] as [i64; 0]);
    assert_eq!(administrator.get("/api/enrollments/counts").await.ok()["all"], 6);
    assert_eq!(applicant.get("/api/enrollments/counts").await.ok()["all"], 0, "their own are not to be instructed");
    app.visitor().get("/api/enrollments/counts").await.error(401, "unauthorized");
    instructor.get("/api/enrollments?assigned_to=moi").await.error(400, "bad_request");
}

#[tokio::test]
async fn every_order_pages_without_losing_or_repeating_a_row() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor", "api_particulier:instructor"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let mut all = Vec::new();
    for (title, days) in
        [("Été", Some(3)), ("eau", Some(9)), ("Zoo", Some(1)), ("abc", None), ("", None), ("Abd", None)]
    {
        let id = applicant.complete(if days == Some(9) { "franceconnect" } else { "api_particulier" }).await;
        if !title.is_empty() {
            applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": title})).await.ok();
        }
        if let Some(days) = days {
            applicant.step(id, "submit", "").await.ok();
            age(&app, id, days).await;
        }
        all.push(id);
    }
    instructor.step(all[2], "validate", "Oui.").await.ok();
    let drafts = &all[3..];
    for sort in ["id", "updated_at", "nom_raison_sociale", "intitule", "status", "submitted_at", "waiting_from"] {
        for sign in ["", "-"] {
            for filter in
                ["", "&status=submitted", "&status=draft", "&status=submitted,draft,validated", "&search=clamart"]
            {
                for who in [&instructor, &administrator] {
                    let whole = ids(who, &format!("sort={sign}{sort}{filter}")).await;
                    let (mut seen, mut cursor) = (Vec::new(), String::new());
                    loop {
                        let path = format!("/api/enrollments?sort={sign}{sort}{filter}&limit=2{cursor}");
                        let page = who.get(&path).await.ok();
                        seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
                        let Some(next) = page["next"].as_str() else { break };
                        cursor = format!("&cursor={next}");
                        assert!(seen.len() <= all.len(), "{sign}{sort}{filter}: {seen:?}");
                    }
                    assert_eq!(seen, whole, "{sign}{sort}{filter}");
                }
            }
        }
    }
    assert_eq!(ids(&instructor, "sort=waiting_from").await, [all[1], all[0], all[2], all[3], all[4], all[5]]);
    assert_eq!(ids(&instructor, "sort=-waiting_from").await[..2], [all[0], all[1]], "those that do not wait come last");
    assert_eq!(ids(&instructor, "sort=-waiting_from").await.len(), all.len());
    assert_eq!(ids(&instructor, "sort=-submitted_at").await[3..], [all[5], all[4], all[3]]);
    assert_eq!(ids(&instructor, "sort=intitule&status=submitted,validated").await, [all[1], all[0], all[2]]);
    assert_eq!(ids(&instructor, "sort=waiting_from&status=draft").await, drafts);
    for cursor in ["", "x", "MTIgYWJj"] {
        let answer = instructor.get(&format!("/api/enrollments?sort=waiting_from&cursor={cursor}")).await;
        assert!(matches!(answer.status.as_u16(), 200 | 400), "{cursor}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_number_is_found_as_it_is_written() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let stranger = app.actor("autre", &[]).await;
    let instructor = app.actor("instructrice", &["franceconnect:instructor"]).await;
    applicant.submitted("franceconnect").await;
    let id = applicant.submitted("franceconnect").await;
    instructor.step(id, "validate", "Oui.").await.ok();
    let granted = show(&instructor, id).await["authorisations"][0]["id"].as_i64().unwrap();
    assert_ne!(granted, id);
    for search in
        [format!("D{id}"), format!("d{id}"), format!("H{granted}"), format!("%20h{granted}%20"), id.to_string()]
    {
        assert_eq!(ids(&instructor, &format!("search={search}")).await, [id], "{search}");
        assert_eq!(ids(&stranger, &format!("search={search}")).await, [] as [i64; 0], "{search}");
    }
    assert_eq!(ids(&instructor, "search=H4242").await, [] as [i64; 0]);
    assert_eq!(ids(&instructor, "search=demandeur@exemple.fr").await.len(), 2);
}

#[tokio::test]
async fn filters_are_kept_for_oneself() {
    let app = TestApp::start();
    let one = app.actor("instructrice", &["franceconnect:instructor"]).await;
    let other = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let path = "/api/me/filters";
    let new =
        |name: &str, is_default: bool| json!({"name": name, "query": "status=submitted", "is_default": is_default});
    let names = |filters: &Value| -> Vec<(String, bool)> {
        let filters = filters.as_array().unwrap().iter();
        filters.map(|one| (one["name"].as_str().unwrap().to_owned(), one["is_default"] == true)).collect()
    };
    let filters = one.post(path, &new("  Mes   crèches ", true)).await.ok();
    assert_eq!(names(&filters), [("Mes crèches".to_owned(), true)]);
    let id = filters[0]["id"].as_i64().unwrap();
    let filters = one.post(path, &new("À relire", true)).await.ok();
    assert_eq!(filters.as_array().unwrap().iter().filter(|one| one["is_default"] == true).count(), 1, "one at most");
    one.post(path, &new("Mes crèches", false)).await.error(409, "wrong_status");
    let renamed = put(&one, &format!("{path}/{id}"), &new("Crèches <b>", false)).await.ok();
    assert!(names(&renamed).contains(&("Crèches <b>".to_owned(), false)));
    put(&one, &format!("{path}/{id}"), &new("À relire", false)).await.error(409, "wrong_status");

    assert_eq!(other.get(path).await.ok(), json!([]));
    put(&other, &format!("{path}/{id}"), &new("x", false)).await.error(404, "not_found");
    let forget = |who: &Client, id: i64| {
        let (who, path) = (who.clone(), format!("{path}/{id}"));
        async move { who.send(who.request(reqwest::Method::DELETE, &path)).await }
    };
    forget(&other, id).await.error(404, "not_found");
    assert_eq!(forget(&one, id).await.ok().as_array().unwrap().len(), 1);
    forget(&one, id).await.error(404, "not_found");

    for wrong in ["", " ", "a\u{202e}b", "a\0b", "a\u{7}b", &"é".repeat(81)] {
        one.post(path, &new(wrong, false)).await.error(400, "bad_request");
    }
    for query in ["a\nb".to_owned(), "x".repeat(2_001)] {
        one.post(path, &json!({"name": "x", "query": query})).await.error(400, "bad_request");
    }
    app.visitor().get(path).await.error(401, "unauthorized");
    for number in 1..50 {
        one.post(path, &new(&format!("n°{number}"), false)).await.ok();
    }
    one.post(path, &new("de trop", false)).await.error(409, "wrong_status");
}
