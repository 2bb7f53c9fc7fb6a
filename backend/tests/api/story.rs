//! The main job: file, ask for changes, answer, validate, publish.

use serde_json::json;

use crate::support::{Client, TestApp};

#[tokio::test]
async fn a_request_is_filed_sent_back_answered_validated_and_published() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let _subscriber = app.actor("abonne", &["api_particulier:subscriber"]).await;
    let _of_group = app.actor("abonne-cnaf", &["api_particulier:cnaf:subscriber"]).await;
    let _of_other_group = app.actor("abonne-men", &["api_particulier:men:subscriber"]).await;
    let id = file_send_back_and_answer(&applicant, &instructor).await;
    validate_as_previewed(&app, &instructor, id).await;
    check_publication(&app, &applicant, id).await;
    check_history(&applicant, id).await;
}

async fn file_send_back_and_answer(applicant: &Client, instructor: &Client) -> i64 {
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let submitted = applicant.step(id, "submit", "").await.ok();
    assert_eq!(submitted["status"], "submitted");
    assert_eq!(submitted["nom_raison_sociale"], "Organisation 21920023500014");

    let seen = instructor.get(&path).await.ok();
    let actions = json!([
        "read_messages",
        "request_changes",
        "validate",
        "refuse",
        "archive",
        "offer_partial_grant",
        "notify",
        "annotate",
        "ask_opinion",
        "assign",
        "ask_transfer",
        "decide_transfer"
    ]);
    assert_eq!(seen["actions"], actions);
    assert_eq!(seen["changes"], json!([]));
    let back = instructor.step(id, "request_changes", "Précisez les destinataires.").await.ok();
    assert_eq!(back["status"], "changes_requested");

    assert_eq!(
        applicant.get(&path).await.ok()["actions"],
        json!(["read_messages", "update", "submit", "archive", "notify", "transfer", "decide_transfer"])
    );
    applicant.patch(&path, &json!({"data_recipients": "Agents du service enfance et de la régie"})).await.ok();
    applicant.step(id, "submit", "").await.ok();

    let seen = instructor.get(&path).await.ok();
    assert_eq!(
        seen["changes"],
        json!([{
            "field": "data_recipients",
            "before": "Agents du service enfance",
            "after": "Agents du service enfance et de la régie",
        }])
    );
    id
}

async fn validate_as_previewed(app: &TestApp, instructor: &Client, id: i64) {
    let path = format!("/api/enrollments/{id}");
    let preview = json!({"event": "validate", "comment": "Tout est conforme."});
    let preview = instructor.post(&format!("{path}/mail_preview"), &preview).await.ok();
    let validated = instructor.step(id, "validate", "Tout est conforme.").await.ok();
    assert_eq!(validated["status"], "validated");
    assert_eq!(
        validated["actions"],
        json!(["read_messages", "revoke", "notify", "annotate", "assign", "ask_transfer", "decide_transfer"])
    );

    let mails = app.mails().await;
    let recipients: Vec<&str> = mails.iter().map(|(to, _, _)| to.as_str()).collect();
    assert_eq!(
        recipients,
        [
            "demandeur@exemple.fr",
            "demandeur@exemple.fr",
            "abonne-cnaf@exemple.fr",
            "abonne@exemple.fr",
            "demandeur@exemple.fr",
            "demandeur@exemple.fr",
            "abonne-cnaf@exemple.fr",
            "abonne@exemple.fr",
            "demandeur@exemple.fr",
            "responsable_traitement@exemple.fr",
            "delegue_protection_donnees@exemple.fr",
            "responsable_technique@exemple.fr",
        ]
    );
    let (_, subject, body) = &mails[8];
    assert_eq!(
        (&preview[0]["subject"], &preview[0]["body"]),
        (&json!(subject), &json!(body)),
        "the preview is the mail"
    );
    assert!(body.contains("Tout est conforme."));
}

async fn check_publication(app: &TestApp, applicant: &Client, id: i64) {
    let path = format!("/api/enrollments/{id}");
    let public = app.visitor().get("/api/enrollments/public").await.ok();
    let authorisations = applicant.get(&path).await.ok()["authorisations"].clone();
    assert_eq!((&authorisations[0]["state"], &authorisations[0]["id"]), (&json!("active"), &public["items"][0]["id"]));
    assert_eq!(public["items"][0]["label"], "API Particulier");
    assert_eq!(public["items"][0]["responsable_traitement"], "Claude Modèle");
    assert_eq!(public["items"].as_array().unwrap().len(), 1);
    assert!(!public.to_string().contains('@'), "no address is published: {public}");
}

async fn check_history(applicant: &Client, id: i64) {
    let path = format!("/api/enrollments/{id}");
    let history = applicant.get(&format!("{path}/events")).await.ok();
    let lines: Vec<(&str, &str)> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["name"].as_str().unwrap(), event["author"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            ("create", "demandeur Exemple"),
            ("submit", "demandeur Exemple"),
            ("request_changes", "instructeur Exemple"),
            ("update", "demandeur Exemple"),
            ("submit", "demandeur Exemple"),
            ("validate", "instructeur Exemple"),
        ]
    );
}

#[tokio::test]
async fn updates_that_follow_closely_are_one_line_of_the_history() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    let history = format!("{path}/events");

    applicant.patch(&path, &json!({"intitule": "Crèche"})).await.ok();
    applicant.patch(&path, &json!({"intitule": "Crèches", "description": "Autre"})).await.ok();
    let events = applicant.get(&history).await.ok();
    assert_eq!(events.as_array().unwrap().len(), 2);
    assert_eq!(events[1]["changes"][0]["before"], "Tarification de la cantine");
    assert_eq!(events[1]["changes"][0]["after"], "Crèches");
    assert_eq!(events[1]["changes"].as_array().unwrap().len(), 2);

    let version = applicant.get(&path).await.ok()["version"].clone();
    applicant.patch(&path, &json!({"intitule": "Crèches"})).await.ok();
    assert_eq!(applicant.get(&path).await.ok()["version"], version, "a change of nothing changes nothing");
}

#[tokio::test]
async fn a_refusal_says_why() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let colleague = app.actor("responsable_technique", &[]).await;
    let stranger = app.actor("inconnu", &["franceconnect:instructor"]).await;
    let reporter = app.actor("rapporteur", &["api_particulier:reporter"]).await;
    let of_group = app.actor("rapporteur-cnaf", &["api_particulier:cnaf:reporter"]).await;
    let of_other_group = app.actor("rapporteur-men", &["api_particulier:men:reporter"]).await;
    let administrator = app.actor("administrateur", &["administrator"]).await;
    let id = applicant.submitted("api_particulier").await;
    let path = format!("/api/enrollments/{id}");

    for reader in [&applicant, &colleague, &reporter, &of_group, &administrator] {
        reader.get(&path).await.ok();
    }
    for other in [&stranger, &of_other_group] {
        assert!(other.get(&path).await.error(404, "not_found").contains("accès"));
        other.get(&format!("{path}/events")).await.error(404, "not_found");
    }
    app.visitor().get(&path).await.error(401, "unauthorized");
    for (who, event) in [(&applicant, "validate"), (&reporter, "refuse"), (&administrator, "request_changes")] {
        assert!(who.step(id, event, "x").await.error(403, "forbidden").contains("instruction"));
    }
    assert!(colleague.patch(&path, &json!({"intitule": "x"})).await.error(403, "forbidden").contains("déposé"));
    assert!(applicant.step(id, "submit", "").await.error(409, "wrong_status").contains("En cours"));

    administrator.step(id, "archive", "").await.ok();
    assert!(applicant.get(&path).await.error(403, "forbidden").contains("archivée"));
    administrator.get(&path).await.ok();
}

#[tokio::test]
async fn a_lost_membership_blocks_submission() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let gone = app.actor_of("demandeur", &[], &["13002526500013"]).await;
    assert!(gone.step(id, "submit", "").await.error(403, "forbidden").contains("organisation"));
}
