//! The flags of the policy in force bind the requests that were written against an earlier revision.

use serde_json::{Value, json};

use crate::policies::{replace_policy, with_policies_directory};
use crate::support::{CLAMART, Client, TestApp};

const API: &str = "api_particulier";

struct Scene {
    app: TestApp,
    directory: tempfile::TempDir,
    applicant: Client,
    instructor: Client,
}

impl Scene {
    async fn start() -> Self {
        let (app, directory) = with_policies_directory();
        let applicant = app.actor("demandeur", &[]).await;
        let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
        Self { app, directory, applicant, instructor }
    }

    /// From now on, the policy in force has that flag.
    async fn set(&self, flag: &str, value: bool) {
        replace_policy(self.directory.path(), API, |text| {
            let rest: Vec<&str> = text.lines().filter(|line| !line.starts_with(&format!("{flag} ="))).collect();
            format!("{flag} = {value}\n{}", rest.join("\n"))
        });
        let administrator = self.app.actor("administrateur", &["administrator"]).await;
        administrator.post("/api/policies/reload", &json!({})).await.ok();
    }

    async fn actions(&self, who: &Client, id: i64) -> Vec<Value> {
        who.get(&format!("/api/enrollments/{id}")).await.ok()["actions"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn requests_of_an_api_that_was_frozen_since_are_only_read() {
    let scene = Scene::start().await;
    let draft = scene.applicant.complete(API).await;
    let submitted = scene.applicant.submitted(API).await;
    scene.set("frozen", true).await;
    let path = format!("/api/enrollments/{draft}");
    scene.applicant.patch(&path, &json!({"intitule": "Autre"})).await.error(403, "forbidden");
    scene.applicant.step(draft, "submit", "").await.error(403, "forbidden");
    scene.instructor.step(submitted, "validate", "Conforme.").await.error(403, "forbidden");
    assert_eq!(scene.actions(&scene.instructor, submitted).await, ["read_messages"]);
    assert_eq!(scene.actions(&scene.applicant, draft).await, ["read_messages"]);
}

#[tokio::test]
async fn messages_stop_when_the_api_stops_them() {
    let scene = Scene::start().await;
    let id = scene.applicant.submitted(API).await;
    let path = format!("/api/enrollments/{id}/messages");
    scene.applicant.post(&path, &json!({"body": "Bonjour"})).await.ok();
    scene.set("messaging", false).await;
    scene.applicant.post(&path, &json!({"body": "Encore"})).await.error(403, "forbidden");
    scene.set("messaging", true).await;
    scene.applicant.post(&path, &json!({"body": "Encore"})).await.ok();
}

#[tokio::test]
async fn updates_and_revocations_follow_the_policy_in_force() {
    let scene = Scene::start().await;
    let id = scene.applicant.submitted(API).await;
    scene.instructor.step(id, "validate", "Conforme.").await.ok();
    let [reopenable, revocable] = ["reopen", "revoke"].map(|action| json!(action));
    scene.set("reopenable", false).await;
    assert!(!scene.actions(&scene.applicant, id).await.contains(&reopenable));
    scene.set("reopenable", true).await;
    assert!(scene.actions(&scene.applicant, id).await.contains(&reopenable));
    scene.set("revocable_by_instructor", true).await;
    assert!(scene.actions(&scene.instructor, id).await.contains(&revocable));
    scene.set("revocable_by_instructor", false).await;
    assert!(!scene.actions(&scene.instructor, id).await.contains(&revocable));
}

#[tokio::test]
async fn an_api_that_was_retired_since_takes_no_renewal_and_no_new_request() {
    let scene = Scene::start().await;
    let id = scene.applicant.submitted(API).await;
    scene.instructor.step(id, "validate", "Conforme.").await.ok();
    scene.set("retired", true).await;
    let new = json!({"target_api": API, "siret": CLAMART});
    scene.applicant.post("/api/enrollments", &new).await.error(403, "forbidden");
    scene.applicant.post(&format!("/api/enrollments/{id}/copy"), &json!({})).await.error(403, "forbidden");
}
