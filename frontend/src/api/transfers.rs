//! The calls for the transfer of a request to a colleague.

use gloo_net::http::Method;
use shared::transfer::{NewTransfer, Transfer, TransferAnswer};

use super::decode::decode;
use super::{ApiError, Call, get, send};

/// Where it stands.
pub async fn show(id: i64) -> Result<Transfer, ApiError> {
    get(url(id)).await
}

/// Offers, asks or moves. Brings where it stands.
pub async fn begin(id: i64, new: NewTransfer) -> Result<Transfer, ApiError> {
    decode(send(Call::new(Method::POST, url(id)).json(&new)).await?)
}

/// Accepts or refuses. Brings where it stands.
pub async fn answer(id: i64, answer: TransferAnswer) -> Result<Transfer, ApiError> {
    decode(send(Call::new(Method::PUT, url(id)).json(&answer)).await?)
}

/// Takes back what one has begun. Brings where it stands.
pub async fn withdraw(id: i64) -> Result<Transfer, ApiError> {
    decode(send(Call::new(Method::DELETE, url(id))).await?)
}

fn url(id: i64) -> String {
    format!("/api/enrollments/{id}/transfer")
}
