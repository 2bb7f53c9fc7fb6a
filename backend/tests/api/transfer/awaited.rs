//! The transfers that somebody is to answer, over all requests.

use serde_json::{Value, json};

use super::{API, Scene, answer, ask, let_ten_working_days_pass, offer, scene};
use crate::support::Client;

async fn awaited(who: &Client) -> Vec<Value> {
    who.get("/api/me/transfers").await.ok().as_array().unwrap().clone()
}

#[tokio::test]
async fn an_offer_awaits_who_it_is_made_to_and_nobody_else() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, stranger, instructor, administrator } = &scene;
    let id = applicant.submitted(API).await;
    offer(applicant, id, "arrivee@exemple.fr").await;
    let told = awaited(colleague).await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["enrollment_id"], &told[0]["target_api"]), (&json!(id), &json!(API)));
    assert_eq!(told[0]["intitule"], "Tarification de la cantine");
    assert_eq!((&told[0]["waiting"]["kind"], &told[0]["waiting"]["from"]), (&json!("offer"), &json!("depart Exemple")));
    for other in [applicant, stranger, instructor, administrator] {
        assert_eq!(awaited(other).await, [] as [Value; 0]);
    }
    app.visitor().get("/api/me/transfers").await.error(401, "unauthorized");
    scene.set_verified("arrivee@exemple.fr", false, true).await;
    assert_eq!(awaited(colleague).await, [] as [Value; 0], "an address that may not be theirs");
    scene.set_verified("arrivee@exemple.fr", true, true).await;
    answer(colleague, id, true, "").await.ok();
    assert_eq!(awaited(colleague).await, [] as [Value; 0]);
}

#[tokio::test]
async fn what_a_colleague_asks_for_awaits_the_applicant_until_it_is_answered() {
    let scene = scene().await;
    let Scene { app, applicant, colleague, instructor, .. } = &scene;
    let (first, second) = (applicant.submitted(API).await, applicant.submitted(API).await);
    for id in [first, second] {
        ask(colleague, id, "Camille est partie.").await.ok();
    }
    let told = awaited(applicant).await;
    assert_eq!(told.iter().map(|one| &one["enrollment_id"]).collect::<Vec<_>>(), [&json!(first), &json!(second)]);
    assert_eq!(told[0]["waiting"]["to"], "arrivee Exemple");
    assert!(told[0]["waiting"]["due_on"].is_string());
    assert_eq!(awaited(colleague).await, [] as [Value; 0], "theirs to wait");
    let_ten_working_days_pass(app, second).await;
    assert_eq!(awaited(applicant).await.len(), 2, "the applicant may still answer");
    assert_eq!(awaited(instructor).await, [] as [Value; 0]);
    answer(applicant, first, false, "Je reste.").await.ok();
    assert_eq!(awaited(applicant).await.len(), 1);
    instructor.step(second, "refuse", "Non.").await.ok();
    assert_eq!(awaited(applicant).await, [] as [Value; 0], "a request that is closed passes to nobody");
}
