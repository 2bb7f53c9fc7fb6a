//! Policies that administrators try, publish, withdraw and read again, while the server runs.

use std::fs;

use chrono::Duration;
use datapass::auth::session;
use datapass::connection::types::now;
use datapass::ids::UserId;
use datapass::models::policy_change::{self, NewChange};
use datapass::policies::skeleton;
use datapass::state::AppState;
use serde_json::{Value, json};

use crate::policies::{replace_policy, with_policies_directory};
use crate::support::{Answer, Client, TestApp};

pub const NEW: &str = "/api/policy_files/api_neuve";

/// The first file of a new API, with a name.
pub fn file(label: &str) -> String {
    skeleton::of("api_neuve").unwrap().replace("API à nommer", label)
}

pub async fn publish(administrator: &Client, path: &str, text: Option<&str>, latest: &Value) -> Answer {
    let body = json!({"text": text, "reason": "Parce que.", "latest": latest});
    administrator.put(path, &body).await
}

async fn tried(administrator: &Client, path: &str, text: &str) -> Value {
    administrator.post(&format!("{path}/check"), &json!({"text": text})).await.ok()
}

fn messages(problems: &Value) -> Vec<String> {
    let problems = problems.as_array().unwrap().iter();
    problems.map(|one| format!("{}:{}:{}", one["line"], one["column"], one["message"].as_str().unwrap())).collect()
}

pub async fn label(client: &Client, slug: &str) -> Value {
    client.get(&format!("/api/policies/{slug}")).await.ok()["label"].clone()
}

#[tokio::test]
async fn a_policy_is_tried_and_nothing_of_it_is_kept() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let begun = administrator.get(NEW).await.ok();
    assert_eq!((&begun["source"], &begun["latest"], &begun["changes"]), (&Value::Null, &Value::Null, &json!([])));

    let trial = tried(&administrator, NEW, begun["text"].as_str().unwrap()).await;
    assert_eq!(trial["problems"], json!([]));
    assert!(messages(&trial["warnings"]).iter().any(|told| told.contains("à nommer")), "{}", trial["warnings"]);
    assert_eq!(trial["policy"]["scopes"][0]["id"], "api_neuve_nom");
    let differences = trial["differences"].as_array().unwrap();
    assert!(differences.iter().any(|one| one["path"] == "scopes.api_neuve_nom.label" && one["before"] == ""));
    let rights: Vec<&Value> = trial["rights"].as_array().unwrap().iter().map(|table| &table["title"]).collect();
    assert_eq!(
        rights,
        [
            "Première instruction",
            "Accord partiel proposé au demandeur",
            "Rôles",
            "Demandes de rôle",
            "Webhooks",
            "Modèles de décision"
        ]
    );
    assert_eq!(trial["rights"][0]["rows"][0]["who"], "Demandeur, pour son organisation");
    assert!(trial["mails"].as_array().unwrap().iter().any(|mail| mail["when"] == "Demande validée"));

    // What is wrong is told by its place, and then nothing else is.
    let wrong = file("API").replace("description = \"Décrivez", "descriptoin = \"Décrivez");
    let trial = tried(&administrator, NEW, &wrong).await;
    let told = messages(&trial["problems"]);
    assert!(told.iter().any(|told| told.starts_with("7:1:clé inconnue «\u{a0}descriptoin\u{a0}»")), "{told:?}");
    assert_eq!((&trial["policy"], &trial["mails"]), (&Value::Null, &json!([])));
    let trial = tried(&administrator, NEW, "label = ").await;
    assert!(messages(&trial["problems"])[0].starts_with("1:9:TOML mal formé"), "{trial}");
    let trial = tried(&administrator, "/api/policy_files/stats", &file("API")).await;
    assert!(messages(&trial["problems"])[0].contains("page de DataPass"), "{trial}");

    administrator.get("/api/policies/api_neuve").await.error(404, "not_found");
    assert_eq!(administrator.get(NEW).await.ok(), begun);
}

#[tokio::test]
async fn a_rule_about_what_no_part_asks_is_a_problem_and_oddities_are_warnings() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let without = file("API").replace(", \"cadre_juridique\", \"equipe\", \"cgu\"]", ", \"equipe\"]");
    let without = without.replace("section = \"cadre_juridique\"", "section = \"equipe\"");
    let told = messages(&tried(&administrator, NEW, &without).await["problems"]);
    for (rule, label) in [("legal_basis", "texte juridique"), ("cgu_approved", ""), ("dpo_is_informed", "")] {
        let is_told = |one: &String| one.contains(&format!("la règle «\u{a0}{rule}\u{a0}»")) && one.contains(label);
        assert!(told.iter().any(is_told), "{rule}: {told:?}");
    }
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().all(|one| one.starts_with("25:")), "at the rule itself: {told:?}");

    let odd = file("API").replace("id = \"administration\"", "id = \"dgfip\"");
    let trial = tried(&administrator, NEW, &odd).await;
    assert_eq!(trial["problems"], json!([]));
    let told = messages(&trial["warnings"]);
    assert!(told.iter().any(|one| one.contains("le fournisseur «\u{a0}dgfip\u{a0}» s’appelle")), "{told:?}");
    assert!(told.iter().any(|one| one.contains("ajoutez cgu_url")), "{told:?}");
    let with = odd.replace("# cgu_url = \"https://exemple.gouv.fr/cgu\"", "cgu_url = \"https://creches.gouv.fr/cgu\"");
    let told = messages(&tried(&administrator, NEW, &with).await["warnings"]);
    assert!(!told.iter().any(|one| one.contains("cgu_url")), "{told:?}");
}

#[tokio::test]
async fn a_published_policy_is_in_force_at_once_and_requests_keep_theirs() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let first = publish(&administrator, NEW, Some(&file("API Neuve")), &Value::Null).await.ok();
    assert_eq!((&first["source"], &first["beneath"]), (&json!("published"), &Value::Null));
    assert_eq!(label(&applicant, "api_neuve").await, "API Neuve");
    assert!(app.visitor().get("/api_neuve").await.text.contains("API Neuve"), "its page");
    let draft = applicant.post("/api/enrollments", &json!({"target_api": "api_neuve"})).await.ok();

    let second = file("API Renommée").replace("label = \"Nom\"", "label = \"Nom de famille\"");
    let second = publish(&administrator, NEW, Some(&second), &first["latest"]).await.ok();
    assert_eq!(label(&applicant, "api_neuve").await, "API Renommée");
    let read = applicant.get(&format!("/api/enrollments/{}", draft["id"])).await.ok();
    assert_eq!(read["policy_revision"], draft["policy_revision"]);
    let before = format!("/api/policies/api_neuve/revisions/{}", draft["policy_revision"].as_str().unwrap());
    assert_eq!(applicant.get(&before).await.ok()["label"], "API Neuve");

    // Who, when and why; the former text is there to return to, as another change.
    let changes = second["changes"].as_array().unwrap();
    let of = |index: usize| (changes[index]["actor"].clone(), changes[index]["reason"].clone());
    assert_eq!((changes.len(), of(0)), (2, (json!("admin Exemple"), json!("Parce que."))));
    let former = administrator.get(&format!("{NEW}/changes/{}", first["latest"])).await.ok();
    assert_eq!(former["text"], file("API Neuve"));
    let back = publish(&administrator, NEW, former["text"].as_str(), &second["latest"]).await.ok();
    assert_eq!(back["changes"].as_array().map(Vec::len), Some(3));
    assert_eq!(label(&applicant, "api_neuve").await, "API Neuve");
    administrator
        .get(&format!("/api/policy_files/franceconnect/changes/{}", first["latest"]))
        .await
        .error(404, "not_found");

    app.state.audit.flush(&app.state.db).await.unwrap();
    let log = administrator.get("/api/audit?action=policy.publish").await.ok();
    let entries = log["items"].as_array().unwrap();
    assert_eq!(entries.len(), 3, "{log}");
    assert!(entries.iter().all(|entry| entry["object_id"] == "api_neuve" && entry["outcome"] == "done"), "{log}");
}

#[tokio::test]
async fn only_an_administrator_who_showed_lately_who_they_are_publishes() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = UserId(administrator.get("/api/session").await.ok()["user"]["id"].as_i64().unwrap());
    let (text, body) = (file("API"), json!({"text": file("API"), "reason": "Parce que."}));
    for other in [
        app.actor("chef", &["api_particulier:manager"]).await,
        app.actor("instructeur", &["api_particulier:instructor"]).await,
    ] {
        other.get("/api/policy_files").await.error(403, "forbidden");
        other.get("/api/policy_files/api_particulier").await.error(403, "forbidden");
        other.post(&format!("{NEW}/check"), &json!({"text": text})).await.error(403, "forbidden");
        other.put(NEW, &body).await.error(403, "forbidden");
        other.put("/api/policy_files/api_particulier", &body).await.error(403, "forbidden");
    }
    app.visitor().get("/api/policy_files").await.error(401, "unauthorized");
    app.visitor().put(NEW, &body).await.error(401, "unauthorized");

    let authenticated_at = Some(now().naive_utc() - Duration::hours(1));
    let opened = session::Opened { authenticated_at, ..session::Opened::default() };
    let cookie = session::open(&app.state, id, opened).await.unwrap();
    let mut tired = administrator.clone();
    tired.cookie = Some(format!("{}={}", cookie.name(), cookie.value()));
    tired.post(&format!("{NEW}/check"), &json!({"text": text})).await.ok();
    tired.put(NEW, &body).await.error(403, "insufficient_user_authentication");
    administrator.get("/api/policies/api_neuve").await.error(404, "not_found");
    administrator.put(NEW, &body).await.ok();
}

#[tokio::test]
async fn what_cannot_be_published_is_refused_with_its_place_and_changes_nothing() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let put = async |text: Option<&str>, reason: &str| {
        administrator.put(NEW, &json!({"text": text, "reason": reason, "latest": null})).await
    };
    assert_eq!(put(Some(&file("API")), " ").await.places(), ["/reason: required"]);
    assert_eq!(put(Some(&"#".repeat(600_000)), "Parce que.").await.places(), ["/text: too_long"]);
    let wrong = file("API").replace("warning = \"utile\"", "warning = \"inutile\"");
    let refused = put(Some(&wrong), "Parce que.").await;
    assert_eq!(refused.fields(), ["/text: format", "/text: format"]);
    assert!(refused.error(422, "invalid").contains("Dans api_neuve.toml, ligne 47, caractère 1"), "{}", refused.text);
    put(None, "Parce que.").await.error(409, "wrong_status");
    for silent in [json!({"reason": "r"}), json!({"txet": "", "reason": "r"})] {
        let place = if silent.get("txet").is_some() { "/txet: unknown" } else { "/text: required" };
        assert_eq!(administrator.put(NEW, &silent).await.places(), [place], "a text that is missing withdraws nothing");
    }
    let hidden = file("API").replace("label = \"Nom\"", "label = \"Nom\\u0000\"");
    assert!(put(Some(&hidden), "Parce que.").await.error(422, "invalid").contains("caractère invisible"));
    let long = format!("/api/policy_files/{}", "a".repeat(65));
    administrator.put(&long, &json!({"text": file("API"), "reason": "r"})).await.error(404, "not_found");
    administrator.put("/api/policy_files/API", &json!({"text": "", "reason": "r"})).await.error(404, "not_found");
    administrator.get("/api/policy_files/API").await.error(404, "not_found");
    administrator.get("/api/policies/api_neuve").await.error(404, "not_found");
    assert_eq!(administrator.get(NEW).await.ok()["changes"], json!([]));
}

#[tokio::test]
async fn what_was_published_is_withdrawn_for_the_file_of_the_server() {
    let (app, directory) = with_policies_directory();
    let administrator = app.actor("admin", &["administrator"]).await;
    let path = "/api/policy_files/franceconnect";
    let before = administrator.get(path).await.ok();
    assert_eq!((&before["source"], &before["beneath"]), (&json!("program"), &json!("program")));
    let renamed = before["text"].as_str().unwrap().replacen("label = \"", "label = \"Nouvelle ", 1);
    let published = publish(&administrator, path, Some(&renamed), &Value::Null).await.ok();
    assert!(label(&administrator, "franceconnect").await.as_str().unwrap().starts_with("Nouvelle "));

    // A file of the server that changes meanwhile stays beneath.
    replace_policy(directory.path(), "franceconnect", |text| text.replacen("label = \"", "label = \"Locale ", 1));
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    assert!(label(&administrator, "franceconnect").await.as_str().unwrap().starts_with("Nouvelle "));
    let withdrawn = publish(&administrator, path, None, &published["latest"]).await.ok();
    assert_eq!((&withdrawn["source"], &withdrawn["changes"][0]["is_published"]), (&json!("directory"), &json!(false)));
    assert!(label(&administrator, "franceconnect").await.as_str().unwrap().starts_with("Locale "));

    // An API of which others speak, and which has no file, cannot go.
    let new = publish(&administrator, NEW, Some(&file("API")), &Value::Null).await.ok();
    let naming =
        file("Suite").replace("sections = [", "previous = \"api_neuve\"\nsections = [\"previous_enrollment\", ");
    let other = publish(&administrator, "/api/policy_files/api_suite", Some(&naming), &Value::Null).await.ok();
    let told = publish(&administrator, NEW, None, &new["latest"]).await.error(409, "wrong_status");
    assert!(told.contains("api_suite"), "{told}");
    publish(&administrator, "/api/policy_files/api_suite", None, &other["latest"]).await.ok();
    let gone = publish(&administrator, NEW, None, &new["latest"]).await.ok();
    assert_eq!((&gone["source"], gone["changes"].as_array().map(Vec::len)), (&Value::Null, Some(2)));
    administrator.get("/api/policies/api_neuve").await.error(404, "not_found");
}

#[tokio::test]
async fn nothing_is_withdrawn_without_which_another_policy_cannot_be_read() {
    let (app, directory) = with_policies_directory();
    let administrator = app.actor("admin", &["administrator"]).await;
    let after = |label: &str, previous: &str| {
        let sections = format!("previous = \"{previous}\"\nsections = [\"previous_enrollment\", ");
        file(label).replace("sections = [", &sections)
    };
    fs::write(directory.path().join("api_neuve.toml"), after("Neuve", "api_base")).unwrap();
    fs::write(directory.path().join("api_base.toml"), file("Base")).unwrap();
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    // The other way round: each is right as long as both are published.
    let neuve = publish(&administrator, NEW, Some(&file("Neuve")), &Value::Null).await.ok();
    let base = "/api/policy_files/api_base";
    let published = publish(&administrator, base, Some(&after("Base", "api_neuve")), &Value::Null).await.ok();
    let told = publish(&administrator, NEW, None, &neuve["latest"]).await.error(409, "wrong_status");
    assert!(told.contains("ne pourraient plus être lues") && told.contains("api_base"), "{told}");
    assert_eq!(administrator.get(base).await.ok()["source"], "published");
    publish(&administrator, base, None, &published["latest"]).await.ok();
    publish(&administrator, NEW, None, &neuve["latest"]).await.ok();
}

#[tokio::test]
async fn a_published_policy_that_this_version_cannot_read_gives_way_to_the_file() {
    let app = TestApp::start();
    let administrator = app.actor("admin", &["administrator"]).await;
    let id = UserId(administrator.get("/api/session").await.ok()["user"]["id"].as_i64().unwrap());
    let program = label(&administrator, "franceconnect").await;
    for (slug, text) in [
        ("franceconnect", "label = \"D’avant\"\nancienne = 1\n".to_owned()),
        ("api_neuve", file("API Neuve")),
        (
            "api_suite",
            file("Suite").replace("sections = [", "previous = \"api_perdue\"\nsections = [\"previous_enrollment\", "),
        ),
    ] {
        let (target_api, text) = (Some(slug.to_owned()), Some(text));
        let change = NewChange { target_api, text, reason: "Avant.".to_owned(), actor_id: id, at: now().naive_utc() };
        app.state.db.write(move |connection| Ok(policy_change::insert(connection, &change)?)).await.unwrap();
    }
    // As a later version does when it starts.
    let later = AppState::open(app.state.config.clone(), 0).await.unwrap();
    assert_eq!(later.policies.require("franceconnect").unwrap().label, program.as_str().unwrap());
    assert!(later.policies.require("api_neuve").is_ok() && later.policies.require("api_suite").is_err());

    app.state.policies.follow(&app.state.db).await.unwrap();
    let files = administrator.get("/api/policy_files").await.ok();
    let unread = files["unread"].as_array().unwrap();
    assert_eq!(unread.len(), 2, "{files}");
    assert_eq!((&unread[1]["target_api"], &unread[1]["in_force"]), (&json!("franceconnect"), &json!("program")));
    let told = messages(&unread[1]["problems"]);
    assert!(told.iter().any(|told| told.starts_with("2:1:clé inconnue «\u{a0}ancienne\u{a0}»")), "{told:?}");
    assert_eq!(unread[0]["in_force"], Value::Null, "{files}");
    let ready = app.visitor().get("/api/health/ready").await.ok();
    assert_eq!((&ready["status"], &ready["unread_policies"]), (&json!("up"), &json!(2)));

    // It is mended by publishing, or withdrawn.
    let latest = administrator.get("/api/policy_files/franceconnect").await.ok()["latest"].clone();
    publish(&administrator, "/api/policy_files/franceconnect", None, &latest).await.ok();
    let files = administrator.get("/api/policy_files").await.ok();
    assert_eq!(files["unread"].as_array().map(Vec::len), Some(1), "{files}");
}

#[tokio::test]
async fn the_last_failure_to_read_the_files_again_is_shown_until_they_are_right() {
    let (app, directory) = with_policies_directory();
    let administrator = app.actor("admin", &["administrator"]).await;
    let source = async |slug: &str| {
        let files = administrator.get("/api/policy_files").await.ok();
        let policies = files["policies"].as_array().unwrap().clone();
        policies.into_iter().find(|one| one["target_api"] == slug).map(|one| one["source"].clone())
    };
    let failure = async || administrator.get("/api/policy_files").await.ok()["failure"].clone();
    assert_eq!(failure().await, Value::Null);
    let at = directory.path().join("api_locale.toml");
    fs::write(&at, file("Locale").replace("warning = \"utile\"", "warning = \"inutile\"")).unwrap();
    administrator.post("/api/policies/reload", &json!({})).await.error(400, "bad_request");
    let told = failure().await;
    assert!(messages(&told["problems"])[0].starts_with("47:1:"), "{told}");
    assert_eq!(told["problems"][0]["file"], at.to_str().unwrap());

    fs::write(&at, file("Locale")).unwrap();
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    assert_eq!(failure().await, Value::Null);
    assert_eq!(source("api_locale").await, Some(json!("directory")));
    assert_eq!(source("api_particulier").await, Some(json!("program")));

    // A base of the server which a published policy needs cannot be broken.
    fs::create_dir(directory.path().join("bases")).unwrap();
    let base = directory.path().join("bases/creches.toml");
    fs::write(&base, "[warnings]\nutile = \"Utile ?\"\n").unwrap();
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    let own = file("Neuve").replace("[warnings]\nutile = ", "# ");
    let text = format!("extends = [\"creches\"]\n{own}");
    publish(&administrator, NEW, Some(&text), &Value::Null).await.ok();
    assert_eq!(source("api_neuve").await, Some(json!("published")));
    fs::write(&base, "").unwrap();
    administrator.post("/api/policies/reload", &json!({})).await.error(400, "bad_request");
    assert_eq!(source("api_neuve").await, Some(json!("published")));
    assert!(messages(&failure().await["problems"]).iter().any(|one| one.contains("«\u{a0}utile\u{a0}»")));
}
