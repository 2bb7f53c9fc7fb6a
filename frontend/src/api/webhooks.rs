//! The calls about the webhooks that the caller looks after.

use gloo_net::http::Method;
use shared::api::Page;
use shared::outbox::Retried;
use shared::webhook::{
    NewWebhook, Replay, Webhook, WebhookAttempt, WebhookChanges, WebhookDelivery, WebhookWithSecret,
};

use super::decode::decode;
use super::{Answer, Call, get, segment};
use crate::query::query_string;

/// All of them.
pub fn all() -> Answer<Vec<Webhook>> {
    get("/api/webhooks".to_owned())
}

/// Makes one. Its secret comes only this once.
pub fn create(new: NewWebhook) -> Answer<WebhookWithSecret> {
    Call::new(Method::POST, "/api/webhooks".to_owned()).json(&new).read(decode)
}

/// One of them.
pub fn one(id: String) -> Answer<Webhook> {
    get(address(&id, ""))
}

/// Changes one, switches it on or off.
pub fn change(id: &str, changes: WebhookChanges) -> Answer<Webhook> {
    Call::new(Method::PATCH, address(id, "")).json(&changes).read(decode)
}

/// Removes one, with its log.
pub fn remove(id: &str) -> Answer<()> {
    Call::new(Method::DELETE, address(id, "")).read(|_| Ok(()))
}

/// Gives one another secret, which comes only this once; the one before still signs, too.
pub fn new_secret(id: &str) -> Answer<WebhookWithSecret> {
    Call::new(Method::POST, address(id, "/secret")).read(decode)
}

/// Removes the secret before the present one.
pub fn forget_secret(id: &str) -> Answer<Webhook> {
    Call::new(Method::DELETE, address(id, "/previous_secret")).read(decode)
}

/// Calls one, about no request.
pub fn test(id: String) -> Answer<WebhookAttempt> {
    Call::new(Method::POST, address(&id, "/test")).read(decode)
}

/// A page of what one was told, or is to be, newest first.
pub fn deliveries(id: String, cursor: String) -> Answer<Page<WebhookDelivery>> {
    let query = query_string(&[("cursor", &cursor), ("limit", "20")]);
    get(address(&id, &format!("/deliveries{query}")))
}

/// Has deliveries of one made again.
pub fn replay(id: String, replay: Replay) -> Answer<Retried> {
    Call::new(Method::POST, address(&id, "/replay")).json(&replay).read(decode)
}

fn address(id: &str, rest: &str) -> String {
    format!("/api/webhooks/{}{rest}", segment(id))
}
