//! A role for every API of a provider at once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::roles::change;
use crate::support::{Answer, Client, TestApp};

async fn change_all(who: &Client, email: &str, provider: &str, role: &str, granted: bool) -> Answer {
    let body =
        json!({"email": email, "provider": provider, "role": role, "granted": granted, "reason": "Réorganisation."});
    who.post("/api/users/provider_roles", &body).await
}

fn roles(person: &Value) -> BTreeSet<String> {
    person["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap().to_owned()).collect()
}

fn set(roles: &[&str]) -> BTreeSet<String> {
    roles.iter().map(ToString::to_string).collect()
}

/// The APIs of that provider.
async fn apis(who: &Client, provider: &str) -> Vec<String> {
    let policies = who.get("/api/policies").await.ok();
    let provided = policies.as_array().unwrap().iter().filter(|policy| policy["provider"]["id"] == provider);
    let apis: Vec<String> = provided.map(|policy| policy["target_api"].as_str().unwrap().to_owned()).collect();
    assert!(apis.len() > 3 && apis.iter().any(|api| api == "api_particulier"), "{apis:?}");
    apis
}

#[tokio::test]
async fn a_role_is_given_for_every_api_of_a_provider_by_one_act() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let colleague = app.actor("collegue", &["franceconnect:instructor"]).await;
    let id = app.actor("demandeur", &[]).await.submitted("api_particulier").await;
    let apis = apis(&administrator, "dinum").await;
    let person = change_all(&administrator, "Collegue@exemple.fr", "dinum", "instructor", true).await.ok();
    assert_eq!(roles(&person), apis.iter().map(|api| format!("{api}:instructor")).collect());
    colleague.get(&format!("/api/enrollments/{id}")).await.ok();

    let history = administrator.get("/api/users/role_changes?email=collegue@exemple.fr").await.ok();
    assert_eq!(
        history.as_array().unwrap().len(),
        apis.len() - 1,
        "the one that they had is not given again: {history}"
    );
    app.state.audit.flush(&app.state.db).await.unwrap();
    let log = administrator.get("/api/audit?action=role.grant").await.ok();
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "{log}");
    let thing = log["items"][0]["thing"].as_str().unwrap();
    for name in ["API Entreprise", "API Particulier", "HubEE", "à collegue Exemple"] {
        assert!(thing.contains(name), "{thing}");
    }
    assert_eq!(log["items"][0]["reason"], "Réorganisation.");
    let mails = app.mails().await;
    let told: Vec<&String> =
        mails.iter().filter(|(to, ..)| to == "collegue@exemple.fr").map(|(.., body)| body).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("Instructeur, toutes les API (Direction interministérielle du numérique)"), "{}", told[0]);

    // Once more: nothing is new.
    change_all(&administrator, "collegue@exemple.fr", "dinum", "instructor", true).await.ok();
    let again = administrator.get("/api/users/role_changes?email=collegue@exemple.fr").await.ok();
    assert_eq!((again, app.mails().await.len()), (history, mails.len()));
}

#[tokio::test]
async fn it_is_taken_for_every_api_limited_or_not_and_nothing_else_is() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let held = [
        "franceconnect:instructor",
        "api_particulier:instructor:only:other",
        "api_particulier:reporter",
        "api_impot_particulier_production:instructor",
    ];
    app.actor("collegue", &held).await;
    let person = change_all(&administrator, "collegue@exemple.fr", "dinum", "instructor", false).await.ok();
    assert_eq!(roles(&person), set(&["api_particulier:reporter", "api_impot_particulier_production:instructor"]));
    let mails = app.mails().await;
    assert_eq!(mails.iter().filter(|(to, ..)| to == "collegue@exemple.fr").count(), 1);
    app.state.audit.flush(&app.state.db).await.unwrap();
    let log = administrator.get("/api/audit?action=role.withdraw").await.ok();
    assert_eq!(log["items"].as_array().unwrap().len(), 1);
    // Nothing is left of it.
    change_all(&administrator, "collegue@exemple.fr", "dinum", "instructor", false).await.ok();
    assert_eq!(app.mails().await.len(), mails.len());
}

#[tokio::test]
async fn it_waits_for_who_has_not_come_yet() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let apis = apis(&administrator, "dinum").await;
    let person = change_all(&administrator, "nouvelle@exemple.fr", "dinum", "subscriber", true).await.ok();
    assert_eq!((roles(&person).len(), &person["has_account"]), (apis.len(), &json!(false)));
    change(&administrator, "nouvelle@exemple.fr", "hubee:subscriber", false).await.ok();
    let person = change_all(&administrator, "nouvelle@exemple.fr", "dinum", "subscriber", false).await.ok();
    assert_eq!(roles(&person).len(), 0);
}

#[tokio::test]
async fn only_who_manages_every_api_of_the_provider_may_and_never_for_themselves() {
    let app = TestApp::start();
    let manager = app.actor("gestionnaire", &["provider:dinum:manager"]).await;
    let of_one = app.actor("autre", &["api_particulier:manager", "provider:dgfip:manager"]).await;
    let instructor = app.actor("instructrice", &["api_particulier:instructor"]).await;
    app.actor("collegue", &[]).await;
    for who in [&of_one, &instructor] {
        change_all(who, "collegue@exemple.fr", "dinum", "reporter", true).await.error(403, "forbidden");
    }
    change_all(&app.visitor(), "collegue@exemple.fr", "dinum", "reporter", true).await.error(401, "unauthorized");
    change_all(&manager, "gestionnaire@exemple.fr", "dinum", "reporter", true).await.error(403, "forbidden");
    change_all(&manager, "collegue@exemple.fr", "dgfip", "reporter", true).await.error(403, "forbidden");
    let person = change_all(&manager, "collegue@exemple.fr", "dinum", "reporter", true).await.ok();
    assert_eq!(roles(&person).len(), apis(&manager, "dinum").await.len());
}

#[tokio::test]
async fn what_makes_no_sense_is_told_at_its_member() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let places = async |email, provider, role| change_all(&administrator, email, provider, role, true).await.places();
    assert_eq!(places("collegue", "dinum", "reporter").await, ["/email: format"]);
    assert_eq!(places("collegue@exemple.fr", "inconnu", "reporter").await, ["/provider: unknown"]);
    assert_eq!(places("collegue@exemple.fr", "dinum", "manager").await, ["/role: format"]);
    let silent =
        json!({"email": "a@exemple.fr", "provider": "dinum", "role": "reporter", "granted": true, "reason": " "});
    assert_eq!(administrator.post("/api/users/provider_roles", &silent).await.places(), ["/reason: required"]);
}
