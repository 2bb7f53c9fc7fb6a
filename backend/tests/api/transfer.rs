//! Transfers: a request passes to a colleague of its applicant. Who may do what, what moves and what stays, who is told.

mod awaited;
mod decided;

use chrono::{Days, Utc};
use datapass::schema::{enrollment_readers, enrollments, transfers, user_organizations, users};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, CLAMART, Client, DINUM, TestApp, races};

const API: &str = "api_particulier";

/// What waits is now older than ten working days.
pub async fn let_ten_working_days_pass(app: &TestApp, id: i64) {
    let asked_at = Utc::now().naive_utc() - Days::new(30);
    let waiting = transfers::table.filter(transfers::enrollment_id.eq(id)).filter(transfers::outcome.is_null());
    let moved =
        app.state.db.write(move |c| Ok(diesel::update(waiting).set(transfers::created_at.eq(asked_at)).execute(c)?));
    assert_eq!(moved.await.unwrap(), 1);
}

fn path(id: i64) -> String {
    format!("/api/enrollments/{id}/transfer")
}

async fn offer(who: &Client, id: i64, email: &str) -> Answer {
    who.post(&path(id), &json!({"kind": "offer", "email": email})).await
}

async fn ask(who: &Client, id: i64, reason: &str) -> Answer {
    who.post(&path(id), &json!({"kind": "ask", "reason": reason})).await
}

async fn give(who: &Client, id: i64, email: &str, reason: &str) -> Answer {
    who.post(&path(id), &json!({"kind": "move", "email": email, "reason": reason})).await
}

async fn answer(who: &Client, id: i64, accept: bool, reason: &str) -> Answer {
    who.put(&path(id), &json!({"accept": accept, "reason": reason})).await
}

async fn steps(who: &Client, id: i64) -> Value {
    who.get(&path(id)).await.ok()["steps"].clone()
}

async fn read(who: &Client, id: i64) -> Answer {
    who.get(&format!("/api/enrollments/{id}")).await
}

async fn listed(who: &Client, query: &str) -> Vec<i64> {
    let page = who.get(&format!("/api/enrollments?{query}")).await.ok();
    page["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

struct Scene {
    app: TestApp,
    applicant: Client,
    /// A verified member of the organisation.
    colleague: Client,
    /// Of another organisation.
    stranger: Client,
    instructor: Client,
    administrator: Client,
}

async fn scene() -> Scene {
    let app = TestApp::start();
    Scene {
        applicant: app.actor_of("depart", &[], &[CLAMART]).await,
        colleague: app.actor_of("arrivee", &[], &[CLAMART]).await,
        stranger: app.actor_of("ailleurs", &[], &[DINUM]).await,
        instructor: app.actor_of("instructrice", &["api_particulier:instructor"], &[]).await,
        administrator: app.actor_of("administratrice", &["administrator"], &[]).await,
        app,
    }
}

impl Scene {
    /// Sets whether somebody's address, or their membership, is verified.
    async fn set_verified(&self, email: &'static str, address: bool, membership: bool) {
        let written = self.app.state.db.write(move |c| {
            let who = users::table.filter(users::email.eq(email)).select(users::id).first::<i64>(c)?;
            diesel::update(users::table.find(who)).set(users::email_verified.eq(address)).execute(c)?;
            let theirs = user_organizations::table.filter(user_organizations::user_id.eq(who));
            Ok(diesel::update(theirs).set(user_organizations::is_verified.eq(membership)).execute(c)?)
        });
        written.await.unwrap();
    }

    /// To whom the last mails went, with what they say.
    async fn mails_since(&self, before: usize) -> Vec<(String, String)> {
        let mails = self.app.mails().await.into_iter().skip(before);
        let mut mails: Vec<_> = mails.map(|(to, subject, body)| (to, format!("{subject}\n{body}"))).collect();
        mails.sort();
        mails
    }
}

#[tokio::test]
async fn an_offer_is_accepted_by_who_it_is_made_to_and_all_else_stays() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, instructor, .. } = &scene;
    let id = applicant.submitted(API).await;
    let me = instructor.get("/api/session").await.ok()["user"]["id"].clone();
    let assignment = json!({"user_id": me, "from": null});
    instructor.put(&format!("/api/enrollments/{id}/assignment"), &assignment).await.ok();
    applicant.post(&format!("/api/enrollments/{id}/messages"), &json!({"body": "Bonjour."})).await.ok();
    let before = read(instructor, id).await.ok();
    read(colleague, id).await.error(404, "not_found");
    let mails = app.mails().await.len();

    let offered = offer(applicant, id, " Arrivee@exemple.fr ").await;
    assert_eq!(offered.status.as_u16(), 201);
    assert_eq!(offered.ok()["steps"], json!(["withdraw"]));
    let told = scene.mails_since(mails).await;
    assert_eq!(told.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["arrivee@exemple.fr", "depart@exemple.fr"]);
    for part in ["depart Exemple", "Tarification de la cantine", &format!("/demandes/{id}/transfert")] {
        assert!(told[0].1.contains(part), "{part} in {}", told[0].1);
    }
    read(colleague, id).await.error(404, "not_found");
    assert_eq!(listed(colleague, "").await, [0; 0], "nothing is theirs before they accept");
    let seen = colleague.get(&path(id)).await.ok();
    assert_eq!((&seen["steps"], &seen["needs_membership"]), (&json!(["accept", "refuse"]), &json!(false)));
    assert_eq!(seen["intitule"], "Tarification de la cantine");
    assert_eq!(seen["waiting"]["from"], "depart Exemple");

    let accepted = answer(colleague, id, true, "").await.ok();
    assert_eq!((&accepted["waiting"], &accepted["steps"]), (&Value::Null, &json!(["offer"])));
    let after = read(colleague, id).await.ok();
    assert_eq!(after["version"], before["version"].as_i64().unwrap() + 1);
    let member = |enrollment: &Value, kind: &str| {
        let members = enrollment["team_members"].as_array().unwrap();
        members.iter().find(|member| member["type"] == kind).unwrap().clone()
    };
    assert_eq!(member(&after, "demandeur")["email"], "arrivee@exemple.fr");
    assert_eq!(member(&after, "demandeur")["given_name"], "arrivee");
    let after = read(instructor, id).await.ok();
    for stays in ["status", "submitted_at", "waiting_from", "assigned_to", "documents", "scopes", "siret", "created_at"]
    {
        assert_eq!(after[stays], before[stays], "{stays}");
    }
    read(applicant, id).await.error(404, "not_found");
    let messages = colleague.get(&format!("/api/enrollments/{id}/messages")).await.ok();
    assert_eq!(messages[0]["body"], "Bonjour.");
}

#[tokio::test]
async fn lists_and_searches_follow_and_so_does_the_former_applicants_right_to_read() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, instructor, administrator, .. } = &scene;
    let id = applicant.submitted(API).await;
    give(administrator, id, "arrivee@exemple.fr", "Départ de l’agent.").await.ok();
    assert_eq!((listed(applicant, "").await, listed(colleague, "mine=true").await), (vec![], vec![id]));
    assert_eq!(listed(instructor, "search=arrivee@exemple.fr").await, [id]);
    assert_eq!(listed(instructor, "search=depart@exemple.fr").await, [0; 0]);
    let page = instructor.get("/api/enrollments").await.ok();
    assert_eq!(page["items"][0]["demandeur_email"], "arrivee@exemple.fr");
    let columns = app.state.db.read(move |c| {
        let row = enrollments::table.find(id).select((enrollments::demandeur_id, enrollments::demandeur_email));
        let readers = enrollment_readers::table.filter(enrollment_readers::enrollment_id.eq(id));
        let readers: Vec<String> = readers.select(enrollment_readers::email).load(c)?;
        let (applicant, email): (i64, String) = row.first(c)?;
        Ok((applicant, email, readers))
    });
    let (applicant_id, email, readers) = columns.await.unwrap();
    assert_eq!(json!(applicant_id), colleague.get("/api/session").await.ok()["user"]["id"]);
    assert_eq!(email, "arrivee@exemple.fr");
    // The applicant reads by their account, not by their address.
    assert!(!readers.contains(&email) && !readers.contains(&"depart@exemple.fr".to_owned()), "{readers:?}");

    // Who is named otherwise goes on reading, and no more than that.
    let id = applicant.complete(API).await;
    let mut members = read(applicant, id).await.ok()["team_members"].clone();
    let dpo = members.as_array_mut().unwrap().iter_mut().find(|one| one["type"] == "delegue_protection_donnees");
    dpo.unwrap()["email"] = json!("depart@exemple.fr");
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"team_members": members})).await.ok();
    give(administrator, id, "arrivee@exemple.fr", "Départ de l’agent.").await.ok();
    let seen = read(applicant, id).await.ok();
    assert_eq!(seen["actions"], json!(["ask_transfer"]));
    applicant.get(&format!("/api/enrollments/{id}/messages")).await.error(403, "forbidden");
}

#[tokio::test]
async fn who_accepts_has_a_verified_address_and_a_verified_membership() {
    let scene = scene().await;
    let Scene { applicant, stranger, .. } = &scene;
    let id = applicant.submitted(API).await;
    offer(applicant, id, "ailleurs@exemple.fr").await.ok();
    let seen = stranger.get(&path(id)).await.ok();
    assert_eq!((&seen["steps"], &seen["needs_membership"]), (&json!(["refuse"]), &json!(true)));
    answer(stranger, id, true, "").await.error(403, "forbidden");
    let joined = scene.app.actor_of("ailleurs", &[], &[CLAMART]).await;
    scene.set_verified("ailleurs@exemple.fr", true, false).await;
    answer(&joined, id, true, "").await.error(403, "forbidden");
    scene.set_verified("ailleurs@exemple.fr", false, true).await;
    answer(&joined, id, true, "").await.error(404, "not_found");
    joined.get(&path(id)).await.error(404, "not_found");
    scene.set_verified("ailleurs@exemple.fr", true, true).await;
    answer(&joined, id, true, "").await.ok();
    assert_eq!(read(&joined, id).await.ok()["status"], "submitted");
}

#[tokio::test]
async fn an_offer_is_declined_or_taken_back_and_then_nothing_waits() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, instructor, administrator, .. } = &scene;
    let id = applicant.complete(API).await;
    offer(applicant, id, "arrivee@exemple.fr").await.ok();
    offer(applicant, id, "autre@exemple.fr").await.error(409, "wrong_status");
    ask(colleague, id, "Je le remplace.").await.error(409, "wrong_status");
    for other in [applicant, instructor, administrator] {
        answer(other, id, true, "Décidé.").await.error(403, "forbidden");
    }
    colleague.delete(&path(id)).await.error(403, "forbidden");
    let mails = app.mails().await.len();
    answer(colleague, id, false, "Ce n’est pas mon projet.").await.ok();
    for (_, text) in scene.mails_since(mails).await {
        assert!(text.contains("Ce n’est pas mon projet.") && text.contains("refusé"), "{text}");
    }
    answer(colleague, id, true, "").await.error(404, "not_found");
    answer(applicant, id, true, "").await.error(409, "wrong_status");

    offer(applicant, id, "arrivee@exemple.fr").await.ok();
    let mails = app.mails().await.len();
    assert_eq!(applicant.delete(&path(id)).await.ok()["waiting"], Value::Null);
    assert_eq!(scene.mails_since(mails).await.len(), 2);
    applicant.delete(&path(id)).await.error(409, "wrong_status");
    assert_eq!(steps(colleague, id).await, json!(["ask"]));
    assert_eq!(read(applicant, id).await.ok()["status"], "draft");
}

#[tokio::test]
async fn a_colleague_asks_by_the_number_and_learns_nothing_of_the_content() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, stranger, .. } = &scene;
    let id = applicant.submitted(API).await;
    let seen = colleague.get(&path(id)).await.ok();
    let nothing =
        json!({"enrollment_id": id, "intitule": null, "waiting": null, "steps": ["ask"], "needs_membership": false});
    assert_eq!(seen, nothing);
    for (who, status) in [(stranger, 404), (applicant, 403)] {
        ask(who, id, "Je le remplace.").await.error(status, if status == 404 { "not_found" } else { "forbidden" });
    }
    stranger.get(&path(id)).await.error(404, "not_found");
    scene.set_verified("arrivee@exemple.fr", true, false).await;
    ask(colleague, id, "Je le remplace.").await.error(404, "not_found");
    scene.set_verified("arrivee@exemple.fr", false, true).await;
    ask(colleague, id, "Je le remplace.").await.error(404, "not_found");
    scene.set_verified("arrivee@exemple.fr", true, true).await;
    assert_eq!(ask(colleague, id, " ").await.places(), ["/reason: required"]);
    let mails = app.mails().await.len();
    let asked = ask(colleague, id, "Je le remplace.").await.ok();
    assert_eq!((&asked["intitule"], &asked["steps"]), (&Value::Null, &json!(["withdraw"])));
    let told = scene.mails_since(mails).await;
    assert_eq!(told.len(), 2);
    assert!(!told[0].1.contains("cantine") && !told[0].1.contains("API Particulier"), "{}", told[0].1);
    assert!(told[1].1.contains("cantine") && told[1].1.contains("Je le remplace."), "{}", told[1].1);
    read(colleague, id).await.error(404, "not_found");
    assert_eq!(listed(colleague, "").await, [0; 0]);
    // A second colleague does not learn who was first.
    let second = app.actor_of("seconde", &[], &[CLAMART]).await;
    let seen = second.get(&path(id)).await.ok();
    assert_eq!((&seen["waiting"], &seen["steps"]), (&Value::Null, &json!([])));
    ask(&second, id, "Moi aussi.").await.error(409, "wrong_status");
    answer(colleague, id, true, "").await.error(404, "not_found");
    colleague.delete(&path(id)).await.ok();
    ask(&second, id, "Moi aussi.").await.ok();
}

#[tokio::test]
async fn the_applicant_answers_a_colleague_and_the_history_says_why() {
    let scene = scene().await;
    let Scene { applicant, colleague, instructor, .. } = &scene;
    let id = applicant.submitted(API).await;
    ask(colleague, id, "Je le remplace.").await.ok();
    assert_eq!(steps(applicant, id).await, json!(["accept", "refuse"]));
    answer(applicant, id, false, "").await.ok();
    assert_eq!(read(applicant, id).await.ok()["demandeur_id"], applicant.get("/api/session").await.ok()["user"]["id"]);
    ask(colleague, id, "Je le remplace vraiment.").await.ok();
    let left = answer(applicant, id, true, "Bonne suite.").await.ok();
    assert_eq!((&left["intitule"], &left["steps"]), (&Value::Null, &json!(["ask"])), "a colleague like any other");
    read(applicant, id).await.error(404, "not_found");
    let events = instructor.get(&format!("/api/enrollments/{id}/events")).await.ok();
    let event = events.as_array().unwrap().last().unwrap();
    assert_eq!((&event["name"], &event["author"]), (&json!("transfer"), &json!("depart Exemple")));
    assert_eq!(event["comment"], "Je le remplace vraiment.\n\nBonne suite.");
    let email = event["changes"].as_array().unwrap().iter().find(|change| change["before"] == "depart@exemple.fr");
    assert_eq!(email.unwrap()["after"], "arrivee@exemple.fr");
    assert_eq!(events.as_array().unwrap().len(), 3, "create, submit, transfer");
}
