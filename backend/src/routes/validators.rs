//! Answers in JSON that a caller may keep and ask about again: an ETag, and 304 where nothing changed (RFC 9110, 13).
//!
//! What carries a tag is asked about each time it is used, since rights may have changed meanwhile, and is private
//! ([`super::caching`]) unless anybody may read it.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, EntityTag, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use shared::enrollment::Enrollment;

use crate::error::{Error, Result};
use crate::page;

/// What was asked for, or 304 where the caller has it as it is.
///
/// # Errors
/// It cannot be written as JSON.
pub fn json(request: &HttpRequest, value: &impl Serialize) -> Result<HttpResponse> {
    let body = written(value)?;
    let tag = EntityTag::new_strong(page::fingerprint(&body));
    let is_known = page::is_known(request, &tag);
    Ok(answer(HttpResponse::Ok(), tag, body, is_known))
}

/// The same, of what anybody may read. The tag is weak: it may be sent compressed.
///
/// # Errors
/// It cannot be written as JSON.
pub fn public_json(request: &HttpRequest, value: &impl Serialize) -> Result<HttpResponse> {
    let body = written(value)?;
    let tag = page::tag(&body);
    let is_known = page::is_known(request, &tag);
    let mut response = answer(HttpResponse::Ok(), tag, body, is_known);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// An enrollment, or 304 where the caller has it as it is.
///
/// # Errors
/// It cannot be written as JSON.
pub fn enrollment(request: &HttpRequest, enrollment: &Enrollment) -> Result<HttpResponse> {
    let (tag, body) = tagged(enrollment)?;
    let is_known = page::is_known(request, &tag);
    Ok(answer(HttpResponse::Ok(), tag, body, is_known))
}

/// An enrollment that was just written.
///
/// # Errors
/// It cannot be written as JSON.
pub fn written_enrollment(response: HttpResponseBuilder, enrollment: &Enrollment) -> Result<HttpResponse> {
    let (tag, body) = tagged(enrollment)?;
    Ok(answer(response, tag, body, false))
}

/// `"<version>-<hash>"`: `If-Match` compares the version alone, but actions, unread messages and who takes care of an
/// enrollment change without one.
fn tagged(enrollment: &Enrollment) -> Result<(EntityTag, Vec<u8>)> {
    let body = written(enrollment)?;
    Ok((EntityTag::new_strong(format!("{}-{}", enrollment.version, page::fingerprint(&body))), body))
}

fn written(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::Internal(format!("an answer cannot be written: {error}")))
}

fn answer(mut response: HttpResponseBuilder, tag: EntityTag, body: Vec<u8>, is_known: bool) -> HttpResponse {
    response.insert_header(header::ETag(tag));
    if is_known {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    response.content_type("application/json").body(body)
}
