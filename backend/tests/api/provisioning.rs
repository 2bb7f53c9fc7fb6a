//! What API managers are asked once a decision is taken: to open an access, to bring it up to date, to withdraw it.

mod nightly;
mod peers;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use datapass::config::{ClientAccount, KeyAccount};
use datapass::connection::types::now;
use datapass::reconciliation;
use datapass::schema::outbox;
use diesel::prelude::*;
use serde_json::{Value, json};

use self::peers::{Accesses, Peer};
use crate::support::{CLAMART, Client, TestApp};
use crate::valid_draft;

fn key_account(url: &str) -> Option<KeyAccount> {
    Some(KeyAccount { url: url.to_owned(), key: "clef".to_owned() })
}

fn client_account(url: &str, token_path: &str) -> Option<ClientAccount> {
    Some(ClientAccount {
        url: url.to_owned(),
        token_url: format!("{url}{token_path}"),
        client_id: "datapass".to_owned(),
        client_secret: "secret".to_owned(),
        scope: "ADMIN".to_owned(),
    })
}

/// The policy of API Particulier, whose access a token manager opens.
fn with_token_manager(directory: &Path) {
    let policy = include_str!("../../../shared/policies/api_particulier.toml");
    let changed = policy.replace("deliveries = [\"webhook\"]", "deliveries = [\"token_manager\"]");
    assert_ne!(policy, changed);
    std::fs::write(directory.join("api_particulier.toml"), changed).unwrap();
}

/// A submitted request of an API of whatever sort, with these members; its number.
async fn submitted(app: &TestApp, applicant: &Client, target_api: &str, members: &Value) -> i64 {
    let policy = app.state.policies.require(target_api).unwrap();
    let mut draft = serde_json::to_value(valid_draft::of(&policy)).unwrap();
    draft["siret"] = json!(CLAMART);
    draft["target_api"] = json!(target_api);
    draft.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let id = applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap();
    applicant.step(id, "submit", "").await.ok();
    id
}

/// The accesses of the authorisation in force, as that person reads the request.
async fn accesses(reader: &Client, id: i64) -> Vec<Value> {
    let request = reader.get(&format!("/api/enrollments/{id}")).await.ok();
    request["authorisations"][0]["provisionings"].as_array().unwrap().clone()
}

/// Waits until the one access of a request is in that state, and returns it.
async fn until(reader: &Client, id: i64, state: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let accesses = accesses(reader, id).await;
        if accesses.len() == 1 && accesses[0]["state"] == state {
            return accesses[0].clone();
        }
        assert!(Instant::now() < end, "not {state}: {accesses:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the one access of a request fails, and returns it.
async fn until_failing(reader: &Client, id: i64) -> Value {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let accesses = accesses(reader, id).await;
        if accesses.len() == 1 && accesses[0]["error"] != "" {
            return accesses[0].clone();
        }
        assert!(Instant::now() < end, "{accesses:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An application whose token manager opens the accesses of API Particulier, and the people around a request.
struct Scene {
    app: TestApp,
    manager: Arc<Mutex<Peer<Accesses>>>,
    applicant: Client,
    instructor: Client,
    administrator: Client,
    _policies: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let (url, manager) = peers::token_manager();
        let policies = tempfile::tempdir().unwrap();
        with_token_manager(policies.path());
        let app = TestApp::start_with(|config| {
            config.managers.token_manager = key_account(&url);
            config.policies_dir = Some(policies.path().to_owned());
        });
        Self {
            manager,
            applicant: app.actor("demandeur", &[]).await,
            instructor: app.actor("instructrice", &["api_particulier:instructor"]).await,
            administrator: app.actor("admin", &["administrator"]).await,
            app,
            _policies: policies,
        }
    }

    /// A granted request; its number.
    async fn granted(&self) -> i64 {
        let id = self.applicant.submitted("api_particulier").await;
        self.instructor.step(id, "validate", "Conforme.").await.ok();
        id
    }

    /// What the manager holds for that request.
    fn held(&self, id: i64) -> Value {
        self.manager.lock().unwrap().holds[&id.to_string()].clone()
    }

    async fn compare(&self) -> reconciliation::Report {
        let state = &self.app.state;
        reconciliation::run(&state.db, &state.managers, &state.policies).await.unwrap()
    }
}

#[tokio::test]
async fn a_token_manager_opens_the_access_of_a_grant_whatever_fails_at_first() {
    let scene = Scene::new().await;
    let Scene { app, applicant, instructor, administrator, .. } = &scene;
    scene.manager.lock().unwrap().fails_at = Some(1);
    let id = scene.granted().await;
    // The decision stands whatever the manager does; what fails is told, and tried again.
    let failing = until_failing(instructor, id).await;
    assert_eq!([&failing["state"], &failing["error"]], ["pending", "réponse 503"]);
    assert_eq!(administrator.get("/api/provisionings").await.ok()["items"][0]["enrollment_id"], id);
    let retry = format!("/api/enrollments/{id}/provisioning/retry");
    applicant.post(&retry, &Value::Null).await.error(403, "forbidden");
    app.actor("autre", &[]).await.post(&retry, &Value::Null).await.error(404, "not_found");
    assert_eq!(instructor.post(&retry, &Value::Null).await.ok(), json!({"count": 1}));
    let open = until(applicant, id, "open").await;
    assert_eq!([&open["manager"], &open["error"]], ["token_manager", ""]);
    assert_eq!(open["link"], format!("https://jetons.exemple.fr/{id}"));
    assert!(open["opened_at"].is_string() && open["failing_since"].is_null());
    assert_eq!(administrator.get("/api/provisionings").await.ok()["items"], json!([]));
    let authorisation = applicant.get("/api/authorisations/1").await.ok();
    assert_eq!(authorisation["provisionings"], json!([open]));

    let held = scene.held(id);
    let account = json!({
        "sub": "demandeur", "email": "demandeur@exemple.fr", "given_name": "demandeur", "family_name": "Exemple",
    });
    assert_eq!(held["account"], account);
    assert_eq!([&held["organisation"]["siret"], &held["authorisation"]], [CLAMART, "H1"]);
    assert!(!held["application"]["scopes"].as_array().unwrap().is_empty());
    let contacts = held["contacts"].as_array().unwrap();
    assert!(contacts.iter().any(|one| one["email"] == "responsable_technique@exemple.fr"), "{held}");
    let mails = app.mails().await;
    let is_opening = |mail: &&(String, String, String)| mail.2.contains("en cours d’ouverture");
    let told: Vec<&str> = mails.iter().filter(is_opening).map(|mail| &*mail.0).collect();
    assert_eq!(told, ["demandeur@exemple.fr", "responsable_technique@exemple.fr"], "{mails:#?}");
    let opened = mails.iter().filter(|mail| mail.1 == "L’accès de l’habilitation H1 est ouvert");
    let told: Vec<&str> = opened.map(|mail| &*mail.0).collect();
    assert_eq!(told, ["demandeur@exemple.fr", "responsable_technique@exemple.fr"]);
}

#[tokio::test]
async fn corrected_contacts_reach_the_token_manager_and_a_revocation_withdraws_the_access() {
    let scene = Scene::new().await;
    let Scene { app, applicant, administrator, .. } = &scene;
    let id = scene.granted().await;
    until(applicant, id, "open").await;
    let member = json!({
        "type": "responsable_technique", "given_name": "Claude", "family_name": "Modèle", "email": "dsi@exemple.fr",
        "phone_number": "06 12 34 56 78", "job": "Direction",
    });
    let correction = json!({"reason": "Départ.", "member": member});
    administrator.post(&format!("/api/enrollments/{id}/contacts"), &correction).await.ok();
    until(applicant, id, "open").await;
    assert!(scene.held(id).to_string().contains("dsi@exemple.fr"));

    administrator.step(id, "revoke", "Fin de la convention.").await.ok();
    until(applicant, id, "withdrawn").await;
    assert!(scene.manager.lock().unwrap().holds.is_empty());
    // What people wrote is not kept with what was asked of a manager.
    let pending = outbox::table.filter(outbox::kind.eq("provisioning")).count();
    let kept: i64 = app.state.db.read(move |c| Ok(pending.get_result(c)?)).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn what_a_manager_holds_is_compared_with_what_is_granted() {
    let scene = Scene::new().await;
    let Scene { applicant, administrator, .. } = &scene;
    let id = scene.granted().await;
    until(applicant, id, "open").await;
    let report = scene.compare().await;
    assert_eq!((report.asked, report.drifting, report.unanswered), (1, 0, 0));
    let number = id.to_string();
    scene.manager.lock().unwrap().holds.get_mut(&number).unwrap()["application"]["scopes"] = json!(["autre"]);
    assert_eq!(scene.compare().await.drifting, 1);
    let issue = administrator.get("/api/provisionings").await.ok()["items"][0].clone();
    assert!(issue["drift"].as_str().unwrap().contains("autre") && issue["checked_at"].is_string(), "{issue}");
    applicant.get("/api/provisionings").await.error(403, "forbidden");
    scene.manager.lock().unwrap().holds.clear();
    assert_eq!(scene.compare().await.drifting, 1, "it is gone there");
    let next = scene.manager.lock().unwrap().asked.len() + 1;
    scene.manager.lock().unwrap().fails_at = Some(next);
    assert_eq!(scene.compare().await.unanswered, 1);
}

#[tokio::test]
async fn without_a_manager_nothing_is_asked_and_nothing_is_promised() {
    let policies = tempfile::tempdir().unwrap();
    with_token_manager(policies.path());
    let app = TestApp::start_with(|config| config.policies_dir = Some(policies.path().to_owned()));
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let id = applicant.submitted("api_particulier").await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    assert!(accesses(&applicant, id).await.is_empty());
    assert!(app.mails().await.iter().all(|mail| !mail.2.contains("en cours d’ouverture")));
}

#[tokio::test]
async fn hubee_is_subscribed_once_for_each_kind_of_files_and_a_revocation_ends_it() {
    let (url, hubee) = peers::hubee();
    let app = TestApp::start_with(|config| config.managers.hubee = client_account(&url, "/token"));
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["hubee_portail_dila:instructor"]).await;
    let scopes = json!({"scopes": ["EtatCivil", "depotDossierPACS"]});
    // The register is asked when the form shows the organisation.
    applicant.get(&format!("/api/organizations/{CLAMART}")).await.ok();
    let id = submitted(&app, &applicant, "hubee_portail_dila", &scopes).await;
    // It breaks down before the second subscription: token, organisation twice, first subscription twice.
    hubee.lock().unwrap().fails_at = Some(6);
    instructor.step(id, "validate", "Conforme.").await.ok();
    until_failing(&applicant, id).await;
    assert_eq!(hubee.lock().unwrap().holds.subscriptions.len(), 1);
    hurry(&app).await;
    until(&applicant, id, "open").await;
    {
        let hubee = hubee.lock().unwrap();
        assert_eq!(hubee.holds.organizations.keys().collect::<Vec<_>>(), ["SI-21920023500014-92023"]);
        let processes: Vec<&Value> = hubee.holds.subscriptions.iter().map(|one| &one["processCode"]).collect();
        assert_eq!(processes, ["EtatCivil", "depotDossierPACS"]);
        let one = &hubee.holds.subscriptions[0];
        assert_eq!([&one["datapassId"], &one["status"]], [&json!(id), &json!("Inactif")]);
        assert_eq!(one["localAdministrator"]["phoneNumber"], "0612345678");
    }
    instructor.step(id, "revoke", "Fin.").await.ok();
    until(&applicant, id, "withdrawn").await;
    let hubee = hubee.lock().unwrap();
    assert!(
        hubee.holds.subscriptions.iter().all(|one| one["endDateTime"].is_string()),
        "{:?}",
        hubee.holds.subscriptions
    );
}

#[tokio::test]
async fn a_subscription_that_is_there_already_is_taken_over() {
    let (url, hubee) = peers::hubee();
    {
        let mut hubee = hubee.lock().unwrap();
        hubee.holds.subscriptions.push(json!({
            "id": "sub-ancien", "creationDateTime": "2020-01-01T00:00:00Z", "datapassId": 4, "processCode": "EtatCivil",
            "subscriber": {"companyRegister": CLAMART}, "status": "Actif", "endDateTime": null,
            "delegationActor": {"type": "EDT", "companyRegister": "x", "branchCode": "y"},
        }));
    }
    let app = TestApp::start_with(|config| config.managers.hubee = client_account(&url, "/token"));
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["hubee_portail_dila:instructor"]).await;
    applicant.get(&format!("/api/organizations/{CLAMART}")).await.ok();
    let id = submitted(&app, &applicant, "hubee_portail_dila", &json!({"scopes": ["EtatCivil"]})).await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    until(&applicant, id, "open").await;
    let hubee = hubee.lock().unwrap();
    assert_eq!(hubee.holds.subscriptions.len(), 1);
    let one = &hubee.holds.subscriptions[0];
    assert_eq!([&one["id"], &one["datapassId"]], [&json!("sub-ancien"), &json!(id)]);
    assert_eq!([&one["status"], &one["delegationActor"]["type"]], ["Actif", "EDT"], "what HubEE decides stays");
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
async fn piste_approves_once_and_what_it_cannot_withdraw_is_left_to_an_administrator() {
    let (url, piste) = peers::piste();
    let app = TestApp::start_with(|config| config.managers.piste = client_account(&url, "/api/oauth/token"));
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_captchetat:instructor"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = submitted(&app, &applicant, "api_captchetat", &json!({})).await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    let open = until(&applicant, id, "open").await;
    assert_eq!(open["link"], "https://piste.exemple.fr/apps/0a1b");
    {
        let piste = piste.lock().unwrap();
        let expected = json!({
            "requestor_email": "responsable_technique@exemple.fr", "api_name": "CaptchEtat v2", "approval_id": id,
        });
        assert_eq!(piste.holds, [expected]);
    }
    administrator.step(id, "revoke", "Fin.").await.ok();
    let failing = until_failing(&applicant, id).await;
    assert!(failing["error"].as_str().unwrap().contains("support"), "{failing}");
    let outbox = administrator.get("/api/outbox").await.ok();
    assert_eq!([&outbox["items"][0]["state"], &outbox["items"][0]["receiver"]], ["given_up", "PISTE"]);
}

#[tokio::test]
async fn aidants_connect_learns_of_each_aidant_once() {
    let (url, aidants_connect) = peers::aidants_connect();
    let app = TestApp::start_with(|config| config.managers.aidants_connect = key_account(&url));
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["aidants_connect:instructor"]).await;
    let person = |kind: &str, email: &str| {
        json!({
            "type": kind, "given_name": "Camille", "family_name": "Exemple", "email": email,
            "phone_number": "06 12 34 56 78", "job": "Médiation",
        })
    };
    let aidant = |email: &str| {
        let mut aidant = person("aidant", email);
        aidant.as_object_mut().unwrap().remove("phone_number");
        aidant
    };
    let members = json!({
        "team_members": [person("responsable_metier", "chef@exemple.fr"), aidant("un@exemple.fr"), aidant("deux@exemple.fr")],
        "additional_content": {
            "type_projet": "mediatheque", "organization_address": "1 rue du Livre", "organization_postal_code": "92140",
            "organization_city": "Clamart", "has_professional_contact_only": true, "has_non_elected_contact_only": true,
        },
    });
    // It knows one of the two already, and breaks down between them: the organisation, the first, the second.
    aidants_connect.lock().unwrap().holds.aidants.push(json!({"email": "un@exemple.fr"}));
    aidants_connect.lock().unwrap().fails_at = Some(3);
    let id = submitted(&app, &applicant, "aidants_connect", &members).await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    until_failing(&applicant, id).await;
    hurry(&app).await;
    let access = until(&applicant, id, "open").await;
    assert_eq!(access["unconfirmed"], 1, "the answer is the same to one whom it does not take");
    let known = aidants_connect.lock().unwrap();
    assert_eq!(known.holds.organizations[0]["organization_type"], 6);
    let told = known.asked.iter().filter(|asked| asked.path == "/datapass_habilitation/");
    let emails: Vec<&Value> = told.map(|asked| &asked.body["email"]).collect();
    assert_eq!(emails, ["un@exemple.fr", "deux@exemple.fr", "deux@exemple.fr"], "the first is not told of again");
    assert_eq!(known.holds.aidants.len(), 2);
}
