//! The calls for the transfer of a request to a colleague.

use gloo_net::http::Method;
use shared::transfer::{AwaitedTransfer, NewTransfer, Transfer, TransferAnswer};

use super::decode::decode;
use super::{Answer, Call, get};

/// Those that the caller is to answer.
pub fn awaited() -> Answer<Vec<AwaitedTransfer>> {
    get("/api/me/transfers".to_owned())
}

/// Where it stands.
pub fn show(id: i64) -> Answer<Transfer> {
    get(url(id))
}

/// Offers, asks or moves. Brings where it stands.
pub fn begin(id: i64, new: NewTransfer) -> Answer<Transfer> {
    Call::new(Method::POST, url(id)).json(&new).read(decode)
}

/// Accepts or refuses. Brings where it stands.
pub fn answer(id: i64, answer: TransferAnswer) -> Answer<Transfer> {
    Call::new(Method::PUT, url(id)).json(&answer).read(decode)
}

/// Takes back what one has begun. Brings where it stands.
pub fn withdraw(id: i64) -> Answer<Transfer> {
    Call::new(Method::DELETE, url(id)).read(decode)
}

fn url(id: i64) -> String {
    format!("/api/enrollments/{id}/transfer")
}
