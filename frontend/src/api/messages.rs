//! The calls for messages and internal notes.

use gloo_net::http::Method;
use shared::message::{Message, NewMessage};

use super::decode::decode;
use super::{ApiError, Call, get, send};

/// What was written about an enrollment and the caller may read, oldest first.
pub async fn list(id: i64) -> Result<Vec<Message>, ApiError> {
    get(url(id)).await
}

/// Writes a message or a note. Brings all of them.
pub async fn write(id: i64, new: NewMessage) -> Result<Vec<Message>, ApiError> {
    decode(send(Call::new(Method::POST, url(id)).json(&new)).await?)
}

/// Marks what was written to the caller's side as read. Brings all of them.
pub async fn mark_read(id: i64) -> Result<Vec<Message>, ApiError> {
    decode(send(Call::new(Method::POST, format!("{}/read", url(id)))).await?)
}

fn url(id: i64) -> String {
    format!("/api/enrollments/{id}/messages")
}
