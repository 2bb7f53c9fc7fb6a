//! What mails say and whom they reach: about an update, at a grant and a revocation, when somebody else is named.

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const API: &str = "api_particulier";

/// The last mail to the applicant: subject and text.
async fn last(app: &TestApp) -> (String, String) {
    let mails = app.mails().await;
    let (_, subject, body) = mails.into_iter().rfind(|(to, ..)| to == "demandeur@exemple.fr").unwrap();
    (subject.replace('\u{a0}', " "), body.replace('\u{a0}', " "))
}

/// The numbers of the authorisations of a request, newest first.
async fn numbers(client: &Client, id: i64) -> Vec<String> {
    let read = client.get(&format!("/api/enrollments/{id}")).await.ok();
    let number = |one: &Value| format!("H{}", one["id"]);
    read["authorisations"].as_array().unwrap().iter().map(number).collect()
}

#[tokio::test]
async fn each_mail_about_an_update_names_what_stays_in_force() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    // Numbers of requests and of authorisations differ.
    applicant.complete(API).await;
    let id = applicant.submitted(API).await;
    assert_eq!(last(&app).await.0, format!("Votre demande d’habilitation n° {id} est transmise"));
    instructor.step(id, "validate", "Conforme.").await.ok();
    let number = numbers(&applicant, id).await[0].clone();
    assert_eq!(last(&app).await.0, "Votre habilitation à API Particulier est accordée", "the policy's own words");

    applicant.step(id, "reopen", "").await.ok();
    applicant.step(id, "submit", "").await.ok();
    let (subject, body) = last(&app).await;
    assert_eq!(subject, format!("La mise à jour de votre habilitation {number} est transmise"));
    assert!(body.contains("reste en vigueur"), "{body}");
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    assert_eq!(last(&app).await.0, format!("La mise à jour de votre habilitation {number} est à modifier"));
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "refuse", "Trop de données.").await.ok();
    let (subject, body) = last(&app).await;
    assert_eq!(subject, format!("La mise à jour de votre habilitation {number} est refusée"));
    assert!(body.contains("L’habilitation n’est pas touchée") && body.contains("Trop de données."), "{body}");

    applicant.step(id, "reopen", "").await.ok();
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "validate", "Conforme.").await.ok();
    let renewed = numbers(&applicant, id).await[0].clone();
    let (subject, body) = last(&app).await;
    assert_eq!(subject, "La mise à jour de votre habilitation est validée");
    assert!(renewed != number && body.contains(&format!("l’habilitation {renewed} remplace la précédente")), "{body}");
    let revoker = app.actor("admin", &["administrator"]).await;
    revoker.step(id, "revoke", "Fermé.").await.ok();
    assert_eq!(last(&app).await.0, format!("Votre habilitation {renewed} est révoquée"));
}

#[tokio::test]
async fn a_mail_that_is_only_shown_has_no_number_yet() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let id = applicant.submitted("franceconnect").await;
    let step = json!({"event": "validate", "comment": "Conforme."});
    let mails = instructor.post(&format!("/api/enrollments/{id}/mail_preview"), &step).await.ok();
    let controller = mails.as_array().unwrap().iter().find(|mail| mail["to"] == "responsable_traitement@exemple.fr");
    assert!(controller.unwrap()["body"].as_str().unwrap().contains("(habilitation H…)"), "{mails}");
}

/// To whom the mails since then went, and their subjects.
async fn told(app: &TestApp, since: usize) -> Vec<(String, String)> {
    let mails = app.mails().await.split_off(since);
    let mut told: Vec<_> = mails.into_iter().map(|(to, subject, _)| (to, subject.replace('\u{a0}', " "))).collect();
    told.sort();
    told
}

#[tokio::test]
async fn a_revocation_notifies_everyone_whom_the_grant_notified() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let id = applicant.submitted(API).await;
    let since = app.mails().await.len();
    instructor.step(id, "validate", "Conforme.").await.ok();
    let everybody = [
        "delegue_protection_donnees@exemple.fr",
        "demandeur@exemple.fr",
        "responsable_technique@exemple.fr",
        "responsable_traitement@exemple.fr",
    ];
    let granted = told(&app, since).await;
    assert_eq!(granted.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), everybody);
    assert_eq!(granted[2].1, "Vous êtes responsable technique pour « Tarification de la cantine »");

    let since = app.mails().await.len();
    app.actor("admin", &["administrator"]).await.step(id, "revoke", "Le service a fermé.").await.ok();
    let revoked = told(&app, since).await;
    assert_eq!(revoked.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), everybody);
    let number = &numbers(&applicant, id).await[0];
    for (_, subject) in &revoked {
        assert!(subject.contains(number) && subject.contains("révoquée"), "{subject}");
    }
    let mails = app.mails().await.split_off(since);
    let reasons = mails.iter().filter(|(_, _, body)| body.contains("Le service a fermé."));
    let readers: Vec<&String> = reasons.map(|(to, ..)| to).collect();
    assert_eq!(readers, ["demandeur@exemple.fr"], "the reason is the applicant's to read");
}

#[tokio::test]
async fn a_new_dpo_is_notified_once_the_request_is_granted() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = applicant.submitted(API).await;
    let corrected = |email: &str| {
        let member = json!({"type": "delegue_protection_donnees", "email": email, "given_name": "Andrea",
            "family_name": "Exemple", "phone_number": "0102030405", "job": "Déléguée"});
        json!({"member": member, "reason": "Nomination."})
    };
    let path = format!("/api/enrollments/{id}/contacts");
    let since = app.mails().await.len();
    administrator.post(&path, &corrected("avant@exemple.fr")).await.ok();
    let only: Vec<_> = told(&app, since).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(only, ["demandeur@exemple.fr"], "nothing is granted yet");
    instructor.step(id, "validate", "Conforme.").await.ok();

    let since = app.mails().await.len();
    administrator.post(&path, &corrected("nouvelle@exemple.fr")).await.ok();
    let both: Vec<_> = told(&app, since).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(both, ["demandeur@exemple.fr", "nouvelle@exemple.fr"]);
}

#[tokio::test]
async fn the_applicant_is_told_of_a_new_draft_once_and_of_a_renewal_not_at_all() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let id = applicant.post("/api/enrollments", &json!({"target_api": "franceconnect"})).await.ok()["id"].clone();
    let (subject, body) = last(&app).await;
    assert_eq!(subject, format!("Votre demande n° {id} pour FranceConnect est commencée"));
    let link = format!("http://localhost:{}/demandes/{id}", app.url.rsplit(':').next().unwrap());
    for words in [&*link, "support.partenaires@franceconnect.gouv.fr", "soumettez la demande"] {
        assert!(body.contains(words), "{words}: {body}");
    }
    assert!(!body.contains("« »"), "it has no title yet: {body}");
    let path = format!("/api/enrollments/{id}");
    applicant.patch(&path, &json!({"intitule": "Cantine"})).await.ok();
    assert_eq!(app.mails().await.len(), 1, "what is written in it is told to nobody");

    let granted = applicant.submitted("franceconnect").await;
    instructor.step(granted, "validate", "Conforme.").await.ok();
    let before = app.mails().await.len();
    applicant.post(&format!("/api/enrollments/{granted}/copy"), &json!({})).await.ok();
    assert_eq!(app.mails().await.len(), before, "who renews has just asked for it");
}

#[tokio::test]
async fn the_mail_of_a_submission_says_how_long_answers_take_where_enough_were_given() {
    use datapass::models::decision;
    use shared::queue::{MAX_DECISIONS, MIN_DECISIONS};

    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = datapass::ids::EnrollmentId(applicant.submitted("franceconnect").await);
    // Answers of that many days, given that many days ago.
    let answered = |all: Vec<(i64, i64)>| {
        app.state.db.write(move |c| {
            for (days, ago) in all {
                let at = datapass::connection::types::now().naive_utc() - chrono::Duration::days(ago);
                decision::insert(c, id, "franceconnect", days * 86_400, at)?;
            }
            Ok(())
        })
    };
    answered(vec![(50, 400); MIN_DECISIONS]).await.unwrap();
    answered((1..5).map(|days| (days, 1)).collect()).await.unwrap();
    let told = || async {
        applicant.submitted("franceconnect").await;
        let body = last(&app).await.1;
        body.split_once("80 % des demandes ont une réponse en moins ")
            .map(|(_, after)| after.split_once(',').unwrap().0.to_owned())
    };
    assert_eq!(told().await, None, "answers of more than a year ago do not count");
    answered(vec![(20, 1)]).await.unwrap();
    assert_eq!(told().await.as_deref(), Some("de 5 jours"), "four days of 1, 2, 3, 4, 20");
    answered(vec![(0, 0); MAX_DECISIONS]).await.unwrap();
    assert_eq!(told().await.as_deref(), Some("d’un jour"), "the latest answers count, no more than so many");
}

#[tokio::test]
async fn the_team_is_told_of_an_editor_that_the_policy_does_not_list() {
    let team = "equipe@exemple.fr";
    let app = TestApp::start_with(|config| config.team_email = Some(team.to_owned()));
    let applicant = app.actor("demandeur", &[]).await;
    let to_team = || async {
        let mails = app.mails().await.into_iter().filter(|(to, ..)| to == team);
        mails.map(|(_, subject, body)| (subject.replace('\u{a0}', " "), body)).collect::<Vec<_>>()
    };
    let by = |kind: &str, value: &str| json!({"technical_team_type": kind, "technical_team_value": value});
    // An editor of the list, a team of the applicant's own, and an API that lists no editors.
    applicant.submitted_as(API, &by("software_company", "42172024400050")).await;
    applicant.submitted_as(API, &by("other", "Un bureau d’études")).await;
    applicant.submitted_as("franceconnect", &by("software_company", "Inconnu SA")).await;
    assert_eq!(to_team().await, []);
    for editor in ["Nouveau Logiciel SARL", "12345678900011"] {
        let id = applicant.submitted_as(API, &by("software_company", editor)).await;
        let (subject, body) = to_team().await.pop().unwrap();
        assert_eq!(subject, format!("Éditeur inconnu d’API Particulier : {editor}"));
        assert!(body.contains(editor) && body.contains(&id.to_string()), "{body}");
    }

    let without = TestApp::start();
    let applicant = without.actor("demandeur", &[]).await;
    applicant.submitted_as(API, &by("software_company", "Inconnu SA")).await;
    let to: Vec<String> = without.mails().await.into_iter().map(|(to, ..)| to).collect();
    assert!(to.iter().all(|to| to == "demandeur@exemple.fr"), "{to:?}");
}
