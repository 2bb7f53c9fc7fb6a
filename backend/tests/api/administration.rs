//! What administrators do with people: keep them out, act for them, put contact details right.

use datapass::connection::types::now;
use datapass::schema::sessions;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

async fn ban(who: &Client, email: &str, banned: bool) -> Answer {
    who.post("/api/users/ban", &json!({"email": email, "banned": banned, "reason": "Adresse compromise."})).await
}

async fn act_for(who: &Client, email: &str) -> Answer {
    who.post("/api/impersonation", &json!({"email": email, "reason": "Assistance demandée."})).await
}

async fn history(who: &Client, id: i64) -> Vec<Value> {
    who.get(&format!("/api/enrollments/{id}/events")).await.ok().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_banned_user_is_signed_out_and_gets_no_mails() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    let before = app.mails().await.len();

    let person = ban(&administrator, " Demandeur@exemple.fr", true).await.ok();
    assert_eq!(person["ban"]["reason"], "Adresse compromise.");
    applicant.get(&format!("/api/enrollments/{id}")).await.error(401, "unauthorized");
    applicant.post("/api/enrollments", &json!({"target_api": "franceconnect"})).await.error(401, "unauthorized");
    let told = |session: &Value| (session["user"].clone(), session["suspension"].clone());
    assert_eq!(told(&applicant.get("/api/session").await.ok()), (Value::Null, json!("Adresse compromise.")));
    assert_eq!(told(&app.visitor().get("/api/session").await.ok()), (Value::Null, Value::Null));
    // A session that was being opened meanwhile is none either.
    let again = app.actor("demandeur", &[]).await;
    again.get(&format!("/api/enrollments/{id}")).await.error(401, "unauthorized");

    instructor.step(id, "request_changes", "Précisez.").await.ok();
    assert_eq!(app.mails().await.len(), before, "no mail goes to them");
    let listed = administrator.get("/api/users").await.ok();
    let emails: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|one| &one["email"]).collect();
    assert!(emails.contains(&&json!("demandeur@exemple.fr")), "they are listed without a role: {listed}");

    assert_eq!(ban(&administrator, "demandeur@exemple.fr", false).await.ok()["ban"], Value::Null);
    let back = app.actor("demandeur", &[]).await;
    back.get(&format!("/api/enrollments/{id}")).await.ok();
    applicant.get(&format!("/api/enrollments/{id}")).await.error(401, "unauthorized");
    assert_eq!(told(&applicant.get("/api/session").await.ok()), (Value::Null, Value::Null), "it stays ended");
    let done = administrator.get("/api/users/account_changes?email=demandeur@exemple.fr").await.ok();
    assert_eq!((&done[0]["action"], &done[1]["action"]), (&json!("unban"), &json!("ban")));
    assert_eq!(
        (&done[1]["reason"], &done[1]["administrator"]),
        (&json!("Adresse compromise."), &json!("admin Exemple"))
    );
}

#[tokio::test]
async fn a_ban_makes_sense_and_leaves_an_administrator() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let colleague = app.actor("collegue", &["administrator"]).await;
    let other = app.actor("autre", &[]).await;
    ban(&other, "admin@exemple.fr", true).await.error(403, "forbidden");
    other.get("/api/users/account_changes?email=admin@exemple.fr").await.error(403, "forbidden");
    ban(&app.visitor(), "admin@exemple.fr", true).await.error(401, "unauthorized");
    assert!(ban(&administrator, "admin@exemple.fr", true).await.error(409, "wrong_status").contains("votre propre"));
    ban(&administrator, "inconnue@exemple.fr", true).await.error(404, "not_found");
    for (email, reason) in [
        ("autre@exemple.fr", ""),
        ("autre@exemple.fr", "  "),
        ("autre", "R."),
        ("autre@exemple.fr", &"x".repeat(1_001)),
    ] {
        let body = json!({"email": email, "banned": true, "reason": reason});
        administrator.post("/api/users/ban", &body).await.error(400, "bad_request");
    }
    other.get("/api/enrollments").await.ok();

    // Two administrators against each other: one remains.
    let (first, second) =
        tokio::join!(ban(&administrator, "collegue@exemple.fr", true), ban(&colleague, "admin@exemple.fr", true));
    assert_eq!([&first, &second].iter().filter(|answer| answer.status.is_success()).count(), 1);
    let remaining = if first.status.is_success() { &administrator } else { &colleague };
    remaining.get("/api/users").await.ok();
    // Whoever is kept out does not count.
    let email = if first.status.is_success() { "admin@exemple.fr" } else { "collegue@exemple.fr" };
    let change = json!({"email": email, "role": "administrator", "granted": false, "reason": "Départ."});
    remaining.post("/api/users/roles", &change).await.error(409, "wrong_status");
}

#[tokio::test]
async fn impersonation_is_shown_and_logged() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("franceconnect").await;
    let path = format!("/api/enrollments/{id}");

    let begun = act_for(&administrator, "demandeur@exemple.fr").await;
    let session = begun.ok();
    assert_eq!(session["user"]["email"], "demandeur@exemple.fr");
    assert_eq!(session["impersonation"]["administrator"], "admin Exemple");
    administrator.get(&path).await.error(401, "unauthorized");
    let acting = administrator.after(&begun);
    assert_eq!(acting.get("/api/session").await.ok(), session);

    acting.patch(&path, &json!({"intitule": "Corrigé au téléphone"})).await.ok();
    applicant.patch(&path, &json!({"intitule": "Corrigé ensuite"})).await.ok();
    let lines = history(&applicant, id).await;
    let authors: Vec<&str> = lines.iter().map(|line| line["author"].as_str().unwrap()).collect();
    assert_eq!(authors, ["demandeur Exemple", "demandeur Exemple (par un administrateur)", "demandeur Exemple"]);

    // Nothing that is an administrator's.
    acting.get("/api/audit").await.error(403, "forbidden");
    acting.get("/api/users").await.error(403, "forbidden");
    ban(&acting, "demandeur@exemple.fr", true).await.error(403, "forbidden");
    act_for(&acting, "demandeur@exemple.fr").await.error(403, "forbidden");
    let change = json!({"email": "demandeur@exemple.fr", "role": "administrator", "granted": true, "reason": "R."});
    acting.post("/api/users/roles", &change).await.error(403, "forbidden");

    let ended = acting.delete("/api/impersonation").await;
    assert_eq!(ended.ok()["user"]["email"], "admin@exemple.fr");
    acting.get(&path).await.error(401, "unauthorized");
    let own = acting.after(&ended);
    own.delete("/api/impersonation").await.error(409, "wrong_status");
    app.state.audit.flush(&app.state.db).await.unwrap();
    let told = own.get("/api/audit?person=admin@exemple.fr&object=enrollment").await.ok();
    let line = &told["items"][0];
    assert_eq!((&line["action"], &line["actor"]), (&json!("enrollment.update"), &json!("demandeur Exemple")));
    assert_eq!(line["administrator"], "admin Exemple");
    let told = own.get("/api/audit?person=admin@exemple.fr&object=user").await.ok();
    let actions: Vec<&str> =
        told["items"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"user.impersonate") && actions.contains(&"user.end_impersonation"), "{actions:?}");
    assert_eq!(own.get("/api/users/account_changes?email=demandeur@exemple.fr").await.ok()[0]["action"], "impersonate");
}

#[tokio::test]
async fn impersonation_excludes_administrators_and_banned_users_and_expires() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let colleague = app.actor("collegue", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    act_for(&applicant, "demandeur@exemple.fr").await.error(403, "forbidden");
    act_for(&app.visitor(), "demandeur@exemple.fr").await.error(401, "unauthorized");
    act_for(&administrator, "collegue@exemple.fr").await.error(403, "forbidden");
    act_for(&administrator, "admin@exemple.fr").await.error(403, "forbidden");
    act_for(&administrator, "inconnue@exemple.fr").await.error(404, "not_found");
    let body = json!({"email": "demandeur@exemple.fr", "reason": " "});
    administrator.post("/api/impersonation", &body).await.error(400, "bad_request");
    app.visitor().delete("/api/impersonation").await.error(401, "unauthorized");

    // Whom one acts for becomes an administrator: one is oneself again.
    let begun = act_for(&administrator, "demandeur@exemple.fr").await;
    let acting = administrator.after(&begun);
    let change =
        |granted| json!({"email": "demandeur@exemple.fr", "role": "administrator", "granted": granted, "reason": "R."});
    colleague.post("/api/users/roles", &change(true)).await.ok();
    assert_eq!(acting.get("/api/session").await.ok()["user"]["email"], "admin@exemple.fr");
    colleague.post("/api/users/roles", &change(false)).await.ok();
    assert_eq!(acting.get("/api/session").await.ok()["user"]["email"], "demandeur@exemple.fr");

    // The hour is over.
    let earlier = now().naive_utc() - chrono::Duration::minutes(1);
    let over = diesel::update(sessions::table.filter(sessions::acting_for.is_not_null()))
        .set(sessions::acting_until.eq(earlier));
    app.state.db.write(move |c| Ok(over.execute(c)?)).await.unwrap();
    assert_eq!(acting.get("/api/session").await.ok()["user"]["email"], "admin@exemple.fr");

    // Whom one acts for is kept out; then the administrator is.
    let begun = act_for(&acting, "demandeur@exemple.fr").await;
    let acting = acting.after(&begun);
    ban(&colleague, "demandeur@exemple.fr", true).await.ok();
    assert_eq!(acting.get("/api/session").await.ok()["user"]["email"], "admin@exemple.fr");
    act_for(&acting, "demandeur@exemple.fr").await.error(403, "forbidden");
    ban(&colleague, "demandeur@exemple.fr", false).await.ok();
    let begun = act_for(&acting, "demandeur@exemple.fr").await;
    let acting = acting.after(&begun);
    ban(&colleague, "admin@exemple.fr", true).await.ok();
    assert_eq!(acting.get("/api/session").await.ok()["user"], Value::Null);
}

fn corrected(email: &str) -> Value {
    json!({
        "reason": "Erreur de saisie signalée par téléphone.",
        "member": {
            "type": "delegue_protection_donnees", "given_name": "Andrea", "family_name": "Exemple", "email": email,
            "phone_number": "06 12 34 56 78", "job": "Déléguée",
        },
    })
}

#[tokio::test]
async fn correcting_contacts_notifies_the_applicant_and_who_is_named() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let officer = app.actor("andrea", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    let (path, contacts) = (format!("/api/enrollments/{id}"), format!("/api/enrollments/{id}/contacts"));
    instructor.step(id, "validate", "Bon.").await.ok();
    officer.get(&path).await.error(404, "not_found");
    let granted = applicant.get(&path).await.ok()["authorisations"][0]["id"].clone();
    let before = applicant.get(&format!("/api/authorisations/{granted}")).await.ok();

    officer.post(&contacts, &corrected("andrea@exemple.fr")).await.error(404, "not_found");
    for who in [&applicant, &instructor] {
        who.post(&contacts, &corrected("andrea@exemple.fr")).await.error(403, "forbidden");
    }
    let wrong = administrator.post(&contacts, &corrected("andrea")).await.fields();
    assert_eq!(wrong, ["/member/email: format"]);
    let mut other = corrected("andrea@exemple.fr");
    other["member"]["type"] = json!("demandeur");
    administrator.post(&contacts, &other).await.error(400, "bad_request");
    let mut other = corrected("andrea@exemple.fr");
    other["place"] = json!(1);
    administrator.post(&contacts, &other).await.error(400, "bad_request");
    for reason in ["", " ", &"x".repeat(10_001)] {
        let mut other = corrected("andrea@exemple.fr");
        other["reason"] = json!(reason);
        administrator.post(&contacts, &other).await.error(400, "bad_request");
    }
    let stale = administrator.request(reqwest::Method::POST, &contacts).header("If-Match", "\"1\"");
    administrator.send(stale.json(&corrected("andrea@exemple.fr"))).await.error(409, "stale_version");

    let mails = app.mails().await.len();
    let answer = administrator.post(&contacts, &corrected(" Andrea@exemple.fr ")).await.ok();
    assert_eq!(answer["status"], "validated");
    administrator.post(&contacts, &corrected("andrea@exemple.fr")).await.error(400, "bad_request");
    officer.get(&path).await.ok();
    let mut authorisation = applicant.get(&format!("/api/authorisations/{granted}")).await.ok();
    let current = std::mem::replace(&mut authorisation["current_contacts"], json!([]));
    assert_eq!(authorisation, before, "what was granted stays");
    assert_eq!((&current[0]["place"], &current[0]["member"]["email"]), (&json!(0), &json!("andrea@exemple.fr")));
    let line = history(&applicant, id).await.pop().unwrap();
    assert_eq!((&line["name"], &line["author"]), (&json!("correct_contacts"), &json!("admin Exemple")));
    let fields: Vec<&str> =
        line["changes"].as_array().unwrap().iter().map(|change| change["field"].as_str().unwrap()).collect();
    assert!(fields.contains(&"team_members.delegue_protection_donnees.email"), "{line}");
    let told = app.mails().await.split_off(mails);
    let readers: Vec<&str> = told.iter().map(|(to, ..)| to.as_str()).collect();
    assert_eq!(readers, ["demandeur@exemple.fr", "andrea@exemple.fr"], "{told:?}");
    assert!(told[0].2.contains("Erreur de saisie signalée par téléphone."), "{}", told[0].2);
    administrator.step(id, "correct_contacts", "x").await.error(400, "bad_request");
}

/// The details of the data controller.
fn controller(given_name: &str) -> Value {
    let member = json!({"type": "responsable_traitement", "email": "responsable@exemple.fr", "given_name": given_name,
        "family_name": "Exemple", "phone_number": "01 02 03 04 05", "job": "Directrice"});
    json!({"member": member, "reason": "Nomination."})
}

#[tokio::test]
async fn a_corrected_contact_shows_at_once_and_survives_an_update_that_is_given_up() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("api_particulier").await;
    instructor.step(id, "validate", "Bon.").await.ok();
    let public = || async {
        app.visitor().get("/api/enrollments/public").await.ok()["items"][0]["responsable_traitement"].clone()
    };
    let granted = applicant.get(&format!("/api/enrollments/{id}")).await.ok()["authorisations"][0]["id"].clone();
    let current = || async {
        let authorisation = applicant.get(&format!("/api/authorisations/{granted}")).await.ok();
        authorisation["current_contacts"][0]["member"]["given_name"].clone()
    };
    let contacts = format!("/api/enrollments/{id}/contacts");
    administrator.post(&contacts, &controller("Camille")).await.ok();
    assert_eq!((public().await, current().await), (json!("Camille Exemple"), json!("Camille")));

    applicant.step(id, "reopen", "").await.ok();
    administrator.post(&contacts, &controller("Dominique")).await.ok();
    assert_eq!((public().await, current().await), (json!("Dominique Exemple"), json!("Dominique")));
    let after = applicant.step(id, "cancel_reopening", "").await.ok();
    let named = after["team_members"].as_array().unwrap().iter().find(|one| one["type"] == "responsable_traitement");
    assert_eq!(named.unwrap()["given_name"], "Dominique");
    assert_eq!((public().await, current().await), (json!("Dominique Exemple"), json!("Dominique")));
}

#[tokio::test]
async fn contacts_of_drafts_and_of_archived_requests_can_be_corrected() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let draft = json!({
        "target_api": "franceconnect",
        "team_members": [{"type": "delegue_protection_donnees", "email": "andréa@exemple"}],
    });
    let id = applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap();
    let contacts = format!("/api/enrollments/{id}/contacts");
    let member = json!({"type": "delegue_protection_donnees", "email": "andrea@exemple.fr"});
    let correction = json!({"member": member, "reason": "Adresse refusée par la messagerie."});
    administrator.post(&contacts, &correction).await.ok();
    applicant.step(id, "archive", "").await.ok();
    let member = json!({"type": "delegue_protection_donnees", "email": "autre@exemple.fr"});
    let correction = json!({"member": member, "reason": "A changé de poste."});
    administrator.post(&contacts, &correction).await.ok();
    administrator.post("/api/enrollments/999999/contacts", &correction).await.error(404, "not_found");
}
