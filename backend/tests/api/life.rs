//! After the decision: authorisations, updates, renewals; and a request that is taken back.

use serde_json::{Value, json};

use crate::support::{CLAMART, Client, TestApp, pdf};

const API: &str = "franceconnect";

struct Scene {
    app: TestApp,
    applicant: Client,
    instructor: Client,
    id: i64,
}

/// A request that was granted.
async fn granted() -> Scene {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &[&format!("{API}:instructor")]).await;
    let id = applicant.submitted(API).await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    Scene { app, applicant, instructor, id }
}

impl Scene {
    async fn read(&self) -> Value {
        self.applicant.get(&format!("/api/enrollments/{}", self.id)).await.ok()
    }

    async fn states(&self) -> Vec<String> {
        let read = self.read().await;
        let list = read["authorisations"].as_array().unwrap().clone();
        list.iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
    }

    /// Title of what the public list shows, one a row.
    async fn published(&self) -> Vec<String> {
        let page = self.app.visitor().get("/api/enrollments/public").await.ok();
        page["items"].as_array().unwrap().iter().map(|row| row["intitule"].as_str().unwrap().to_owned()).collect()
    }

    async fn write(&self, members: Value) -> Value {
        self.applicant.patch(&format!("/api/enrollments/{}", self.id), &members).await.ok()
    }
}

#[tokio::test]
async fn an_authorisation_stays_in_force_until_the_next_grant() {
    let scene = granted().await;
    let first = scene.read().await["authorisations"][0]["id"].clone();
    let title = scene.read().await["intitule"].as_str().unwrap().to_owned();

    let reopened = scene.applicant.step(scene.id, "reopen", "").await.ok();
    assert_eq!((&reopened["status"], &reopened["reopening"]), (&json!("draft"), &json!(true)));
    scene.write(json!({"intitule": "Cantine et centre de loisirs"})).await;
    assert_eq!(scene.states().await, ["active"]);
    assert_eq!(scene.published().await, std::slice::from_ref(&title), "the update is not what is in force");
    scene.applicant.step(scene.id, "archive", "").await.error(409, "wrong_status");

    scene.applicant.step(scene.id, "submit", "").await.ok();
    let seen = scene.instructor.get(&format!("/api/enrollments/{}", scene.id)).await.ok();
    let changed: Vec<&str> =
        seen["changes"].as_array().unwrap().iter().map(|change| change["field"].as_str().unwrap()).collect();
    assert_eq!(changed, ["intitule"], "against what is in force");
    scene.instructor.step(scene.id, "validate", "Conforme.").await.ok();
    assert_eq!(scene.states().await, ["active", "superseded"]);
    assert_eq!(scene.published().await, ["Cantine et centre de loisirs"]);

    let old = scene.applicant.get(&format!("/api/authorisations/{first}")).await.ok();
    assert_eq!((&old["state"], &old["content"]["intitule"]), (&json!("superseded"), &json!(title)));
    let outsider = scene.app.actor("autre", &[]).await;
    outsider.get(&format!("/api/authorisations/{first}")).await.error(404, "not_found");
    scene.applicant.get("/api/authorisations/4242").await.error(404, "not_found");
}

#[tokio::test]
async fn a_refused_or_cancelled_update_restores_the_authorisation() {
    for (event, comment) in [("refuse", "Hors du cadre."), ("cancel_reopening", "")] {
        let scene = granted().await;
        let upload = |name: &str| {
            let path = format!("/api/enrollments/{}/documents/LegalBasis?filename={name}.pdf", scene.id);
            scene.applicant.send(scene.applicant.request(reqwest::Method::PUT, &path).body(crate::every_policy::PDF))
        };
        let before = scene.read().await;
        scene.applicant.step(scene.id, "reopen", "").await.ok();
        scene.write(json!({"intitule": "Tout autre chose", "scopes": ["openid", "email"]})).await;
        upload("nouveau").await.ok();
        if event == "refuse" {
            scene.applicant.step(scene.id, "submit", "").await.ok();
            scene.instructor.step(scene.id, event, comment).await.ok();
        } else {
            scene.applicant.step(scene.id, event, comment).await.ok();
        }
        let after = scene.read().await;
        for member in
            ["status", "intitule", "scopes", "reopening", "policy_revision", "documents", "nom_raison_sociale"]
        {
            assert_eq!(after[member], before[member], "{event}: {member}");
        }
        assert_eq!(scene.states().await, ["active"]);
        let list = scene.applicant.get("/api/enrollments?status=validated").await.ok();
        assert_eq!(list["items"][0]["intitule"], before["intitule"]);
    }
}

#[tokio::test]
async fn granted_documents_stay_readable_after_replacement() {
    let scene = granted().await;
    let live = format!("/api/enrollments/{}/documents/LegalBasis", scene.id);
    let put = |name: &str| {
        let request = scene.applicant.request(reqwest::Method::PUT, &format!("{live}?filename={name}.pdf"));
        scene.applicant.send(request.body(pdf(name)))
    };
    scene.applicant.step(scene.id, "reopen", "").await.ok();
    put("accorde").await.ok();
    scene.applicant.step(scene.id, "submit", "").await.ok();
    scene.instructor.step(scene.id, "validate", "Conforme.").await.ok();
    scene.applicant.step(scene.id, "reopen", "").await.ok();
    put("nouveau").await.ok();
    let list = scene.applicant.get("/api/enrollments").await.ok();
    assert_eq!(list["items"][0]["reopening"], true);

    let granted = scene.read().await["authorisations"][0]["id"].clone();
    let granted = format!("/api/authorisations/{granted}/documents/LegalBasis");
    assert_eq!(scene.applicant.get(&live).await.text.as_bytes(), pdf("nouveau"));
    assert_eq!(scene.applicant.get(&granted).await.text.as_bytes(), pdf("accorde"));
    let outsider = scene.app.actor("autre", &[]).await;
    outsider.get(&granted).await.error(404, "not_found");
    scene.applicant.get(&granted.replace("LegalBasis", "MaquetteProjet")).await.error(404, "not_found");
}

#[tokio::test]
async fn revoking_ends_what_is_in_force_even_during_an_update() {
    let scene = granted().await;
    scene.applicant.step(scene.id, "reopen", "").await.ok();
    let title = scene.read().await["intitule"].clone();
    scene.write(json!({"intitule": "Autre"})).await;
    scene.instructor.step(scene.id, "revoke", "Usage contraire.").await.ok();
    let read = scene.read().await;
    assert_eq!((&read["status"], &read["intitule"], &read["reopening"]), (&json!("revoked"), &title, &json!(false)));
    assert_eq!(scene.states().await, ["revoked"]);
    assert_eq!(scene.published().await, [] as [&str; 0]);
    scene.applicant.step(scene.id, "reopen", "").await.error(409, "wrong_status");
}

#[tokio::test]
async fn only_fields_that_the_policy_allows_can_be_updated() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let api = "api_impot_particulier_sandbox";
    let instructor = app.actor("instructeur", &[&format!("{api}:instructor")]).await;
    let id = applicant.submitted(api).await;
    instructor.step(id, "validate", "Conforme.").await.ok();
    let told = applicant.step(id, "reopen", "").await.error(403, "forbidden");
    assert!(told.contains("ne se mettent pas à jour"), "{told}");
    instructor.step(id, "reopen", "").await.error(403, "forbidden");
}

#[tokio::test]
async fn a_submitted_request_can_be_withdrawn() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &[&format!("{API}:instructor")]).await;
    let id = applicant.submitted(API).await;
    instructor.step(id, "withdraw", "").await.error(403, "forbidden");
    assert_eq!(applicant.step(id, "withdraw", "").await.ok()["status"], "draft");
    instructor.step(id, "validate", "Conforme.").await.error(409, "wrong_status");
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    applicant.step(id, "submit", "").await.ok();
    assert_eq!(applicant.step(id, "withdraw", "").await.ok()["status"], "changes_requested", "the fix list stays");
}

#[tokio::test]
async fn a_renewal_starts_with_the_same_content_once() {
    let scene = granted().await;
    let path = format!("/api/enrollments/{}/copy", scene.id);
    let stranger = scene.app.actor("autre", &[]).await;
    stranger.post(&path, &json!({})).await.error(404, "not_found");
    let copy = scene.applicant.post(&path, &json!({})).await.ok();
    let original = scene.read().await;
    assert_eq!((&copy["status"], &copy["copied_from"]), (&json!("draft"), &json!(scene.id)));
    let rows = scene.applicant.get("/api/enrollments").await.ok()["items"].clone();
    let renews = |id: &serde_json::Value| {
        let row = rows.as_array().unwrap().iter().find(|row| row["id"] == *id).unwrap();
        row.get("renews").cloned()
    };
    assert_eq!((renews(&copy["id"]), renews(&json!(scene.id))), (Some(json!(scene.id)), None));
    for member in ["intitule", "scopes", "team_members", "siret", "nom_raison_sociale", "fondement_juridique_url"] {
        assert_eq!(copy[member], original[member], "{member}");
    }
    assert_eq!(original["copies"], json!([copy["id"]]));
    let told = scene.applicant.post(&path, &json!({})).await.error(409, "wrong_status");
    assert!(told.contains(&copy["id"].to_string()), "{told}");

    // Once the copy is put away, another may be started.
    scene.applicant.step(copy["id"].as_i64().unwrap(), "archive", "").await.ok();
    let second = scene.applicant.post(&path, &json!({})).await.ok();
    assert_ne!(second["id"], copy["id"]);
    let history = scene.applicant.get(&format!("/api/enrollments/{}/events", scene.id)).await.ok();
    let copies = history.as_array().unwrap().iter().filter(|event| event["name"] == "copy").count();
    assert_eq!(copies, 2);
}

#[tokio::test]
async fn two_renewals_at_once_make_one() {
    let scene = granted().await;
    let path = format!("/api/enrollments/{}/copy", scene.id);
    for _ in 0..20 {
        let body = json!({});
        let (one, two) = tokio::join!(scene.applicant.post(&path, &body), scene.applicant.post(&path, &body));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", one.text, two.text);
        let made = if one.status.is_success() { one } else { two };
        scene.applicant.step(made.ok()["id"].as_i64().unwrap(), "archive", "").await.ok();
    }
}

#[tokio::test]
async fn a_chain_goes_on_while_its_first_step_is_updated() {
    let scene = granted().await;
    scene.applicant.step(scene.id, "reopen", "").await.ok();
    let next = json!({"target_api": "api_droits_cnam", "previous_enrollment_id": scene.id, "siret": CLAMART});
    let next = scene.applicant.post("/api/enrollments", &next).await.ok()["id"].as_i64().unwrap();
    let refused = scene.applicant.step(next, "submit", "").await.fields();
    assert!(!refused.iter().any(|field| field.starts_with("/previous_enrollment_id")), "{refused:?}");
    assert_eq!(scene.read().await["next_enrollments"], json!([next]));
}
