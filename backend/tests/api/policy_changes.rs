//! Policies that several administrators change, in several processes.

use std::fs;

use chrono::Duration;
use datapass::connection::types::now;
use datapass::ids::UserId;
use datapass::models::policy_change::{self, NewChange};
use datapass::state::AppState;
use serde_json::{Value, json};

use crate::policies::with_policies_directory;
use crate::policy_files::{NEW, file, label, publish};
use crate::support::TestApp;

#[tokio::test]
async fn who_did_not_see_the_last_change_publishes_nothing() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let first = publish(&administrator, NEW, Some(&file("Une")), &Value::Null).await.ok();
    let told = publish(&administrator, NEW, Some(&file("Autre")), &Value::Null).await.error(409, "wrong_status");
    assert!(told.contains("entre-temps"), "{told}");
    assert_eq!(label(&administrator, "api_neuve").await, "Une");
    let same = publish(&administrator, NEW, Some(&file("Une")), &first["latest"]).await;
    assert!(same.error(409, "wrong_status").contains("déjà en vigueur"));
    publish(&administrator, NEW, Some(&file("Autre")), &first["latest"]).await.ok();

    // Those who publish at once: each either sees what the other did, or is told to look again.
    let (a, b) = (file("A"), file("B"));
    let other = "/api/policy_files/api_autre";
    let (one, two) = tokio::join!(
        publish(&administrator, other, Some(&a), &Value::Null),
        publish(&administrator, other, Some(&b), &Value::Null)
    );
    let done = [&one, &two].iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(done, 1, "{} {}", one.text, two.text);
    assert_eq!(administrator.get(other).await.ok()["changes"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_another_process_has_published_is_what_one_reads_before_one_changes_it() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = UserId(administrator.get("/api/session").await.ok()["user"]["id"].as_i64().unwrap());
    let before = administrator.get(NEW).await.ok();
    let change = NewChange {
        target_api: Some("api_neuve".to_owned()),
        text: Some(file("Ailleurs")),
        reason: "Ailleurs.".to_owned(),
        actor_id: id,
        at: now().naive_utc(),
    };
    app.state.db.write(move |connection| Ok(policy_change::insert(connection, &change)?)).await.unwrap();
    let read = administrator.get(NEW).await.ok();
    assert_eq!((&read["text"], read["latest"].is_null()), (&json!(file("Ailleurs")), false), "the text of that number");
    publish(&administrator, NEW, Some(&file("Ici")), &before["latest"]).await.error(409, "wrong_status");
}

#[tokio::test]
async fn other_processes_follow() {
    let (app, directory) = with_policies_directory();
    let administrator = app.actor("admin", &["administrator"]).await;
    let other = AppState::open(app.state.config.clone(), 0).await.unwrap();
    let named = |slug: &str| other.policies.current().get(slug).map(|policy| policy.label.clone());
    let published = publish(&administrator, NEW, Some(&file("API Neuve")), &Value::Null).await.ok();
    assert_eq!(named("api_neuve"), None);
    other.policies.follow(&other.db).await.unwrap();
    assert_eq!(named("api_neuve").as_deref(), Some("API Neuve"));

    publish(&administrator, NEW, None, &published["latest"]).await.ok();
    other.policies.follow(&other.db).await.unwrap();
    assert_eq!(named("api_neuve"), None);

    // A file of the server, too, once an administrator has had them read again.
    fs::write(directory.path().join("api_locale.toml"), file("API Locale")).unwrap();
    other.policies.follow(&other.db).await.unwrap();
    assert_eq!(named("api_locale"), None);
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    other.policies.follow(&other.db).await.unwrap();
    assert_eq!(named("api_locale").as_deref(), Some("API Locale"));

    // Whoever starts later has it all.
    publish(&administrator, NEW, Some(&file("API Neuve")), &administrator.get(NEW).await.ok()["latest"]).await.ok();
    let later = AppState::open(app.state.config.clone(), 0).await.unwrap();
    assert!(later.policies.current().contains_key("api_neuve"));
}

#[tokio::test]
async fn a_process_of_its_own_follows_within_five_seconds() {
    // SQLite has one process.
    if std::env::var("TEST_DATABASE_URL").is_err() {
        return;
    }
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = UserId(administrator.get("/api/session").await.ok()["user"]["id"].as_i64().unwrap());
    let change = NewChange {
        target_api: Some("api_neuve".to_owned()),
        text: Some(file("API Neuve")),
        reason: "Ailleurs.".to_owned(),
        actor_id: id,
        at: now().naive_utc(),
    };
    app.state.db.write(move |connection| Ok(policy_change::insert(connection, &change)?)).await.unwrap();
    let begun = now();
    while app.state.policies.require("api_neuve").is_err() {
        assert!(now() - begun < Duration::seconds(5));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
