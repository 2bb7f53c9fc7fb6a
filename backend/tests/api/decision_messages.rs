//! The words that go with decisions: the templates of an API, filled in, and what earlier decisions said.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const TEMPLATES: &str = "/api/policies/api_particulier/decision_templates";

fn new(decision: &str, name: &str, body: &str, is_default: bool) -> Value {
    json!({"decision": decision, "name": name, "body": body, "is_default": is_default})
}

async fn put(who: &Client, id: &Value, template: &Value) -> Answer {
    who.send(who.request(Method::PUT, &format!("{TEMPLATES}/{id}")).json(template)).await
}

async fn remove(who: &Client, id: &Value) -> Answer {
    who.send(who.request(Method::DELETE, &format!("{TEMPLATES}/{id}"))).await
}

async fn offered(who: &Client, id: i64, decision: &str) -> Answer {
    who.get(&format!("/api/enrollments/{id}/offered_messages?decision={decision}")).await
}

/// Decision, name and whether messages begin with it.
fn shown(templates: &Value) -> Vec<(String, String, bool)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let templates = templates.as_array().unwrap().iter();
    templates.map(|one| (text(one, "decision"), text(one, "name"), one["is_default"] == true)).collect()
}

#[tokio::test]
async fn templates_are_written_by_the_instructors_of_an_api_and_by_administrators() {
    let app = TestApp::start();
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let limited = app.actor("limitee", &["api_particulier:instructor:only:agora-plus"]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    let template = new("refuse", "  Hors   périmètre ", "Bonjour,\r\nla demande {{ numéro }}.", true);

    let made = instructor.post(TEMPLATES, &template).await.ok();
    assert_eq!(shown(&made), [("refuse".to_owned(), "Hors périmètre".to_owned(), true)]);
    assert_eq!(made[0]["body"], "Bonjour,\nla demande {{ numéro }}.");
    let second = limited.post(TEMPLATES, &new("refuse", "Incomplète", "Non.", true)).await.ok();
    let defaults =
        |templates: &Value| shown(templates).into_iter().filter(|one| one.2).map(|one| one.1).collect::<Vec<_>>();
    assert_eq!(defaults(&second), ["Incomplète"], "messages begin with one at most");
    let third = administrator.post(TEMPLATES, &new("validate", "Incomplète", "Oui.", true)).await.ok();
    assert_eq!(defaults(&third), ["Incomplète", "Incomplète"], "of each decision");
    let id = &made[0]["id"];
    let renamed = put(&instructor, id, &new("refuse", "Base légale", "Non.", false)).await.ok();
    assert_eq!(shown(&renamed)[0], ("refuse".to_owned(), "Base légale".to_owned(), false));

    for who in ["api_entreprise:instructor", "api_particulier:reporter", "api_particulier:manager", ""] {
        let roles: Vec<&str> = Some(who).into_iter().filter(|role| !role.is_empty()).collect();
        let other = app.actor("autre", &roles).await;
        other.get(TEMPLATES).await.error(403, "forbidden");
        other.post(TEMPLATES, &template).await.error(403, "forbidden");
        put(&other, id, &template).await.error(403, "forbidden");
        remove(&other, id).await.error(403, "forbidden");
    }
    app.visitor().get(TEMPLATES).await.error(401, "unauthorized");
    instructor.get("/api/policies/inconnue/decision_templates").await.error(404, "not_found");
    let of_other_api = format!("/api/policies/franceconnect/decision_templates/{id}");
    let wrong = administrator.request(Method::PUT, &of_other_api).json(&template);
    administrator.send(wrong).await.error(404, "not_found");

    assert_eq!(remove(&instructor, id).await.ok().as_array().unwrap().len(), 2);
    remove(&instructor, id).await.error(404, "not_found");
    put(&instructor, id, &template).await.error(404, "not_found");
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_told_at_its_field() {
    let app = TestApp::start();
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    instructor.post(TEMPLATES, &new("refuse", "Pris", "Non.", false)).await.ok();
    for (template, pointer, code) in [
        (new("refuse", "x", "{{ siret }}", false), "/body", "unknown"),
        (new("refuse", "x", "{{ numéro", false), "/body", "unknown"),
        (new("refuse", "x", " \n", false), "/body", "required"),
        (new("refuse", "x", &"é".repeat(10_001), false), "/body", "too_long"),
        (new("refuse", " ", "Non.", false), "/name", "required"),
        (new("refuse", &"é".repeat(81), "Non.", false), "/name", "too_long"),
        (new("refuse", "Pris", "Non.", false), "/name", "incompatible"),
        (new("archive", "x", "Non.", false), "/decision", "not_eligible"),
    ] {
        let answer = instructor.post(TEMPLATES, &template).await;
        answer.error(422, "invalid");
        let item = answer.json()["errors"][0].clone();
        assert_eq!((&item["pointer"], &item["code"]), (&json!(pointer), &json!(code)));
    }
    instructor.post(TEMPLATES, &new("validate", "Pris", "Oui.", false)).await.ok();
    instructor.post(TEMPLATES, &new("tout", "x", "Non.", false)).await.error(400, "bad_request");
    assert_eq!(instructor.get(TEMPLATES).await.ok().as_array().unwrap().len(), 2);
    for number in 2..100 {
        instructor.post(TEMPLATES, &new("refuse", &format!("n°{number}"), "Non.", false)).await.ok();
    }
    instructor.post(TEMPLATES, &new("refuse", "de trop", "Non.", false)).await.error(409, "wrong_status");
}

#[tokio::test]
async fn a_template_is_filled_in_for_a_request_and_its_values_stay_text() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    let id = applicant.complete("api_particulier").await;
    let title = json!({"intitule": "Cantine {{ API }} <b>"});
    applicant.patch(&format!("/api/enrollments/{id}"), &title).await.ok();
    applicant.step(id, "submit", "").await.ok();
    let body = "Demande {{ numéro }}, « {{ intitulé }} », {{ organisation }}, {{ API }}.";
    instructor.post(TEMPLATES, &new("refuse", "Complet", body, true)).await.ok();
    instructor.post(TEMPLATES, &new("validate", "Accord", "Bienvenue.", false)).await.ok();

    let name = applicant.get(&format!("/api/enrollments/{id}")).await.ok()["nom_raison_sociale"].clone();
    let found = offered(&instructor, id, "refuse").await.ok();
    let text = format!("Demande {id}, « Cantine {{{{ API }}}} <b> », {}, API Particulier.", name.as_str().unwrap());
    assert_eq!(found, json!({"templates": [{"name": "Complet", "text": text, "is_default": true}], "used": []}));
    assert_eq!(offered(&instructor, id, "validate").await.ok()["templates"][0]["text"], "Bienvenue.");

    offered(&instructor, id, "archive").await.error(422, "invalid");
    offered(&instructor, id, "revoke").await.error(409, "wrong_status");
    offered(&instructor, id, "inconnue").await.error(400, "bad_request");
    offered(&applicant, id, "refuse").await.error(403, "forbidden");
    let other = app.actor("autre", &["api_entreprise:instructor"]).await;
    offered(&other, id, "refuse").await.error(404, "not_found");
    instructor.step(id, "refuse", "Non.").await.ok();
    offered(&instructor, id, "refuse").await.error(409, "wrong_status");
}

#[tokio::test]
async fn what_several_requests_were_answered_with_is_offered_most_used_first() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor", "franceconnect:instructor"]).await;
    for words in ["Une fois.", "Base légale ?", "Deux fois.", "Base légale ?", "Deux fois.", "Base légale ?"] {
        let id = applicant.submitted("api_particulier").await;
        instructor.step(id, "refuse", words).await.ok();
    }
    // Another decision, another API, and the same request asked twice.
    let id = applicant.submitted("franceconnect").await;
    instructor.step(id, "refuse", "Une fois.").await.ok();
    let asked = applicant.submitted("api_particulier").await;
    for _ in 0..2 {
        instructor.step(asked, "request_changes", "Précisez.").await.ok();
        applicant.step(asked, "submit", "").await.ok();
    }
    assert_eq!(offered(&instructor, asked, "refuse").await.ok()["used"], json!(["Base légale ?", "Deux fois."]));
    assert_eq!(offered(&instructor, asked, "request_changes").await.ok()["used"], json!([]));
}
