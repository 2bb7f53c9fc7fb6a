//! The secrets that sign calls: two while one is replaced, and one that can no longer be read.

use datapass::schema::webhooks;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{API, developer, made, start, text, until};

#[tokio::test]
async fn both_secrets_sign_until_the_older_one_is_removed() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    let developer = developer(&app).await;
    let (id, old) = made(&developer, &receiver, &["submit"]).await;
    let rotated = developer.post(&format!("/api/webhooks/{id}/secret"), &Value::Null).await.ok();
    let new = text(&rotated["secret"]);
    assert_eq!(rotated["webhook"]["has_previous_secret"], true);
    let tried = developer.post(&format!("/api/webhooks/{id}/test"), &Value::Null).await.ok();
    assert_eq!((&tried["status"], &tried["error"]), (&json!(200), &json!("")));
    let last = |receiver: &Receiver| receiver.sent().pop().unwrap();
    let sent = last(&receiver);
    assert_eq!(sent.body["event"], "test");
    assert!(sent.is_standard_signed_by(&old) && sent.is_standard_signed_by(&new));
    assert!(sent.is_hub_signed_by(&old) && !sent.is_hub_signed_by(&new), "v1's header has room for one");
    developer.delete(&format!("/api/webhooks/{id}/previous_secret")).await.ok();
    developer.post(&format!("/api/webhooks/{id}/test"), &Value::Null).await.ok();
    let sent = last(&receiver);
    assert!(sent.is_standard_signed_by(&new) && sent.is_hub_signed_by(&new));
    assert!(!sent.is_standard_signed_by(&old) && !sent.is_hub_signed_by(&old));
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_a_failure_that_developers_see() {
    let app = start();
    let receiver = Receiver::start(&[]).await;
    let developer = developer(&app).await;
    let (id, _) = made(&developer, &receiver, &["submit"]).await;
    // As after the loss of SECRET_KEY.
    let lost = diesel::update(webhooks::table).set(webhooks::secret.eq("sealed:v1:AAAA"));
    app.state.db.write(move |c| Ok(lost.execute(c).map(drop)?)).await.unwrap();
    let tried = developer.post(&format!("/api/webhooks/{id}/test"), &Value::Null).await.ok();
    assert!(tried["error"].as_str().unwrap().contains("secret") && tried["status"].is_null(), "{tried}");
    app.actor("demandeur", &[]).await.submitted(API).await;
    let items = until(&developer, &id, &["failing"]).await;
    assert_eq!(items[0]["attempts"][0]["error"], tried["error"]);
    assert!(receiver.sent().is_empty());
    // Another secret is all that it takes.
    developer.post(&format!("/api/webhooks/{id}/secret"), &Value::Null).await.ok();
    developer.delete(&format!("/api/webhooks/{id}/previous_secret")).await.ok();
    let tried = developer.post(&format!("/api/webhooks/{id}/test"), &Value::Null).await.ok();
    assert_eq!(tried["status"], 200, "{tried}");
}
