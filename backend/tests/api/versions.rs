//! The versions of a request, and what differs between two of them.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, pdf};

async fn names(who: &Client, id: i64) -> Vec<String> {
    let list = who.get(&format!("/api/enrollments/{id}/versions")).await.ok();
    list.as_array().unwrap().iter().map(|version| version["id"].as_str().unwrap().to_owned()).collect()
}

async fn diff(who: &Client, id: i64, from: &str, to: &str) -> Value {
    who.get(&format!("/api/enrollments/{id}/diff?from={from}&to={to}")).await.ok()["changes"].clone()
}

/// The number of the last authorisation.
async fn granted(who: &Client, id: i64) -> i64 {
    who.get(&format!("/api/enrollments/{id}")).await.ok()["authorisations"][0]["id"].as_i64().unwrap()
}

#[tokio::test]
async fn any_two_versions_can_be_compared() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let id = applicant.complete("franceconnect").await;
    assert_eq!(names(&applicant, id).await, ["current"]);
    applicant.step(id, "submit", "").await.ok();
    let first = names(&applicant, id).await;
    assert!(first.len() == 1 && first[0].starts_with("submission-"), "what was just submitted is no other: {first:?}");

    instructor.step(id, "request_changes", "Précisez.").await.ok();
    applicant
        .patch(&format!("/api/enrollments/{id}"), &json!({"intitule": "Crèche", "scopes": ["openid", "gender"]}))
        .await
        .ok();
    assert_eq!(names(&applicant, id).await, ["current", &first[0]]);
    let changes = json!([
        {"field": "intitule", "before": "Tarification de la cantine", "after": "Crèche"},
        {"field": "scopes", "before": ["email", "openid"], "after": ["gender", "openid"]},
    ]);
    assert_eq!(diff(&applicant, id, &first[0], "current").await, changes);
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "validate", "Conforme.").await.ok();
    let authorisation = format!("authorisation-{}", granted(&applicant, id).await);
    let all = names(&instructor, id).await;
    assert_eq!((all.len(), &all[0], &all[2]), (3, &authorisation, &first[0]));
    assert_eq!(diff(&instructor, id, &first[0], &authorisation).await, changes);
    assert_eq!(diff(&instructor, id, &all[1], &authorisation).await, json!([]));
    assert_eq!(diff(&instructor, id, &authorisation, "current").await, json!([]), "it can be named all the same");

    // The update of what is in force is compared with it; a refused one stands as before.
    applicant.step(id, "reopen", "").await.ok();
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": "Halte-garderie"})).await.ok();
    let back = diff(&applicant, id, "current", &authorisation).await;
    assert_eq!(back, json!([{"field": "intitule", "before": "Halte-garderie", "after": "Crèche"}]));
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "refuse", "Non.").await.ok();
    let versions = names(&applicant, id).await;
    assert_eq!((versions.len(), versions[0].as_str()), (5, "current"), "not what was last submitted");
    assert_eq!(diff(&applicant, id, &authorisation, "current").await, json!([]));
}

#[tokio::test]
async fn documents_are_compared_by_hash_and_shown_by_name() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let id = applicant.complete("franceconnect").await;
    let join = async |text: &str| {
        let path = format!("/api/enrollments/{id}/documents/LegalBasis?filename=texte.pdf");
        let request = applicant.request(reqwest::Method::PUT, &path).header("content-type", "application/pdf");
        applicant.send(request.body(pdf(text))).await.ok();
    };
    join("un").await;
    applicant.step(id, "submit", "").await.ok();
    instructor.step(id, "request_changes", "Précisez.").await.ok();
    join("deux").await;
    let submitted = names(&applicant, id).await.pop().unwrap();
    let changes = diff(&applicant, id, &submitted, "current").await;
    assert_eq!((changes.as_array().unwrap().len(), &changes[0]["field"]), (1, &json!("documents.LegalBasis")));
    assert_eq!(changes[0]["before"]["filename"], changes[0]["after"]["filename"]);
    assert_ne!(changes[0]["before"]["sha256"], changes[0]["after"]["sha256"]);
}

#[tokio::test]
async fn a_renewal_can_be_compared_with_its_original_by_readers_of_both() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["franceconnect:instructor"]).await;
    let id = applicant.submitted("franceconnect").await;
    instructor.step(id, "refuse", "Non.").await.ok();
    let copy = applicant.post(&format!("/api/enrollments/{id}/copy"), &json!({})).await.ok()["id"].as_i64().unwrap();
    applicant.patch(&format!("/api/enrollments/{copy}"), &json!({"intitule": "Crèche"})).await.ok();
    let versions = names(&applicant, copy).await;
    assert_eq!((versions.len(), versions[0].as_str()), (2, "current"));
    let changes = json!([{"field": "intitule", "before": "Tarification de la cantine", "after": "Crèche"}]);
    let of_content = |changes: Value| {
        let own = changes.as_array().unwrap().iter().filter(|change| change["field"] == "intitule").cloned();
        Value::Array(own.collect())
    };
    assert_eq!(of_content(diff(&applicant, copy, &versions[1], "current").await), changes);
    assert_eq!(of_content(diff(&applicant, copy, "original", "current").await), changes);
    // Somebody whom only the copy names may not read the original.
    let named = app.actor("nouvelle", &[]).await;
    let members = json!({"team_members": [{"type": "responsable_traitement", "email": "nouvelle@exemple.fr"}]});
    applicant.patch(&format!("/api/enrollments/{copy}"), &members).await.ok();
    assert_eq!(names(&named, copy).await, ["current"]);
    let path = format!("/api/enrollments/{copy}/diff?from=original&to=current");
    named.get(&path).await.error(404, "not_found");
    named.get(&path.replace("original", &versions[1])).await.error(404, "not_found");
}

#[tokio::test]
async fn an_unknown_version_is_404() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("franceconnect").await;
    let other = applicant.submitted("franceconnect").await;
    let of_other = names(&applicant, other).await.pop().unwrap();
    for name in ["", "x", "original", "submission-0", "submission-99999", "authorisation-1", &of_other] {
        let path = format!("/api/enrollments/{id}/diff?from={name}&to=current");
        applicant.get(&path).await.error(404, "not_found");
    }
    let diff = format!("/api/enrollments/{id}/diff?from=");
    assert_eq!(applicant.get(&format!("{diff}current")).await.places(), ["?to: required"]);
    assert_eq!(applicant.get(&format!("{diff}submission-%00&to=current")).await.places(), ["?from: format"]);
    applicant.get("/api/enrollments/4242/versions").await.error(404, "not_found");
    let stranger = app.actor("autre", &[]).await;
    for path in ["versions", "diff?from=current&to=current"] {
        stranger.get(&format!("/api/enrollments/{id}/{path}")).await.error(404, "not_found");
        app.visitor().get(&format!("/api/enrollments/{id}/{path}")).await.error(401, "unauthorized");
    }
}
