//! The rules of a policy, whoever writes and whichever way: the form, a tool, an update, a renewal.

mod answers;
mod consents;

use std::fs;
use std::path::Path;

use datapass::policies::skeleton;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};
use crate::valid_draft;

/// An application with one policy of its own, `api_neuve`, that can be changed while it runs.
struct Scene {
    app: TestApp,
    directory: tempfile::TempDir,
    administrator: Client,
    applicant: Client,
    instructor: Client,
}

impl Scene {
    /// With the policy that `datapass policies new` writes.
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_owned();
        write(&path, |text| text);
        let app = TestApp::start_with(|config| config.policies_dir = Some(path));
        let administrator = app.actor("admin", &["administrator"]).await;
        let applicant = app.actor("demandeur", &[]).await;
        let instructor = app.actor("instructrice", &["api_neuve:instructor"]).await;
        Self { app, directory, administrator, applicant, instructor }
    }

    /// Puts another revision in force; its hash.
    async fn revise(&self, change: impl Fn(String) -> String) -> Value {
        write(self.directory.path(), change);
        self.administrator.post("/api/policies/reload", &json!({})).await.ok();
        self.applicant.get("/api/policies/api_neuve").await.ok()["revision"].clone()
    }

    /// What can be submitted.
    fn draft(&self) -> Value {
        let policy = self.app.state.policies.require("api_neuve").unwrap();
        let mut draft = serde_json::to_value(valid_draft::of(&policy)).unwrap();
        draft["target_api"] = json!("api_neuve");
        draft["siret"] = json!(crate::support::CLAMART);
        draft
    }

    async fn filed(&self) -> i64 {
        self.applicant.post("/api/enrollments", &self.draft()).await.ok()["id"].as_i64().unwrap()
    }

    async fn granted(&self) -> i64 {
        let id = self.filed().await;
        self.applicant.step(id, "submit", "").await.ok();
        self.instructor.step(id, "validate", "Conforme.").await.ok();
        id
    }

    async fn read(&self, id: i64) -> Value {
        self.applicant.get(&format!("/api/enrollments/{id}")).await.ok()
    }

    async fn copied(&self, id: i64) -> Value {
        self.applicant.post(&format!("/api/enrollments/{id}/copy"), &Value::Null).await.ok()
    }
}

fn write(directory: &Path, change: impl Fn(String) -> String) {
    fs::write(directory.join("api_neuve.toml"), change(skeleton::of("api_neuve").unwrap())).unwrap();
}

#[tokio::test]
async fn a_locked_scope_is_in_the_content_whoever_writes_it() {
    let scene = Scene::new().await;
    let before = scene.granted().await;
    let name = "id = \"api_neuve_nom\"\n";
    let locked = |text: String| {
        text.replacen(name, &format!("{name}locked = true\n"), 1).replacen(
            "[provider]",
            "reopenable = true\n[provider]",
            1,
        )
    };
    let only_birthday = json!(["api_neuve_date_naissance"]);
    let both = json!(["api_neuve_date_naissance", "api_neuve_nom"]);
    scene
        .applicant
        .patch(&format!("/api/enrollments/{}", scene.filed().await), &json!({"scopes": only_birthday}))
        .await
        .ok();
    scene.revise(locked).await;

    let mut draft = scene.draft();
    draft["scopes"] = only_birthday.clone();
    let created = scene.applicant.post("/api/enrollments", &draft).await.ok();
    assert_eq!(created["scopes"], both, "created by a tool");
    let path = format!("/api/enrollments/{}", created["id"]);
    for scopes in [json!([]), Value::Null, only_birthday] {
        let written = scene.applicant.patch(&path, &json!({"scopes": scopes})).await.ok();
        assert!(written["scopes"].to_string().contains("api_neuve_nom"), "{scopes}: {}", written["scopes"]);
    }
    let submitted = scene.applicant.step(created["id"].as_i64().unwrap(), "submit", "").await.ok();
    assert_eq!(submitted["scopes"], both);
    assert!(scene.copied(before).await["scopes"].to_string().contains("api_neuve_nom"), "renewed");
}

#[tokio::test]
async fn an_update_asks_for_what_is_locked_since() {
    let scene = Scene::new().await;
    scene.revise(|text| text.replacen("[provider]", "reopenable = true\n[provider]", 1)).await;
    let mut draft = scene.draft();
    draft["scopes"] = json!(["api_neuve_nom"]);
    let id = scene.applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap();
    scene.applicant.step(id, "submit", "").await.ok();
    scene.instructor.step(id, "validate", "Conforme.").await.ok();
    let birthday = "id = \"api_neuve_date_naissance\"\n";
    let revision = scene
        .revise(|text| {
            let text = text.replacen("[provider]", "reopenable = true\n[provider]", 1);
            text.replacen(birthday, &format!("{birthday}locked = true\n"), 1)
        })
        .await;
    let reopened = scene.applicant.step(id, "reopen", "").await.ok();
    assert_eq!(reopened["scopes"], json!(["api_neuve_date_naissance", "api_neuve_nom"]));
    assert_eq!(reopened["policy_revision"], revision);
    // What is in force is what was granted, and an update that is given up brings it back.
    let cancelled = scene.applicant.step(id, "cancel_reopening", "").await.ok();
    assert_eq!(cancelled["scopes"], json!(["api_neuve_nom"]));
    assert_ne!(cancelled["policy_revision"], revision);
}

#[tokio::test]
async fn two_requests_of_one_organisation_are_not_both_validated() {
    let scene = Scene::new().await;
    scene.revise(|text| text.replacen("[provider]", "one_per_organisation = true\n[provider]", 1)).await;
    let (first, second) = (scene.filed().await, scene.filed().await);
    for id in [first, second] {
        scene.applicant.step(id, "submit", "").await.ok();
    }
    scene.instructor.step(first, "validate", "Conforme.").await.ok();
    let refused = scene.instructor.step(second, "validate", "Conforme.").await;
    assert_eq!(refused.fields(), ["/siret: not_eligible"]);
    assert!(refused.text.contains(&first.to_string()), "{}", refused.text);
    assert_eq!(scene.read(second).await["status"], "submitted");
    // An update of the one that is granted is no second one.
    scene.instructor.step(second, "refuse", "En double.").await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_concurrent_validations_for_one_organisation_one_wins() {
    let scene = Scene::new().await;
    scene
        .revise(|text| {
            text.replacen("[provider]", "one_per_organisation = true\nrevocable_by_instructor = true\n[provider]", 1)
        })
        .await;
    for round in 0..crate::support::races() / 4 {
        let ids = [scene.filed().await, scene.filed().await];
        for id in ids {
            scene.applicant.step(id, "submit", "").await.ok();
        }
        let [one, two] = ids.map(|id| {
            let instructor = scene.instructor.clone();
            tokio::spawn(async move { instructor.step(id, "validate", "Conforme.").await })
        });
        let answers = [one.await.unwrap(), two.await.unwrap()];
        let mut statuses = answers.each_ref().map(|answer| answer.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "round {round}: {answers:?}");
        for id in ids {
            scene.instructor.step(id, "revoke", "Tour suivant.").await;
        }
    }
}

#[tokio::test]
async fn a_scope_is_granted_once_to_an_organisation_where_the_policy_says_so() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let colleague = app.actor("collegue", &[]).await;
    let outsider = app.actor_of("autre", &[], &[crate::support::DINUM]).await;
    let instructor = app.actor("instructrice", &["hubee_portail_dila:instructor"]).await;
    let policy = app.state.policies.require("hubee_portail_dila").unwrap();
    let filed = async |scopes: Value| {
        let mut draft = serde_json::to_value(valid_draft::of(&policy)).unwrap();
        draft["target_api"] = json!("hubee_portail_dila");
        draft["siret"] = json!(crate::support::CLAMART);
        draft["scopes"] = scopes;
        applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap()
    };
    let first = filed(json!(["EtatCivil", "recensementCitoyen"])).await;
    let (second, third) = (filed(json!(["EtatCivil", "depotDossierPACS"])).await, filed(json!(["EtatCivil"])).await);
    for id in [first, third] {
        applicant.step(id, "submit", "").await.ok();
    }
    let path = format!("/api/organizations/{}/granted_scopes?target_api=hubee_portail_dila", crate::support::CLAMART);
    assert_eq!(applicant.get(&path).await.ok(), json!([]));
    let granted = instructor.step(first, "validate", "Conforme.").await.ok();

    let refused = applicant.step(second, "submit", "").await;
    assert_eq!(refused.fields(), ["/scopes: not_eligible"]);
    assert!(
        refused.text.contains("Acte d’Etat Civil") && refused.text.contains(&first.to_string()),
        "{}",
        refused.text
    );
    assert_eq!(instructor.step(third, "validate", "Conforme.").await.fields(), ["/scopes: not_eligible"], "too late");
    applicant.patch(&format!("/api/enrollments/{second}"), &json!({"scopes": ["depotDossierPACS"]})).await.ok();
    applicant.step(second, "submit", "").await.ok();

    let authorisation =
        applicant.get(&format!("/api/enrollments/{first}")).await.ok()["authorisations"][0]["id"].clone();
    let row = |scope: &str, authorisation: &Value| json!({"scope": scope, "enrollment_id": granted["id"], "authorisation_id": authorisation});
    let known = ["EtatCivil", "recensementCitoyen"];
    assert_eq!(applicant.get(&path).await.ok(), json!(known.map(|scope| row(scope, &authorisation))));
    assert_eq!(
        colleague.get(&path).await.ok(),
        json!(known.map(|scope| row(scope, &Value::Null))),
        "no link to what one may not read"
    );
    outsider.get(&path).await.error(403, "forbidden");
    app.visitor().get(&path).await.error(401, "unauthorized");
}
