//! A request of each policy lives: created, filled in, submitted, validated.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use shared::policy::{Policy, Section};

use crate::support::{CLAMART, Client, TestApp};
use crate::valid_draft;

/// The policies that can be started, each after the one that it needs first.
fn in_order(app: &TestApp) -> Vec<std::sync::Arc<Policy>> {
    let catalogue = app.state.policies.current();
    let mut ordered: Vec<std::sync::Arc<Policy>> = Vec::new();
    let mut left: Vec<_> =
        catalogue.values().filter(|p| !p.retired && !p.frozen && p.start_url.is_none()).cloned().collect();
    while !left.is_empty() {
        let known: Vec<String> = ordered.iter().map(|policy| policy.target_api.clone()).collect();
        let (ready, later) =
            left.into_iter().partition(|p| p.previous.as_ref().is_none_or(|name| known.contains(name)));
        ordered.extend::<Vec<_>>(ready);
        left = later;
        assert!(ordered.len() > known.len(), "{:?} follow one another", left.iter().map(|p| &p.target_api));
    }
    ordered
}

/// The least that is a PDF.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n";

async fn filed(applicant: &Client, policy: &Policy, granted: &BTreeMap<String, i64>) -> i64 {
    let mut body = serde_json::to_value(valid_draft::of(policy)).unwrap();
    body["target_api"] = json!(policy.target_api);
    if policy.has_section(Section::Organisation) {
        body["siret"] = json!(CLAMART);
    }
    if let Some(previous) = &policy.previous {
        body["previous_enrollment_id"] = json!(granted[previous]);
    }
    let id = applicant.post("/api/enrollments", &body).await.ok()["id"].as_i64().unwrap();
    for request in policy.documents.iter().filter(|document| document.required && !document.read_only) {
        let ending = request.formats.first().unwrap();
        let path = format!("/api/enrollments/{id}/documents/{}?filename=document.{ending}", request.kind);
        assert_eq!(ending, "pdf", "{path}: what else would be joined?");
        applicant.send(applicant.request(Method::PUT, &path).body(PDF)).await.ok();
    }
    id
}

#[tokio::test]
async fn a_request_of_each_policy_is_filed_and_granted() {
    let app = TestApp::start();
    let policies = in_order(&app);
    assert_eq!(policies.len(), 67, "75, without 6 retired, 1 frozen and 1 that is filed elsewhere");
    let applicant = app.actor("demandeur", &[]).await;
    let roles: Vec<String> = policies.iter().map(|policy| format!("{}:instructor", policy.target_api)).collect();
    let instructor = app.actor("instructrice", &roles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut granted = BTreeMap::new();
    for policy in &policies {
        let id = filed(&applicant, policy, &granted).await;
        let submitted = applicant.step(id, "submit", "").await;
        assert!(submitted.status.is_success(), "{}: {}", policy.target_api, submitted.text);
        let preview = json!({"event": "validate", "comment": "Conforme."});
        let mails = instructor.post(&format!("/api/enrollments/{id}/mail_preview"), &preview).await.ok();
        let decided = instructor.step(id, "validate", "Conforme.").await.ok();
        assert_eq!(decided["status"], "validated", "{}", policy.target_api);
        for notice in &policy.notices {
            let told = mails.as_array().unwrap().iter().any(|mail| mail["to"] == json!(notice.to));
            assert!(told, "{}: {mails}", policy.target_api);
        }
        granted.insert(policy.target_api.clone(), id);
    }
    // What follows another request keeps it, once granted too.
    let following = granted["api_impot_particulier_production"];
    let read = applicant.get(&format!("/api/enrollments/{following}/previous")).await.ok();
    assert_eq!(read["id"], granted["api_impot_particulier_sandbox"]);
}

#[tokio::test]
async fn an_organisation_has_one_authorisation_where_the_policy_says_so() {
    let app = TestApp::start();
    let policies = app.state.policies.current();
    let applicant = app.actor("demandeur", &[]).await;
    for policy in policies.values().filter(|policy| policy.one_per_organisation) {
        let instructor = app.actor("instructrice", &[&format!("{}:instructor", policy.target_api)]).await;
        let first = filed(&applicant, policy, &BTreeMap::new()).await;
        let second = filed(&applicant, policy, &BTreeMap::new()).await;
        applicant.step(first, "submit", "").await.ok();
        instructor.step(first, "validate", "Conforme.").await.ok();
        let refused = applicant.step(second, "submit", "").await;
        assert_eq!(refused.fields(), ["/siret: not_eligible"]);
        assert!(refused.text.contains(&first.to_string()), "{}", refused.text);
    }
}

#[tokio::test]
async fn several_people_of_one_kind_are_kept_and_checked_one_by_one() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let policies = app.state.policies.current();
    let policy = policies.values().find(|policy| policy.contacts.iter().any(|contact| contact.multiple)).unwrap();
    let kind = policy.contacts.iter().find(|contact| contact.multiple).unwrap().kind;
    let id = filed(&applicant, policy, &BTreeMap::new()).await;
    let path = format!("/api/enrollments/{id}");
    let mut people: Vec<Value> = applicant.get(&path).await.ok()["team_members"].as_array().unwrap().clone();
    let person = |email: &str| {
        let mut person = serde_json::to_value(valid_draft::person(kind)).unwrap();
        person["email"] = json!(email);
        person
    };
    people.extend([person("un@exemple.fr"), person("deux@")]);
    let last = people.len() - 1;
    applicant.patch(&path, &json!({"team_members": people})).await.ok();
    let refused = applicant.step(id, "submit", "").await.fields();
    assert_eq!(refused, [format!("/team_members/{last}/email: format")]);
    people.pop();
    people.push(person("deux@exemple.fr"));
    applicant.patch(&path, &json!({"team_members": people})).await.ok();
    applicant.step(id, "submit", "").await.ok();
    // Another kind may be named once only.
    let franceconnect = json!({"target_api": "franceconnect", "team_members": [
        {"type": "responsable_technique", "email": "a@exemple.fr"},
        {"type": "responsable_technique", "email": "b@exemple.fr"},
    ]});
    let refused = applicant.post("/api/enrollments", &franceconnect).await.fields();
    assert_eq!(refused, ["/team_members/1/email: unknown"]);
}
