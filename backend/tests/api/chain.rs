//! Sandbox, then production: the server checks what v1 trusted the form with.

use serde_json::json;

use crate::documents::spreadsheet;
use crate::support::{CLAMART, Client, DINUM, TestApp, pdf};

async fn production(applicant: &Client, previous: i64) -> i64 {
    let draft = json!({
        "target_api": "api_impot_particulier_production",
        "previous_enrollment_id": previous,
        "fondement_juridique_title": "Article L114-8 du CRPA",
        "fondement_juridique_url": "https://www.legifrance.gouv.fr/codes/article_lc/X",
        "cgu_approved": true,
        "dpo_is_informed": true,
        "additional_content": {
            "autorite_homologation_nom": "Modèle",
            "autorite_homologation_fonction": "Directrice",
            "date_homologation": "2026-01-31",
            "date_fin_homologation": "2029-01-31",
            "recette_fonctionnelle": true,
            "volumetrie_appels_par_minute": "50",
        },
    });
    let id = applicant.post("/api/enrollments", &draft).await.ok()["id"].as_i64().unwrap();
    let upload = applicant
        .request(reqwest::Method::PUT, &format!("/api/enrollments/{id}/documents/DecisionHomologation?filename=d.pdf"))
        .body(pdf("décision"));
    applicant.send(upload).await.ok();
    id
}

#[tokio::test]
async fn production_needs_a_validated_sandbox_of_the_same_organisation() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app
        .actor(
            "instructeur",
            &[
                "api_impot_particulier_sandbox:instructor",
                "api_impot_particulier_production:instructor",
                "franceconnect:instructor",
            ],
        )
        .await;
    let refused = |id: i64| {
        let applicant = applicant.clone();
        async move { applicant.step(id, "submit", "").await.fields() }
    };

    let sandbox = applicant.submitted("api_impot_particulier_sandbox").await;
    let early = production(&applicant, sandbox).await;
    assert_eq!(refused(early).await, ["/previous_enrollment_id: not_eligible"], "not validated yet");

    instructor.step(sandbox, "validate", "Conforme.").await.ok();
    let path = format!("/api/enrollments/{early}");
    let read = applicant.get(&path).await.ok();
    assert_eq!(read["siret"], CLAMART, "the organisation comes from the sandbox");
    assert_eq!(read["intitule"], "Tarification de la cantine", "so does the title");
    assert_eq!(applicant.get(&format!("{path}/previous")).await.ok()["status"], "validated");

    applicant.patch(&path, &json!({"previous_enrollment_id": null})).await.ok();
    assert_eq!(refused(early).await, ["/previous_enrollment_id: required"]);
    applicant.patch(&path, &json!({"previous_enrollment_id": 4242})).await.ok();
    assert_eq!(refused(early).await, ["/previous_enrollment_id: unknown"]);

    let other = applicant.submitted("franceconnect").await;
    instructor.step(other, "validate", "Conforme.").await.ok();
    applicant.patch(&path, &json!({"previous_enrollment_id": other})).await.ok();
    assert_eq!(refused(early).await, ["/previous_enrollment_id: not_eligible"], "of another API");

    // Somebody else's sandbox cannot be seen, so it cannot be followed.
    let stranger = app.actor_of("autre", &[], &[DINUM]).await;
    let stolen = production(&stranger, sandbox).await;
    assert_eq!(stranger.step(stolen, "submit", "").await.fields(), ["/previous_enrollment_id: unknown"]);

    applicant.patch(&path, &json!({"previous_enrollment_id": sandbox})).await.ok();
    applicant.step(early, "submit", "").await.ok();
    instructor.step(early, "validate", "Conforme.").await.ok();
}

#[tokio::test]
async fn incompatible_scopes_need_a_justification() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.complete("api_impot_particulier_sandbox").await;
    let path = format!("/api/enrollments/{id}");
    let scopes =
        json!({"scopes": ["dgfip_annee_n_moins_2_si_indispo_n_moins_1", "dgfip_annee_n_moins_1", "dgfip_IndLep"]});
    applicant.patch(&path, &scopes).await.ok();
    assert_eq!(applicant.step(id, "submit", "").await.fields(), ["/scopes: incompatible", "/scopes: incompatible"]);

    let upload = applicant
        .request(reqwest::Method::PUT, &format!("{path}/documents/ExpressionBesoinSpecifique?filename=besoin.ods"))
        .body(spreadsheet());
    applicant.send(upload).await.ok();
    applicant.step(id, "submit", "").await.ok();
}
