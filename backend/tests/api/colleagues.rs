//! The verified members of an organisation see that their colleagues have requests, and nothing of what stands in them.

use datapass::schema::user_organizations;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::support::{CLAMART, Client, DINUM, TestApp};

fn path(siret: &str) -> String {
    format!("/api/organizations/{siret}/enrollments")
}

async fn items(client: &Client) -> Vec<Value> {
    client.get(&path(CLAMART)).await.ok()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn members_see_who_filed_what_and_where_it_stands() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor", "franceconnect:instructor"]).await;
    let colleague = app.actor_of("collegue", &[], &[CLAMART]).await;
    let draft = applicant.complete("api_particulier").await;
    let granted = applicant.submitted("franceconnect").await;
    instructor.step(granted, "validate", "Conforme.").await.ok();
    let refused = applicant.submitted("api_particulier").await;
    instructor.step(refused, "refuse", "Non.").await.ok();
    let archived = applicant.complete("api_particulier").await;
    applicant.step(archived, "archive", "").await.ok();
    let elsewhere = app.actor_of("ailleurs", &[], &[DINUM]).await;
    elsewhere.post("/api/enrollments", &json!({"target_api": "franceconnect", "siret": DINUM})).await.ok();
    let own = colleague.post("/api/enrollments", &json!({"target_api": "franceconnect", "siret": CLAMART})).await.ok();

    let seen = items(&colleague).await;
    let numbers: Vec<&Value> = seen.iter().map(|item| &item["id"]).collect();
    assert_eq!(numbers, [&own["id"], &json!(granted), &json!(draft)]);
    assert_eq!([&seen[0]["is_own"], &seen[1]["is_own"]], [true, false]);
    let read = applicant.get(&format!("/api/enrollments/{granted}")).await.ok();
    assert_eq!(seen[1]["authorisation"], read["authorisations"][0]["id"]);
    assert_eq!(seen[1]["since"], read["validated_at"]);
    assert_eq!(seen[2]["since"], applicant.get(&format!("/api/enrollments/{draft}")).await.ok()["created_at"]);
    assert_eq!([&seen[1]["demandeur"], &seen[1]["status"]], ["demandeur Exemple", "validated"]);
    let members: Vec<&String> = seen[1].as_object().unwrap().keys().collect();
    let named = ["authorisation", "demandeur", "id", "is_own", "reopening", "since", "status", "target_api", "url"];
    assert_eq!(members, named, "nothing of the content");
    // What a colleague is led to is what they may ask for.
    let url = seen[1]["url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/demandes/{granted}/transfert")), "{url}");
    colleague.get(&format!("/api/enrollments/{granted}/transfer")).await.ok();
    colleague.get(&format!("/api/enrollments/{granted}")).await.error(404, "not_found");

    applicant.step(granted, "reopen", "").await.ok();
    let update = &items(&colleague).await[1];
    assert_eq!((&update["reopening"], &update["since"]), (&json!(true), &read["validated_at"]), "still granted");
}

#[tokio::test]
async fn the_list_comes_in_pages() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let mut filed = Vec::new();
    for _ in 0..5 {
        filed.push(applicant.complete("franceconnect").await);
    }
    filed.reverse();
    let seen = applicant.all_ids(&format!("{}?limit=2", path(CLAMART))).await;
    assert_eq!(seen, filed);
}

#[tokio::test]
async fn only_verified_members_see_the_list() {
    let app = TestApp::start();
    app.actor("demandeur", &[]).await.complete("franceconnect").await;
    app.visitor().get(&path(CLAMART)).await.error(401, "unauthorized");
    for (name, roles) in
        [("ailleurs", &[][..]), ("instructeur", &["franceconnect:instructor"]), ("admin", &["administrator"])]
    {
        let stranger = app.actor_of(name, roles, &[DINUM]).await;
        stranger.get(&path(CLAMART)).await.error(403, "forbidden");
    }
    let waiting = app.actor_of("nouvelle", &[], &[CLAMART]).await;
    waiting.get(&path(CLAMART)).await.ok();
    let unverified = diesel::update(user_organizations::table.filter(user_organizations::siret.eq(CLAMART)))
        .set(user_organizations::is_verified.eq(false));
    app.state.db.write(move |connection| Ok(unverified.execute(connection)?)).await.unwrap();
    waiting.get(&path(CLAMART)).await.error(403, "forbidden");
}
