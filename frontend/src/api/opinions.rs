//! The calls for opinions.

use gloo_net::http::Method;
use shared::opinion::{Candidate, ExpectedOpinion, NewAnswer, NewOpinion, Opinion};

use super::decode::decode;
use super::{Answer, Call, get};

/// The opinions on a request, oldest first.
pub fn list(id: i64) -> Answer<Vec<Opinion>> {
    get(url(id))
}

/// Whom one may ask.
pub fn candidates(id: i64) -> Answer<Vec<Candidate>> {
    get(format!("{}/candidates", url(id)))
}

/// Asks for one. Brings all of them.
pub fn ask(id: i64, new: NewOpinion) -> Answer<Vec<Opinion>> {
    Call::new(Method::POST, url(id)).json(&new).read(decode)
}

/// Gives the one that was asked. Brings all of them.
pub fn answer(id: i64, opinion: i64, new: NewAnswer) -> Answer<Vec<Opinion>> {
    Call::new(Method::PUT, format!("{}/{opinion}", url(id))).json(&new).read(decode)
}

/// Takes a question back. Brings all of them.
pub fn cancel(id: i64, opinion: i64) -> Answer<Vec<Opinion>> {
    Call::new(Method::DELETE, format!("{}/{opinion}", url(id))).read(decode)
}

/// Those that the caller has still to give, most urgent first.
pub fn expected() -> Answer<Vec<ExpectedOpinion>> {
    get("/api/opinions".to_owned())
}

fn url(id: i64) -> String {
    format!("/api/enrollments/{id}/opinions")
}
