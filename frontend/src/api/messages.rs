//! The calls for messages and internal notes.

use gloo_net::http::Method;
use shared::message::{Message, NewMessage};

use super::decode::decode;
use super::{Answer, Call, get};

/// What was written about an enrollment and the caller may read, oldest first.
pub fn list(id: i64) -> Answer<Vec<Message>> {
    get(url(id))
}

/// Writes a message or a note. Brings all of them.
pub fn write(id: i64, new: NewMessage) -> Answer<Vec<Message>> {
    Call::new(Method::POST, url(id)).json(&new).read(decode)
}

/// Marks what was written to the caller's side as read. Brings all of them.
pub fn mark_read(id: i64) -> Answer<Vec<Message>> {
    Call::new(Method::POST, format!("{}/read", url(id))).read(decode)
}

fn url(id: i64) -> String {
    format!("/api/enrollments/{id}/messages")
}
