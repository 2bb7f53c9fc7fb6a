//! How long the log of a webhook's calls is kept.

use datapass::connection::types::now;
use datapass::models::webhook_delivery;
use serde_json::json;

use super::receiver::Receiver;
use super::{API, deliveries, developer, made, start, until};

#[tokio::test]
async fn the_log_of_calls_is_forgotten_with_time_and_what_waits_is_not() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    let developer = developer(&app).await;
    let (id, _) = made(&developer, &receiver, &["submit"]).await;
    let applicant = app.actor("demandeur", &[]).await;
    applicant.submitted(API).await;
    until(&developer, &id, &["delivered"]).await;
    developer.patch(&format!("/api/webhooks/{id}"), &json!({"active": false})).await.ok();
    applicant.submitted(API).await;
    let purge = |before| app.state.db.write(move |c| Ok(webhook_delivery::purge(c, before, 10)?));
    assert_eq!(purge(now().naive_utc() - chrono::Duration::days(1)).await.unwrap(), 0);
    assert_eq!(purge(now().naive_utc() + chrono::Duration::days(1)).await.unwrap(), 1);
    let left = deliveries(&developer, &id).await;
    assert_eq!((left.len(), &left[0]["state"]), (1, &json!("pending")));
}
