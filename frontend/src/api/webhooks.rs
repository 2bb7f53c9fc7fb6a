//! The calls about the webhooks that the caller looks after.

use gloo_net::http::Method;
use shared::api::Page;
use shared::outbox::Retried;
use shared::webhook::{
    NewWebhook, Replay, Webhook, WebhookAttempt, WebhookChanges, WebhookDelivery, WebhookWithSecret,
};

use super::decode::decode;
use super::{ApiError, Call, get, segment, send};
use crate::query::query_string;

/// All of them.
pub async fn all() -> Result<Vec<Webhook>, ApiError> {
    get("/api/webhooks".to_owned()).await
}

/// Makes one. Its secret comes only this once.
pub async fn create(new: NewWebhook) -> Result<WebhookWithSecret, ApiError> {
    decode(send(Call::new(Method::POST, "/api/webhooks".to_owned()).json(&new)).await?)
}

/// One of them.
pub async fn one(id: String) -> Result<Webhook, ApiError> {
    get(address(&id, "")).await
}

/// Changes one, switches it on or off.
pub async fn change(id: &str, changes: WebhookChanges) -> Result<Webhook, ApiError> {
    decode(send(Call::new(Method::PATCH, address(id, "")).json(&changes)).await?)
}

/// Removes one, with its log.
pub async fn remove(id: &str) -> Result<(), ApiError> {
    send(Call::new(Method::DELETE, address(id, ""))).await.map(drop)
}

/// Gives one another secret, which comes only this once; the one before still signs, too.
pub async fn new_secret(id: &str) -> Result<WebhookWithSecret, ApiError> {
    decode(send(Call::new(Method::POST, address(id, "/secret"))).await?)
}

/// Removes the secret before the present one.
pub async fn forget_secret(id: &str) -> Result<Webhook, ApiError> {
    decode(send(Call::new(Method::DELETE, address(id, "/previous_secret"))).await?)
}

/// Calls one, about no request.
pub async fn test(id: String) -> Result<WebhookAttempt, ApiError> {
    decode(send(Call::new(Method::POST, address(&id, "/test"))).await?)
}

/// A page of what one was told, or is to be, newest first.
pub async fn deliveries(id: String, cursor: String) -> Result<Page<WebhookDelivery>, ApiError> {
    let query = query_string(&[("cursor", &cursor), ("limit", "20")]);
    get(address(&id, &format!("/deliveries{query}"))).await
}

/// Has deliveries of one made again.
pub async fn replay(id: String, replay: Replay) -> Result<Retried, ApiError> {
    decode(send(Call::new(Method::POST, address(&id, "/replay")).json(&replay)).await?)
}

fn address(id: &str, rest: &str) -> String {
    format!("/api/webhooks/{}{rest}", segment(id))
}
