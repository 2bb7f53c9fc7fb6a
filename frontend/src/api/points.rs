//! The call that answers a point of a request for changes.

use gloo_net::http::Method;
use shared::change_point::{ChangePoint, PointAnswer};

use super::decode::decode;
use super::{Answer, Call};

/// Answers a point; an empty text says that it is done, none takes the answer back. Brings all of the points.
pub fn answer(id: i64, point: i64, answer: Option<String>) -> Answer<Vec<ChangePoint>> {
    let url = format!("/api/enrollments/{id}/points/{point}");
    Call::new(Method::PATCH, url).json(&PointAnswer { answer }).read(decode)
}
