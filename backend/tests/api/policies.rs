//! Policies while the server runs: added, replaced and reloaded; drafts that move to a new revision; the guide.

use std::fs;
use std::path::Path;

use datapass::policies::source::Sources;
use datapass::policies::{check, skeleton};
use datapass::public::guide;
use serde_json::{Value, json};

use crate::support::{CLAMART, DINUM, TestApp};

/// An application whose `POLICIES_DIR` is an empty directory; it lives as long as the second value.
pub fn with_policies_directory() -> (TestApp, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    (TestApp::start_with(|config| config.policies_dir = Some(path)), directory)
}

/// Puts a policy of the program, changed, into that directory.
pub fn replace_policy(directory: &Path, slug: &str, change: impl Fn(String) -> String) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../shared/policies/{slug}.toml"));
    let (before, name) = (fs::read_to_string(file).unwrap(), format!("{slug}.toml"));
    let after = change(before.clone());
    assert_ne!(before, after, "{slug} changes");
    fs::write(directory.join(name), after).unwrap();
}

/// Puts a new policy, made from the skeleton, into that directory.
fn write_policy(directory: &Path, slug: &str, change: impl Fn(String) -> String) {
    fs::write(directory.join(format!("{slug}.toml")), change(skeleton::of(slug).unwrap())).unwrap();
}

#[tokio::test]
async fn a_file_makes_an_api_without_a_restart() {
    let (app, directory) = with_policies_directory();
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    let draft = json!({"target_api": "api_neuve"});
    applicant.post("/api/enrollments", &draft).await.error(404, "not_found");

    write_policy(directory.path(), "api_neuve", |text| text);
    applicant.post("/api/policies/reload", &json!({})).await.error(403, "forbidden");
    let summaries = administrator.post("/api/policies/reload", &json!({})).await.ok();
    assert_eq!(summaries.as_array().map(Vec::len), Some(76));
    let id = applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap();

    // One that is replaced: the slug is that of a file of the program.
    write_policy(directory.path(), "api_captchetat", |text| text.replace("API à nommer", "Remplacée"));
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    assert_eq!(applicant.get("/api/policies/api_captchetat").await.ok()["label"], "Remplacée");

    // One bad file: nothing changes, and the place is told.
    write_policy(directory.path(), "api_neuve", |text| text.replace("API à nommer", "Renommée"));
    write_policy(directory.path(), "api_fausse", |text| text.replace("warning = \"utile\"", "warning = \"inutile\""));
    let told = administrator.post("/api/policies/reload", &json!({})).await.error(400, "bad_request");
    assert!(told.contains("api_fausse.toml:") && told.contains("inutile"), "{told}");
    assert_eq!(applicant.get("/api/policies/api_neuve").await.ok()["label"], "API à nommer");

    fs::remove_file(directory.path().join("api_fausse.toml")).unwrap();
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    assert_eq!(applicant.get("/api/policies/api_neuve").await.ok()["label"], "Renommée");
    assert_eq!(applicant.get(&format!("/api/enrollments/{id}")).await.ok()["target_api"], "api_neuve");
}

#[test]
fn no_api_can_have_the_address_of_a_page() {
    for slug in ["stats", "mon_compte", "nouvelle_demande", "admin"] {
        let mut sources = Sources::embedded().unwrap();
        sources.insert(format!("{slug}.toml"), format!("{slug}.toml"), skeleton::of(slug).unwrap());
        let told = check::read(&sources).unwrap_err().to_string();
        assert!(told.contains(&format!("{slug}.toml")) && told.contains("page de DataPass"), "{told}");
    }
}

#[tokio::test]
async fn a_draft_moves_to_the_new_revision_and_what_was_submitted_does_not() {
    let (app, directory) = with_policies_directory();
    write_policy(directory.path(), "api_neuve", |text| text);
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    let draft = json!({"target_api": "api_neuve", "scopes": ["api_neuve_nom", "api_neuve_date_naissance"]});
    let draft = applicant.post("/api/enrollments", &draft).await.ok();
    let path = format!("/api/enrollments/{}", draft["id"]);
    let before = draft["policy_revision"].clone();
    let submitted = applicant.submitted("franceconnect").await;
    let submitted = applicant.get(&format!("/api/enrollments/{submitted}")).await.ok();

    let without_the_date = |text: String| {
        let start = text.find("[[scopes]]\nid = \"api_neuve_date").unwrap();
        let end = text.find("# Les personnes").unwrap();
        format!("{}{}", &text[..start], &text[end..])
    };
    write_policy(directory.path(), "api_neuve", without_the_date);
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    let now = applicant.get("/api/policies/api_neuve").await.ok()["revision"].clone();
    assert_ne!(now, before);

    // Until it moves, the draft is one of its own revision, and that one can still be read.
    let read = applicant.get(&path).await.ok();
    assert_eq!(read["policy_revision"], before);
    let old = applicant.get(&format!("/api/policies/api_neuve/revisions/{}", before.as_str().unwrap())).await.ok();
    assert_eq!(old["scopes"].as_array().map(Vec::len), Some(2));
    applicant.patch(&path, &json!({"policy_revision": before})).await.error(409, "stale_version");

    let moved = applicant.patch(&path, &json!({"policy_revision": now, "intitule": "Crèche"})).await.ok();
    assert_eq!((&moved["policy_revision"], &moved["scopes"]), (&now, &json!(["api_neuve_nom"])));
    assert_eq!(moved["intitule"], "Crèche");
    let revision = &submitted["policy_revision"];
    let path = format!("/api/enrollments/{}", submitted["id"]);
    applicant.patch(&path, &json!({"policy_revision": revision})).await.error(409, "wrong_status");
}

#[tokio::test]
async fn a_revision_without_its_file_stays_readable() {
    let (app, directory) = with_policies_directory();
    write_policy(directory.path(), "api_breve", |text| text);
    let administrator = app.actor("admin", &["administrator"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    administrator.post("/api/policies/reload", &json!({})).await.ok();
    let draft = applicant.post("/api/enrollments", &json!({"target_api": "api_breve"})).await.ok();
    fs::remove_file(directory.path().join("api_breve.toml")).unwrap();
    administrator.post("/api/policies/reload", &json!({})).await.ok();

    applicant.get("/api/policies/api_breve").await.error(404, "not_found");
    let path = format!("/api/enrollments/{}", draft["id"]);
    assert_eq!(applicant.get(&path).await.ok()["policy_revision"], draft["policy_revision"]);
    let revision = draft["policy_revision"].as_str().unwrap();
    assert_eq!(
        applicant.get(&format!("/api/policies/api_breve/revisions/{revision}")).await.ok()["label"],
        "API à nommer"
    );
}

#[tokio::test]
async fn a_retired_or_frozen_api_accepts_no_new_request() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    for slug in ["hubee", "cartobio", "api_tiers_de_prestation"] {
        let told = applicant.post("/api/enrollments", &json!({"target_api": slug})).await.error(403, "forbidden");
        assert_eq!(told.contains("https://"), slug == "api_tiers_de_prestation", "{told}");
        applicant.get(&format!("/api/policies/{slug}")).await.ok();
    }
}

#[tokio::test]
async fn known_contacts_are_proposed_to_their_readers_only() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let colleague = app.actor("collegue", &[]).await;
    let outsider = app.actor_of("autre", &[], &[DINUM]).await;
    applicant.submitted("franceconnect").await;
    let path = format!("/api/contacts?siret={CLAMART}");
    let people = applicant.get(&path).await.ok();
    let kinds: Vec<&Value> = people.as_array().unwrap().iter().map(|person| &person["type"]).collect();
    assert!(kinds.contains(&&json!("responsable_technique")) && !kinds.contains(&&json!("demandeur")), "{kinds:?}");
    assert_eq!(colleague.get(&path).await.ok(), json!([]), "not their request");
    outsider.get(&path).await.error(403, "forbidden");
    app.visitor().get(&path).await.error(401, "unauthorized");
    applicant.get("/api/contacts?siret=123").await.error(400, "bad_request");
}

#[tokio::test]
async fn the_guide_is_a_page_whose_examples_work_and_which_names_every_key() {
    let app = TestApp::start();
    let page = app.visitor().get("/raccordement").await;
    assert!(page.status.is_success() && page.text.contains("<h1>Raccorder un service</h1>"), "{}", page.text);

    let mut blocks = guide::TEXT.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let (first, second) = (blocks.next().unwrap(), blocks.next().unwrap());
    assert_eq!(blocks.next(), None, "an example that is not tried");
    let mut sources = Sources::embedded().unwrap();
    for (slug, text) in [("api_places_creche", first), ("api_exemple_sandbox", second)] {
        sources.insert(format!("{slug}.toml"), format!("{slug}.toml"), text.to_owned());
    }
    let catalogue = check::read(&sources).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(catalogue.get("api_places_creche").unwrap().scopes.len(), 2);
    assert!(catalogue.get("api_exemple_sandbox").unwrap().documents.len() > 1, "it extends another");

    let document = app.visitor().get("/api/openapi.json").await.ok();
    let schemas = &document["components"]["schemas"];
    for name in [
        "Policy",
        "Provider",
        "Scope",
        "ScopeGroup",
        "Demarche",
        "Editor",
        "Contact",
        "DocumentRequest",
        "ExtraField",
        "Constraint",
        "Naf",
        "ServiceNotice",
        "Reminders",
        "MailText",
    ] {
        let properties = schemas[name]["properties"].as_object().unwrap_or_else(|| panic!("no schema {name}"));
        for key in properties.keys().filter(|key| *key != "target_api" && *key != "revision") {
            let is_named = guide::TEXT.contains(&format!("`{key}`")) || guide::TEXT.contains(&format!("[{key}]"));
            assert!(is_named, "the guide does not explain {name}.{key}");
        }
    }
}
