//! An instructor corrects the content of a request, where the policy lets its instructors do so.

use serde_json::{Value, json};

use crate::support::{CLAMART, Client, TestApp};
use crate::valid_draft;

const API: &str = "aidants_connect";

struct Scene {
    app: TestApp,
    applicant: Client,
    instructor: Client,
}

impl Scene {
    async fn start() -> Self {
        let app = TestApp::start();
        let applicant = app.actor("demandeur", &[]).await;
        let instructor = app.actor("instructrice", &["aidants_connect:instructor"]).await;
        Self { app, applicant, instructor }
    }

    /// A draft that can be submitted; its number.
    async fn draft(&self) -> i64 {
        let policy = self.app.state.policies.current()[API].clone();
        let mut draft = serde_json::to_value(valid_draft::of(&policy)).unwrap();
        draft["target_api"] = json!(API);
        draft["siret"] = json!(CLAMART);
        self.applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap()
    }

    async fn submitted(&self) -> i64 {
        let id = self.draft().await;
        self.applicant.step(id, "submit", "").await.ok();
        id
    }

    async fn last_line(&self, id: i64) -> Value {
        let path = format!("/api/enrollments/{id}/events");
        self.applicant.get(&path).await.ok().as_array().unwrap().last().unwrap().clone()
    }
}

fn path(id: i64) -> String {
    format!("/api/enrollments/{id}/correction")
}

#[tokio::test]
async fn an_instructor_corrects_a_submitted_request_and_the_applicant_is_told() {
    let scene = Scene::start().await;
    let id = scene.submitted().await;
    let mails = scene.app.mails().await.len();
    let before = scene.applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    let correction = json!({"description": "Accompagner le public à la médiathèque.", "reason": "Faute de frappe."});
    let after = scene.instructor.post(&path(id), &correction).await.ok();
    assert_eq!(after["description"], "Accompagner le public à la médiathèque.");
    for member in ["status", "submitted_at", "siret", "team_members", "authorisations"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    let line = scene.last_line(id).await;
    assert_eq!([&line["name"], &line["author"]], ["correct", "instructrice Exemple"]);
    assert_eq!([&line["comment"], &line["changes"][0]["field"]], ["Faute de frappe.", "description"]);
    let told = scene.app.mails().await.split_off(mails);
    assert_eq!(told.iter().map(|mail| mail.0.as_str()).collect::<Vec<_>>(), ["demandeur@exemple.fr"]);
    assert!(told[0].2.contains("Faute de frappe."), "{}", told[0].2);
}

#[tokio::test]
async fn correcting_a_granted_request_issues_a_new_authorisation() {
    let scene = Scene::start().await;
    let id = scene.submitted().await;
    scene.instructor.step(id, "validate", "Conforme.").await.ok();
    let correction = json!({"description": "Accompagner le public.", "reason": "Adresse du lieu."});
    let after = scene.instructor.post(&path(id), &correction).await.ok();
    assert_eq!(after["status"], "validated");
    let states: Vec<&Value> =
        after["authorisations"].as_array().unwrap().iter().map(|authorisation| &authorisation["state"]).collect();
    assert_eq!(states, ["active", "superseded"]);
    let granted = after["authorisations"][0]["id"].clone();
    let authorisation = scene.applicant.get(&format!("/api/authorisations/{granted}")).await.ok();
    assert_eq!(authorisation["content"]["description"], "Accompagner le public.");
}

#[tokio::test]
async fn only_instructors_of_an_api_that_allows_it_correct_and_only_what_was_handed_over() {
    let scene = Scene::start().await;
    let correction = json!({"description": "Autre.", "reason": "Coquille."});
    let draft = scene.draft().await;
    scene.instructor.post(&path(draft), &correction).await.error(409, "wrong_status");
    let id = scene.submitted().await;
    scene.applicant.post(&path(id), &correction).await.error(403, "forbidden");
    let stranger = scene.app.actor("ailleurs", &["franceconnect:instructor"]).await;
    stranger.post(&path(id), &correction).await.error(404, "not_found");
    let stale = scene.instructor.request(reqwest::Method::POST, &path(id)).header("If-Match", "\"1\"");
    scene.instructor.send(stale.json(&correction)).await.error(409, "stale_version");
    scene.instructor.step(id, "refuse", "Non.").await.ok();
    scene.instructor.post(&path(id), &correction).await.error(409, "wrong_status");

    let elsewhere = scene.app.actor("instructeur", &["api_particulier:instructor"]).await;
    let other = scene.applicant.submitted("api_particulier").await;
    elsewhere.post(&path(other), &correction).await.error(403, "forbidden");
    let read = elsewhere.get(&format!("/api/enrollments/{other}")).await.ok();
    assert!(!read["actions"].as_array().unwrap().contains(&json!("correct")), "{}", read["actions"]);
}

#[tokio::test]
async fn a_correction_is_validated_as_a_submission_and_changes_neither_applicant_nor_organisation() {
    let scene = Scene::start().await;
    let id = scene.submitted().await;
    let before = scene.applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    for (body, place) in [
        (json!({"description": "Autre.", "reason": " "}), "/reason: required"),
        (json!({"siret": "13002526500013", "reason": "x"}), "/siret: not_eligible"),
        (json!({"policy_revision": "x", "reason": "x"}), "/policy_revision: not_eligible"),
        (json!({"description": 1, "reason": "x"}), "/description: format"),
        (json!({"colour": 1, "reason": "x"}), "/colour: unknown"),
        (json!({"reason": "x"}), ": unchanged"),
    ] {
        assert_eq!(scene.instructor.post(&path(id), &body).await.places(), [place], "{body}");
    }
    let incomplete = json!({"description": "", "reason": "x"});
    assert_eq!(scene.instructor.post(&path(id), &incomplete).await.fields(), ["/description: required"]);
    let mut people = before["team_members"].clone();
    let applicant = people.as_array_mut().unwrap().iter_mut().find(|one| one["type"] == "demandeur").unwrap();
    applicant["email"] = json!("autre@exemple.fr");
    let body = json!({"team_members": people, "reason": "x"});
    assert_eq!(scene.instructor.post(&path(id), &body).await.places(), [": unchanged"]);
}
