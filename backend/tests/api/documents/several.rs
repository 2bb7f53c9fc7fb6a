//! Several files of one type: joined, listed, read, taken away one by one, compared, restored.

use reqwest::Method;
use serde_json::{Value, json};

use super::put;
use crate::support::{Client, TestApp, pdf};

/// An application where API Particulier takes up to three files of the legal basis, and one picture of the project.
fn app() -> (TestApp, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    let own = include_str!("../../../../shared/policies/api_particulier.toml");
    let several = own.replacen("type = \"LegalBasis\"\n", "type = \"LegalBasis\"\nmax_files = 3\n", 1);
    std::fs::write(path.join("api_particulier.toml"), several).unwrap();
    (TestApp::start_with(|config| config.policies_dir = Some(path)), directory)
}

fn names(enrollment: &Value) -> Vec<&str> {
    enrollment["documents"].as_array().unwrap().iter().map(|one| one["filename"].as_str().unwrap()).collect()
}

async fn delete(client: &Client, path: &str) -> Value {
    client.send(client.request(Method::DELETE, path)).await.ok()
}

#[tokio::test]
async fn files_of_one_type_are_joined_listed_and_taken_away_one_by_one() {
    let (app, _directory) = app();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}/documents/LegalBasis");
    put(&applicant, id, "LegalBasis", "a.pdf", &pdf("a")).await.ok();
    put(&applicant, id, "LegalBasis", "b.pdf", &pdf("b")).await.ok();
    put(&applicant, id, "MaquetteProjet", "ecran.pdf", &pdf("e")).await.ok();
    let written = put(&applicant, id, "MaquetteProjet", "ecrans.pdf", &pdf("é")).await.ok();
    assert_eq!(names(&written), ["a.pdf", "b.pdf", "ecrans.pdf"], "one is asked for: the new one takes its place");
    // The same content twice is one file, under its newer name.
    let written = put(&applicant, id, "LegalBasis", "bis.pdf", &pdf("b")).await.ok();
    assert_eq!(names(&written), ["a.pdf", "bis.pdf", "ecrans.pdf"]);
    put(&applicant, id, "LegalBasis", "c.pdf", &pdf("c")).await.ok();

    let refused = put(&applicant, id, "LegalBasis", "d.pdf", &pdf("d")).await;
    assert_eq!(refused.fields(), ["/documents/LegalBasis: too_long"]);
    assert!(refused.text.contains("3 fichiers"), "{}", refused.text);
    let read = applicant.get(&format!("/api/enrollments/{id}")).await.ok();
    assert_eq!(names(&read), ["a.pdf", "bis.pdf", "c.pdf", "ecrans.pdf"]);

    let number = read["documents"][1]["id"].clone();
    let own = format!("{path}?document={number}");
    assert_eq!(applicant.get(&own).await.text.as_bytes(), pdf("b"));
    applicant.get(&format!("{path}?document=999999")).await.error(404, "not_found");
    let other = read["documents"][3]["id"].clone();
    applicant.get(&format!("{path}?document={other}")).await.error(404, "not_found");
    assert_eq!(names(&delete(&applicant, &own).await), ["a.pdf", "c.pdf", "ecrans.pdf"]);
    applicant.get(&own).await.error(404, "not_found");
    assert_eq!(names(&delete(&applicant, &path).await), ["ecrans.pdf"], "without a number: all of that type");
}

#[tokio::test]
async fn several_files_are_compared_granted_and_restored() {
    let (app, _directory) = app();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let id = applicant.complete("api_particulier").await;
    let path = format!("/api/enrollments/{id}");
    for name in ["a", "b"] {
        put(&applicant, id, "LegalBasis", &format!("{name}.pdf"), &pdf(name)).await.ok();
    }
    applicant.step(id, "submit", "").await.ok();
    let granted = instructor.step(id, "validate", "Conforme.").await.ok();
    let authorisation = granted["authorisations"][0]["id"].clone();
    applicant.step(id, "reopen", "").await.ok();
    let number = applicant.get(&path).await.ok()["documents"][0]["id"].clone();
    delete(&applicant, &format!("{path}/documents/LegalBasis?document={number}")).await;
    let written = put(&applicant, id, "LegalBasis", "c.pdf", &pdf("c")).await.ok();

    let change = &written["changes"][0];
    assert_eq!(change["field"], "documents.LegalBasis");
    let files = |side: &str| -> Vec<&str> {
        change[side].as_array().unwrap().iter().map(|one| one["filename"].as_str().unwrap()).collect()
    };
    assert_eq!((files("before"), files("after")), (vec!["a.pdf", "b.pdf"], vec!["b.pdf", "c.pdf"]));
    let versions = applicant.get(&format!("{path}/versions")).await.ok();
    let granted = format!("authorisation-{authorisation}");
    assert!(versions.to_string().contains(&granted), "{versions}");
    let compared = applicant.get(&format!("{path}/diff?from={granted}&to=current")).await.ok();
    assert_eq!(compared["changes"][0]["field"], "documents.LegalBasis");

    // What was granted keeps both; a refusal brings them back, by their content.
    let held = applicant.get(&format!("/api/authorisations/{authorisation}")).await.ok();
    let first = &held["documents"][0];
    let read = format!("/api/authorisations/{authorisation}/documents/LegalBasis?document={}", first["id"]);
    assert_eq!(applicant.get(&read).await.text.as_bytes(), pdf("a"));
    let back = applicant.step(id, "cancel_reopening", "").await.ok();
    assert_eq!(names(&back), ["a.pdf", "b.pdf"]);
    let hashes = |of: &Value| -> Vec<Value> {
        of["documents"].as_array().unwrap().iter().map(|one| one["sha256"].clone()).collect()
    };
    assert_eq!(hashes(&back), hashes(&held));
    let copy = applicant.post(&format!("{path}/copy"), &json!(null)).await.ok();
    assert_eq!(hashes(&copy), hashes(&held));
}

#[tokio::test]
async fn too_many_files_are_told_where_the_limit_fell() {
    let (app, directory) = app();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_particulier").await;
    for name in ["a", "b"] {
        put(&applicant, id, "LegalBasis", &format!("{name}.pdf"), &pdf(name)).await.ok();
    }
    std::fs::remove_file(directory.path().join("api_particulier.toml")).unwrap();
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    // The draft can still be written; it cannot be submitted.
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": "Crèche"})).await.ok();
    assert_eq!(applicant.step(id, "submit", "").await.fields(), ["/documents/LegalBasis: too_long"]);
    let number = applicant.get(&format!("/api/enrollments/{id}")).await.ok()["documents"][0]["id"].clone();
    delete(&applicant, &format!("/api/enrollments/{id}/documents/LegalBasis?document={number}")).await;
    applicant.step(id, "submit", "").await.ok();
}
