//! The calls for opinions.

use gloo_net::http::Method;
use shared::opinion::{Candidate, ExpectedOpinion, NewAnswer, NewOpinion, Opinion};

use super::decode::decode;
use super::{ApiError, Call, get, send};

/// The opinions on a request, oldest first.
pub async fn list(id: i64) -> Result<Vec<Opinion>, ApiError> {
    get(url(id)).await
}

/// Whom one may ask.
pub async fn candidates(id: i64) -> Result<Vec<Candidate>, ApiError> {
    get(format!("{}/candidates", url(id))).await
}

/// Asks for one. Brings all of them.
pub async fn ask(id: i64, new: NewOpinion) -> Result<Vec<Opinion>, ApiError> {
    decode(send(Call::new(Method::POST, url(id)).json(&new)).await?)
}

/// Gives the one that was asked. Brings all of them.
pub async fn answer(id: i64, opinion: i64, new: NewAnswer) -> Result<Vec<Opinion>, ApiError> {
    decode(send(Call::new(Method::PUT, format!("{}/{opinion}", url(id))).json(&new)).await?)
}

/// Takes a question back. Brings all of them.
pub async fn cancel(id: i64, opinion: i64) -> Result<Vec<Opinion>, ApiError> {
    decode(send(Call::new(Method::DELETE, format!("{}/{opinion}", url(id)))).await?)
}

/// Those that the caller has still to give, most urgent first.
pub async fn expected() -> Result<Vec<ExpectedOpinion>, ApiError> {
    get("/api/opinions".to_owned()).await
}

fn url(id: i64) -> String {
    format!("/api/enrollments/{id}/opinions")
}
