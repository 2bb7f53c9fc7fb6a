//! From one revision of a policy to the next: consents that are to be given again, and under which revision one submits.

use serde_json::{Value, json};

use super::Scene;

/// Terms of use, and an attestation of that wording.
fn consents(version: u32, attestation: &str) -> String {
    format!(
        "\n[[extra_fields]]\nid = \"atteste\"\nsection = \"cgu\"\ntype = \"boolean\"\nrequired = true\nlabel = \"{attestation}\"\n"
    ) + &format!("# CGU {version}\n")
}

/// The policy with these terms of use and that attestation, and whatever may be updated.
fn with_consents(text: String, version: u32, attestation: &str) -> String {
    let keys = format!("reopenable = true\ncgu_url = \"https://exemple.gouv.fr/cgu-{version}\"\n[provider]");
    text.replacen("[provider]", &keys, 1) + &consents(version, attestation)
}

#[tokio::test]
async fn a_consent_is_to_a_text_and_not_to_the_one_after_it() {
    let scene = Scene::new().await;
    let first = |text: String| with_consents(text, 1, "J’atteste une chose");
    scene.revise(first).await;
    let (renewed, updated, carried, submitted) =
        (scene.granted().await, scene.granted().await, scene.filed().await, scene.filed().await);
    // Another wording of something else leaves the boxes as they are.
    let other = scene.revise(|text| first(text).replacen("API à nommer", "API renommée", 1)).await;
    let kept =
        scene.applicant.patch(&format!("/api/enrollments/{carried}"), &json!({"policy_revision": other})).await.ok();
    assert_eq!((&kept["cgu_approved"], &kept["additional_content"]["atteste"]), (&json!(true), &json!(true)));

    let now = scene.revise(|text| with_consents(text, 2, "J’atteste une chose")).await;
    let empty = |enrollment: &Value, way: &str| {
        assert_eq!(enrollment["cgu_approved"], false, "{way}");
        assert_eq!(enrollment["dpo_is_informed"], true, "{way}: these words did not change");
        assert_eq!(enrollment["additional_content"]["atteste"], true, "{way}");
        assert_eq!(enrollment["policy_revision"], now, "{way}");
    };
    empty(&scene.copied(renewed).await, "renewed");
    empty(&scene.applicant.step(updated, "reopen", "").await.ok(), "reopened");
    let path = format!("/api/enrollments/{carried}");
    empty(&scene.applicant.patch(&path, &json!({"policy_revision": now})).await.ok(), "carried on");
    let told = scene.applicant.step(submitted, "submit", "").await;
    assert_eq!(told.fields(), ["/cgu_approved: required"], "submitted by a tool");
    assert!(told.text.contains("ont changé"), "{}", told.text);
    assert_eq!(scene.applicant.step(updated, "submit", "").await.fields(), ["/cgu_approved: required"]);

    // The revision is named with the consent: that is the text which was read.
    let path = format!("/api/enrollments/{submitted}");
    scene.applicant.patch(&path, &json!({"policy_revision": now, "cgu_approved": true})).await.ok();
    assert_eq!(scene.applicant.step(submitted, "submit", "").await.ok()["status"], "submitted");

    let now = scene.revise(|text| with_consents(text, 2, "J’atteste autre chose")).await;
    let path = format!("/api/enrollments/{carried}");
    let moved = scene.applicant.patch(&path, &json!({"policy_revision": now, "cgu_approved": true})).await.ok();
    assert_eq!(moved["additional_content"]["atteste"], false);
    assert_eq!(scene.applicant.step(carried, "submit", "").await.fields(), ["/additional_content/atteste: required"]);
}

#[tokio::test]
async fn an_update_is_submitted_under_the_revision_in_force() {
    let scene = Scene::new().await;
    let reopenable = |text: String| text.replacen("[provider]", "reopenable = true\n[provider]", 1);
    scene.revise(reopenable).await;
    let id = scene.granted().await;
    scene.applicant.step(id, "reopen", "").await.ok();
    let question = "\n[[extra_fields]]\nid = \"usage\"\nsection = \"donnees\"\ntype = \"text\"\nlabel = \"À quoi\"\nrequired = true\n";
    let now = scene.revise(|text| reopenable(text) + question).await;
    let path = format!("/api/enrollments/{id}");
    scene.applicant.patch(&path, &json!({"intitule": "Crèche"})).await.ok();
    assert_eq!(scene.applicant.step(id, "submit", "").await.fields(), ["/additional_content/usage: required"]);
    let answered = json!({"policy_revision": now, "additional_content": {"usage": "Aux tarifs"}});
    scene.applicant.patch(&path, &answered).await.ok();
    assert_eq!(scene.applicant.step(id, "submit", "").await.ok()["policy_revision"], now);

    // What was sent back is answered under the revision that it was read under.
    scene.instructor.step(id, "request_changes", "Précisez.").await.ok();
    scene.revise(reopenable).await;
    assert_eq!(scene.applicant.step(id, "submit", "").await.ok()["policy_revision"], now);
}

#[tokio::test]
async fn a_draft_that_needs_nothing_new_is_submitted_under_the_revision_in_force() {
    let scene = Scene::new().await;
    let (id, with_both) = (scene.filed().await, scene.filed().await);
    let scopes = json!({"scopes": ["api_neuve_nom", "api_neuve_date_naissance"]});
    scene.applicant.patch(&format!("/api/enrollments/{with_both}"), &scopes).await.ok();
    let without_the_date = |text: String| {
        let start = text.find("[[scopes]]\nid = \"api_neuve_date").unwrap();
        let end = text.find("# Les personnes").unwrap();
        format!("{}{}", &text[..start], &text[end..])
    };
    let now = scene.revise(without_the_date).await;
    let submitted = scene.applicant.step(id, "submit", "").await.ok();
    assert_eq!((&submitted["status"], &submitted["policy_revision"]), (&json!("submitted"), &now));
    // Nothing that was asked for goes without a word.
    assert_eq!(scene.applicant.step(with_both, "submit", "").await.fields(), ["/scopes: unknown"]);
}
