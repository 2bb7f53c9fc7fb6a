//! Who may keep an answer: nobody, unless its handler says otherwise. What anybody may read says so itself.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue};
use actix_web::middleware::Next;

/// Answers are somebody's: what carries a tag may be kept by its reader, who asks about it each time; the rest is not kept
/// at all.
///
/// # Errors
/// Those of the request.
pub async fn private(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if !headers.contains_key(CACHE_CONTROL) {
        let kept = if headers.contains_key(ETAG) { "private, no-cache" } else { "no-store" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    }
    Ok(response)
}
