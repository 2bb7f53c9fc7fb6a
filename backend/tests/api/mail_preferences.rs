//! Mails that one does without: by the link that they carry, or in one's account.

use datapass::connection::AnyConnection;
use datapass::error::Result;
use datapass::models::outbox::Payload;
use datapass::schema::{mail_preferences, outbox};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const API: &str = "api_particulier";
const SUBSCRIBER: &str = "abonnee@exemple.fr";

/// The addresses that end the mails to that reader, oldest first; empty for those that cannot be ended.
async fn links(app: &TestApp, to: &str) -> Vec<String> {
    app.mails().await;
    let read = |connection: &mut AnyConnection| -> Result<Vec<(String, String)>> {
        Ok(outbox::table.order(outbox::id).select((outbox::receiver, outbox::payload)).load(connection)?)
    };
    let rows = app.state.db.read(read).await.unwrap();
    let payloads = rows.into_iter().filter(|(receiver, _)| receiver == to);
    let link = |(_, payload): (String, String)| match serde_json::from_str(&payload).unwrap() {
        Payload::Mail { unsubscribe, mail, .. } => {
            assert_eq!(mail.body.contains("Ne plus recevoir ces courriels"), !unsubscribe.is_empty(), "{}", mail.body);
            assert!(mail.body.contains(&unsubscribe), "{}", mail.body);
            unsubscribe
        }
        other => panic!("no mail: {other:?}"),
    };
    payloads.map(link).collect()
}

/// The path of such an address.
fn path(link: &str) -> &str {
    &link[link.find("/api/unsubscribe/").unwrap()..]
}

async fn count(app: &TestApp, to: &str) -> usize {
    app.mails().await.iter().filter(|(reader, ..)| reader == to).count()
}

/// What a mail program sends: neither a session nor a page of ours (RFC 8058).
async fn click(app: &TestApp, link: &str) -> reqwest::Response {
    let request = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
    let request = request.post(format!("{}{}", app.url, path(link))).header("origin", "https://mail.exemple");
    request.form(&[("List-Unsubscribe", "One-Click")]).send().await.unwrap()
}

async fn write_message(applicant: &Client, id: i64) {
    applicant.post(&format!("/api/enrollments/{id}/messages"), &json!({"body": "Bonjour."})).await.ok();
}

#[tokio::test]
async fn one_click_ends_mails_of_one_kind_and_one_api_and_opening_the_link_does_not() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    app.actor("abonnee", &["api_particulier:subscriber", "franceconnect:subscriber"]).await;
    app.actor("autre", &["api_particulier:subscriber"]).await;
    applicant.submitted(API).await;
    applicant.submitted(API).await;
    let sent = links(&app, SUBSCRIBER).await;
    assert_eq!(sent[0], sent[1], "each mail carries the same link");
    assert!(sent[0].starts_with(&app.state.public_url), "{sent:?}");
    assert_ne!(sent[0], links(&app, "autre@exemple.fr").await[0], "a link of one’s own");

    // Programs that look for viruses open links.
    let page = app.visitor().get(path(&sent[0])).await;
    assert!(page.status.is_success() && page.headers["content-type"].starts_with("text/html"), "{}", page.text);
    assert!(page.text.contains("<form method=\"post\">") && page.text.contains("API Particulier"), "{}", page.text);
    let id = applicant.submitted(API).await;
    assert_eq!(count(&app, SUBSCRIBER).await, 3);

    let done = click(&app, &sent[0]).await;
    assert!(done.status().is_success());
    assert!(done.text().await.unwrap().contains("Vous ne recevez plus"));
    applicant.submitted(API).await;
    assert_eq!((count(&app, SUBSCRIBER).await, count(&app, "autre@exemple.fr").await), (3, 4));
    write_message(&applicant, id).await;
    assert_eq!(count(&app, SUBSCRIBER).await, 4, "another kind of mail");
    applicant.submitted("franceconnect").await;
    assert_eq!(count(&app, SUBSCRIBER).await, 5, "another API");
    // Twice makes once, and the page says that it is done.
    assert!(click(&app, &sent[0]).await.status().is_success());
    let page = app.visitor().get(path(&sent[0])).await;
    assert!(page.status.is_success() && !page.text.contains("<form"), "{}", page.text);

    let unknown = "/api/unsubscribe/inconnu";
    assert_eq!(click(&app, unknown).await.status(), 404);
    app.visitor().get(unknown).await.error(404, "not_found");
}

#[tokio::test]
async fn what_one_has_a_part_in_cannot_be_ended() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor", "api_particulier:subscriber"]).await;
    let id = applicant.submitted(API).await;
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "validate", "Conforme.").await.ok();
    for reader in ["demandeur@exemple.fr", "responsable_traitement@exemple.fr", "delegue_protection_donnees@exemple.fr"]
    {
        let sent = links(&app, reader).await;
        assert!(!sent.is_empty() && sent.iter().all(String::is_empty), "{reader}: {sent:?}");
    }

    // Who offered a partial grant hears what became of it, whatever they have chosen of others' requests.
    let choice = json!({"target_api": API, "kind": "submissions", "wanted": false});
    instructor.put("/api/me/mails", &choice).await.ok();
    let members = json!({"scopes": ["cnaf_quotient_familial", "cnous_statut_boursier"]});
    let id = applicant.submitted_as(API, &members).await;
    let before = count(&app, "instructeur@exemple.fr").await;
    let offer = json!({"event": "offer_partial_grant", "comment": "Trop.", "struck": ["cnous_statut_boursier"]});
    instructor.patch(&format!("/api/enrollments/{id}/change_state"), &offer).await.ok();
    applicant.step(id, "decline_offer", "").await.ok();
    assert_eq!(count(&app, "instructeur@exemple.fr").await, before + 1);
    assert_eq!(links(&app, "instructeur@exemple.fr").await.last().map(String::as_str), Some(""));
}

#[tokio::test]
async fn one_chooses_in_ones_account_and_may_change_ones_mind() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let roles = ["api_particulier:subscriber", "api_particulier:cnaf:subscriber", "franceconnect:reporter"];
    let subscriber = app.actor("abonnee", &roles).await;
    let choice = |api: &str, kind: &str, wanted: bool| json!({"target_api": api, "kind": kind, "wanted": wanted});
    let all = |submissions: bool| {
        json!([
            choice(API, "submissions", submissions),
            choice(API, "messages", true),
            choice("franceconnect", "opinion_reminders", true),
        ])
    };
    assert_eq!(subscriber.get("/api/me/mails").await.ok(), all(true));
    assert_eq!(applicant.get("/api/me/mails").await.ok(), json!([]));
    app.visitor().get("/api/me/mails").await.error(401, "unauthorized");

    let left = subscriber.put("/api/me/mails", &choice(API, "submissions", false)).await.ok();
    assert_eq!(left, all(false));
    applicant.submitted(API).await;
    assert_eq!(count(&app, SUBSCRIBER).await, 0);
    subscriber.put("/api/me/mails", &choice(API, "submissions", true)).await.ok();
    applicant.submitted(API).await;
    assert_eq!(count(&app, SUBSCRIBER).await, 1);

    // What was ended by the link is seen, and taken up again, in the account.
    let link = links(&app, SUBSCRIBER).await.pop().unwrap();
    click(&app, &link).await;
    assert_eq!(subscriber.get("/api/me/mails").await.ok(), all(false));
    subscriber.put("/api/me/mails", &choice(API, "submissions", true)).await.ok();
    applicant.submitted(API).await;
    assert_eq!(links(&app, SUBSCRIBER).await.pop(), Some(link), "the link is still theirs");

    for (caller, choice) in [
        (&subscriber, choice("franceconnect", "submissions", false)),
        (&subscriber, choice("nulle_part", "messages", false)),
        (&applicant, choice(API, "submissions", false)),
    ] {
        assert_eq!(caller.put("/api/me/mails", &choice).await.places(), ["/target_api: not_eligible"], "{choice}");
    }
}

#[tokio::test]
async fn an_opinion_is_asked_of_who_does_without_its_reminders_and_they_are_not_reminded() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let reporter = app.actor("rapporteuse", &["api_particulier:cnaf:reporter"]).await;
    app.actor("rapporteur", &["api_particulier:cnaf:reporter"]).await;
    let choice = json!({"target_api": API, "kind": "opinion_reminders", "wanted": false});
    reporter.put("/api/me/mails", &choice).await.ok();
    let id = applicant.submitted(API).await;
    let due_on = (datapass::connection::types::now() + chrono::Duration::days(1)).date_naive();
    let question = json!({"recipient": "group-cnaf", "question": "Qu’en dites-vous ?", "due_on": due_on});
    instructor.post(&format!("/api/enrollments/{id}/opinions"), &question).await.ok();
    assert_eq!(links(&app, "rapporteuse@exemple.fr").await, [""], "the question itself is theirs to answer");
    // It was asked a while ago.
    let aged = |connection: &mut AnyConnection| -> Result<usize> {
        use datapass::schema::opinions;
        let at = datapass::connection::types::now().naive_utc() - chrono::Duration::days(10);
        Ok(diesel::update(opinions::table).set(opinions::created_at.eq(at)).execute(connection)?)
    };
    app.state.db.write(aged).await.unwrap();
    assert_eq!(datapass::schedule::run(&app.state).await.unwrap(), 1);
    assert_eq!((count(&app, "rapporteuse@exemple.fr").await, count(&app, "rapporteur@exemple.fr").await), (1, 2));
    assert!(links(&app, "rapporteur@exemple.fr").await[1].contains("/api/unsubscribe/"));
}

/// What is kept of the links: the secret as it stands there, and its hash.
async fn kept(app: &TestApp) -> Vec<(String, String)> {
    let query = mail_preferences::table.select((mail_preferences::token, mail_preferences::token_hash));
    app.state.db.read(move |connection| Ok(query.load(connection)?)).await.unwrap()
}

#[tokio::test]
async fn links_are_sealed_and_another_key_keeps_no_mail_from_leaving() {
    let app = TestApp::start_with(|config| config.secret_key = Some("une-clef-de-trente-deux-caracteres-".to_owned()));
    let applicant = app.actor("demandeur", &[]).await;
    app.actor("abonnee", &["api_particulier:subscriber"]).await;
    applicant.submitted(API).await;
    let first = links(&app, SUBSCRIBER).await.pop().unwrap();
    let secret = first.rsplit('/').next().unwrap();
    let (sealed, hash) = kept(&app).await.pop().unwrap();
    assert!(sealed.starts_with("sealed:v1:") && !sealed.contains(secret) && !hash.contains(secret));

    // As if it had been sealed with another key.
    let other = datapass::seal::Seal::new(Some("another")).seal(secret, "there").unwrap();
    let spoilt = move |connection: &mut AnyConnection| -> Result<usize> {
        Ok(diesel::update(mail_preferences::table).set(mail_preferences::token.eq(other)).execute(connection)?)
    };
    app.state.db.write(spoilt).await.unwrap();
    applicant.submitted(API).await;
    let second = links(&app, SUBSCRIBER).await.pop().unwrap();
    assert_ne!(first, second);
    assert_eq!(click(&app, &first).await.status(), 404);
    assert!(click(&app, &second).await.status().is_success());
}

#[tokio::test]
async fn who_deletes_their_account_leaves_no_choice_behind() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let subscriber = app.actor("abonnee", &["api_particulier:subscriber"]).await;
    applicant.submitted(API).await;
    links(&app, SUBSCRIBER).await;
    assert_eq!(kept(&app).await.len(), 1);
    let me: Value = subscriber.get("/api/session").await.ok();
    let id = datapass::ids::UserId(me["user"]["id"].as_i64().unwrap());
    app.state.db.write(move |c| datapass::administration::departure::apply_to(c, id)).await.unwrap();
    assert_eq!(kept(&app).await, []);
}

#[tokio::test]
async fn submissions_side_by_side_make_one_link_for_each_reader() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    app.actor("abonnee", &["api_particulier:subscriber"]).await;
    let drafts = [applicant.complete(API).await, applicant.complete(API).await, applicant.complete(API).await];
    let steps = drafts.map(|id| {
        let applicant = applicant.clone();
        tokio::spawn(async move { applicant.step(id, "submit", "").await.ok() })
    });
    for step in steps {
        step.await.unwrap();
    }
    let mut sent = links(&app, SUBSCRIBER).await;
    assert_eq!(sent.len(), 3);
    sent.dedup();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(kept(&app).await.len(), 1);
}
