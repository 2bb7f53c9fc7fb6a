//! Opinions: whom one asks, who answers, who reads them, who is told.

use chrono::{Days, NaiveDate, Utc};
use datapass::ids::{EnrollmentId, OpinionId};
use datapass::schema::opinions;
use diesel::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

fn in_days(days: u64) -> NaiveDate {
    Utc::now().date_naive() + Days::new(days)
}

async fn ask(who: &Client, id: i64, recipient: &str, question: &str) -> Answer {
    let body = json!({"recipient": recipient, "question": question, "due_on": in_days(7)});
    who.post(&format!("/api/enrollments/{id}/opinions"), &body).await
}

async fn answer(who: &Client, id: i64, opinion: &Value, verdict: &str, text: &str) -> Answer {
    let path = format!("/api/enrollments/{id}/opinions/{opinion}");
    who.send(who.request(Method::PUT, &path).json(&json!({"verdict": verdict, "text": text}))).await
}

async fn cancel(who: &Client, id: i64, opinion: &Value) -> Answer {
    who.send(who.request(Method::DELETE, &format!("/api/enrollments/{id}/opinions/{opinion}"))).await
}

/// The candidate whose label holds that text.
async fn candidate(who: &Client, id: i64, label: &str) -> String {
    let list = who.get(&format!("/api/enrollments/{id}/opinions/candidates")).await.ok();
    let found = list.as_array().unwrap().iter().find(|one| one["label"].as_str().unwrap().contains(label));
    found.unwrap_or_else(|| panic!("no {label} in {list}"))["recipient"].as_str().unwrap().to_owned()
}

async fn expected(who: &Client) -> Vec<i64> {
    let list = who.get("/api/opinions?pending").await.ok();
    list.as_array().unwrap().iter().map(|one| one["enrollment_id"].as_i64().unwrap()).collect()
}

struct Scene {
    app: TestApp,
    applicant: Client,
    instructor: Client,
    /// Reports on the data of the request.
    cnaf: Client,
    /// Reports on the whole API.
    reporter: Client,
    id: i64,
}

/// A submitted request of API Particulier, which asks for data of the group `cnaf`.
async fn scene() -> Scene {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor", "api_particulier:reporter"]).await;
    let cnaf = app.actor("caf", &["api_particulier:cnaf:reporter"]).await;
    let reporter = app.actor("rapporteur", &["api_particulier:reporter"]).await;
    app.actor("education", &["api_particulier:men:reporter"]).await;
    let id = applicant.submitted("api_particulier").await;
    app.mails().await;
    Scene { app, applicant, instructor, cnaf, reporter, id }
}

#[tokio::test]
async fn an_opinion_is_answered_once_and_both_sides_are_notified() {
    let Scene { app, instructor, cnaf, reporter, id, .. } = scene().await;
    let list = instructor.get(&format!("/api/enrollments/{id}/opinions/candidates")).await.ok();
    let labels: Vec<&str> = list.as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(
        labels,
        [
            "Rapporteurs «\u{a0}API Quotient familial CAF & MSA\u{a0}»",
            "caf Exemple (caf@exemple.fr)",
            "rapporteur Exemple (rapporteur@exemple.fr)",
        ],
        "neither oneself nor those of other data"
    );
    let recipient = candidate(&instructor, id, "rapporteur@").await;
    let asked = ask(&instructor, id, &recipient, "Le <b>cadre</b> convient-il ?\r\n{{ 1 }}").await;
    assert_eq!(asked.status.as_u16(), 201);
    let opinion = asked.ok()[0]["id"].clone();
    let (to, subject, body) = app.mails().await.pop().unwrap();
    assert_eq!(to, "rapporteur@exemple.fr");
    assert!(subject.starts_with("Votre avis est demandé") && subject.ends_with(&id.to_string()), "{subject}");
    for part in ["<b>cadre</b>", "{{ 1 }}", &format!("/demandes/{id}#avis"), &in_days(7).format("%d/%m/%Y").to_string()]
    {
        assert!(body.contains(part), "{part} in {body}");
    }

    assert_eq!((expected(&reporter).await, expected(&cnaf).await), (vec![id], vec![]));
    answer(&cnaf, id, &opinion, "favourable", "").await.error(403, "forbidden");
    answer(&instructor, id, &opinion, "favourable", "").await.error(403, "forbidden");
    let given =
        answer(&reporter, id, &opinion, "favourable_with_reservations", "Sous réserve.\r\nSinon non.").await.ok();
    assert_eq!(given[0]["answer"]["text"], "Sous réserve.\nSinon non.");
    assert_eq!(given[0]["answer"]["author"], "rapporteur Exemple");
    let told = answer(&reporter, id, &opinion, "unfavourable", "Non.").await.error(409, "wrong_status");
    assert!(told.contains("déjà"), "{told}");
    assert_eq!(expected(&reporter).await, Vec::<i64>::new());
    let (to, subject, body) = app.mails().await.pop().unwrap();
    assert!(to == "instructrice@exemple.fr" && subject.contains("avis est rendu"), "{to} {subject}");
    assert!(body.contains("un avis favorable avec réserves") && !body.contains("Sinon non"), "{body}");
    cancel(&instructor, id, &opinion).await.error(409, "wrong_status");
}

#[tokio::test]
async fn an_opinion_asked_of_a_group_is_answered_by_any_member() {
    let Scene { app, instructor, cnaf, reporter, id, .. } = scene().await;
    let colleague = app.actor("msa", &["api_particulier:cnaf:reporter"]).await;
    let opinion = ask(&instructor, id, "group-cnaf", "Qu’en pensez-vous ?").await.ok()[0]["id"].clone();
    ask(&instructor, id, &candidate(&instructor, id, "rapporteur@").await, "Et vous ?").await.ok();
    let mut told: Vec<String> = app.mails().await.into_iter().rev().take(3).map(|(to, ..)| to).collect();
    told.sort();
    assert_eq!(told, ["caf@exemple.fr", "msa@exemple.fr", "rapporteur@exemple.fr"], "several at once");
    assert_eq!((expected(&cnaf).await, expected(&colleague).await), (vec![id], vec![id]));
    let seen = reporter.get(&format!("/api/enrollments/{id}/opinions")).await.ok();
    assert_eq!((&seen[0]["is_expected_of_me"], &seen[1]["is_expected_of_me"]), (&json!(false), &json!(true)));
    answer(&reporter, id, &opinion, "favourable", "").await.error(403, "forbidden");

    // Two of them at once: one answer.
    let (one, other) =
        tokio::join!(answer(&cnaf, id, &opinion, "favourable", ""), answer(&colleague, id, &opinion, "favourable", ""));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(expected(&cnaf).await, Vec::<i64>::new());
    let answered = app.mails().await.into_iter().filter(|(_, subject, _)| subject.contains("est rendu")).count();
    assert_eq!(answered, 1);

    // Decisions wait for nobody; who has not answered still may, until the request is put away.
    instructor.step(id, "refuse", "Non.").await.ok();
    assert_eq!(expected(&reporter).await, [id]);
    instructor.step(id, "archive", "").await.ok();
    assert_eq!(expected(&reporter).await, Vec::<i64>::new());
    answer(&reporter, id, &seen[1]["id"], "favourable", "").await.error(403, "forbidden");
}

#[tokio::test]
async fn assignments_are_hidden_from_applicants() {
    let Scene { app, applicant, instructor, cnaf, reporter, id } = scene().await;
    let named = app.actor("responsable_traitement", &[]).await;
    let other = app.actor("autre", &["franceconnect:instructor", "api_particulier:men:reporter"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let opinion = ask(&instructor, id, "group-cnaf", "Secret de l’administration.").await.ok()[0]["id"].clone();
    answer(&cnaf, id, &opinion, "unfavourable", "Secret aussi.").await.ok();
    let path = format!("/api/enrollments/{id}/opinions");
    let (forbidden, hidden) = ((403, "forbidden"), (404, "not_found"));
    for (who, (status, code)) in
        [(&applicant, forbidden), (&named, forbidden), (&administrator, forbidden), (&other, hidden)]
    {
        who.get(&path).await.error(status, code);
        who.get(&format!("{path}/candidates")).await.error(status, code);
        ask(who, id, "group-cnaf", "x").await.error(status, code);
        answer(who, id, &opinion, "favourable", "").await.error(status, code);
        cancel(who, id, &opinion).await.error(status, code);
    }
    ask(&reporter, id, "group-cnaf", "x").await.error(403, "forbidden");
    cancel(&reporter, id, &opinion).await.error(403, "forbidden");
    assert_eq!(reporter.get(&path).await.ok().as_array().unwrap().len(), 1);
    app.visitor().get(&path).await.error(401, "unauthorized");
    app.visitor().get("/api/opinions").await.error(401, "unauthorized");
    for path in ["", "/events", "/messages", "/versions"] {
        let read = applicant.get(&format!("/api/enrollments/{id}{path}")).await;
        read.ok();
        assert!(!read.text.contains("Secret"), "{}", read.text);
    }
    for (to, _, body) in app.mails().await {
        assert!(to != "demandeur@exemple.fr" || !body.contains("Secret"), "{body}");
    }
    instructor.step(id, "refuse", "Non.").await.ok();
    let history = applicant.get(&format!("/api/enrollments/{id}/events")).await.ok();
    assert_eq!(history.as_array().unwrap().len(), 3, "created, submitted, refused");
}

#[tokio::test]
async fn an_invalid_opinion_request_is_refused_with_its_reason() {
    let Scene { app, applicant, instructor, cnaf, id, .. } = scene().await;
    let path = format!("/api/enrollments/{id}/opinions");
    let with = |member: &str, value: Value| {
        let mut body = json!({"recipient": "group-cnaf", "question": "Quoi ?", "due_on": in_days(0)});
        body[member] = value;
        body
    };
    for (member, value, code, said) in [
        ("question", json!(" \n"), "required", "demandez"),
        ("question", json!("a\0b"), "format", "invisibles"),
        ("question", json!("é".repeat(10_001)), "too_long", "10000 caractères"),
        ("due_on", json!(in_days(0) - Days::new(1)), "out_of_range", "à partir d’aujourd’hui"),
        ("due_on", json!(in_days(400)), "out_of_range", "dans l’année"),
        ("due_on", json!("2026-02-30"), "format", "illisible"),
        ("recipient", json!("group-men"), "not_eligible", "ne suit pas"),
        ("recipient", json!("group-x"), "not_eligible", "ne suit pas"),
        ("recipient", json!("user-99999"), "not_eligible", "ne suit pas"),
        ("recipient", json!("user-99999999999999999999"), "format", "illisible"),
        ("recipient", json!(""), "format", "illisible"),
        ("other", json!(1), "unknown", "attendu"),
    ] {
        let refused = instructor.post(&path, &with(member, value)).await;
        assert_eq!(refused.places(), [format!("/{member}: {code}")], "{}", refused.text);
        assert!(refused.problem().detail.contains(said), "{}", refused.text);
    }
    let opinion = instructor.post(&path, &with("question", json!("é".repeat(10_000)))).await.ok()[0]["id"].clone();
    answer(&cnaf, id, &opinion, "unfavourable", " ").await.error(400, "bad_request");
    answer(&cnaf, id, &opinion, "favourable_with_reservations", "").await.error(400, "bad_request");
    answer(&cnaf, id, &opinion, "perhaps", "x").await.error(400, "bad_request");
    answer(&cnaf, id, &opinion, "favourable", &"é".repeat(10_001)).await.error(400, "bad_request");
    answer(&cnaf, id, &json!(4242), "favourable", "").await.error(404, "not_found");
    let elsewhere = applicant.submitted("api_particulier").await;
    answer(&cnaf, elsewhere, &opinion, "favourable", "").await.error(404, "not_found");
    cancel(&instructor, elsewhere, &opinion).await.error(404, "not_found");
    ask(&instructor, 4242, "group-cnaf", "x").await.error(404, "not_found");

    // What is taken back is gone; what is in the applicant’s hands is not asked about.
    let mails = app.mails().await.len();
    assert_eq!(cancel(&instructor, id, &opinion).await.ok(), json!([]));
    answer(&cnaf, id, &opinion, "favourable", "").await.error(404, "not_found");
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    ask(&instructor, id, "group-cnaf", "x").await.error(409, "wrong_status");
    assert_eq!(app.mails().await.len(), mails + 1, "only that of the changes");
    instructor.step(id, "ask_opinion", "x").await.error(400, "bad_request");
}

#[tokio::test]
async fn an_opinion_is_reminded_once_the_day_before() {
    let Scene { app, instructor, cnaf, reporter, id, .. } = scene().await;
    let late = ask(&instructor, id, "group-cnaf", "Qu’en pensez-vous ?").await.ok()[0]["id"].as_i64().unwrap();
    let recipient = candidate(&instructor, id, "rapporteur@").await;
    let given = ask(&instructor, id, &recipient, "Et vous ?").await.ok()[1]["id"].clone();
    answer(&reporter, id, &given, "favourable", "").await.ok();
    assert_eq!(datapass::schedule::due_opinions(&app.state).await.unwrap(), []);
    // A week passes, all but a day.
    let moved = app.state.db.write(move |c| {
        let asked_at = Utc::now().naive_utc() - Days::new(6);
        let change = (opinions::due_on.eq(in_days(1)), opinions::created_at.eq(asked_at));
        Ok(diesel::update(opinions::table).set(change).execute(c)?)
    });
    assert_eq!(moved.await.unwrap(), 2);
    let mails = app.mails().await.len();
    assert_eq!(datapass::schedule::due_opinions(&app.state).await.unwrap(), [(EnrollmentId(id), OpinionId(late))]);
    assert_eq!(datapass::schedule::run(&app.state).await.unwrap(), 1);
    assert_eq!(datapass::schedule::run(&app.state).await.unwrap(), 0, "once is enough");
    let all = app.mails().await;
    assert_eq!(all.len(), mails + 1);
    let (to, subject, body) = all.last().unwrap();
    assert!(
        to == "caf@exemple.fr" && subject.contains("est attendu le") && body.contains("instructrice Exemple attend")
    );
    assert_eq!(expected(&cnaf).await, [id]);
}
