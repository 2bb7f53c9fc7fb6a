//! How an error is told over HTTP: `application/problem+json` (RFC 9457), with the id that the log knows the request by.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpResponse, ResponseError};
use shared::problem::ProblemDetails;
use tracing_actix_web::RequestId;

use crate::error::Error;
use crate::logging;

/// The media type of every error of the API.
pub const MEDIA_TYPE: &str = "application/problem+json";

const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    /// What the log calls the request at hand: `error_response` is not told which request failed.
    static REQUEST_ID: String;
}

/// Has errors and a header of each answer say what the log calls the request.
///
/// # Errors
/// Those of the request.
pub async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let mut response = REQUEST_ID.scope(id.clone(), next.call(request)).await?;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    Ok(response)
}

/// What a tool is told of its token (RFC 6750 § 3).
fn challenge(error: &Error) -> Option<String> {
    match error {
        Error::InvalidToken => Some("Bearer error=\"invalid_token\"".to_owned()),
        Error::MissingScope(scope) => Some(format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"")),
        _ => None,
    }
}

/// The body that tells an error.
pub fn details(error: &Error, request_id: String) -> ProblemDetails {
    let details = ProblemDetails::new(error.code(), error.to_string(), error.items().to_vec(), request_id);
    ProblemDetails { max_age: error.max_age(), ..details }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Logs what is our fault, here and only here.
    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Database(_) | Self::Pool(_) | Self::Internal(_) => tracing::error!(error = logging::told(self)),
            Self::BadGateway(_) => tracing::warn!(error = logging::told(self), "another service failed"),
            _ => {}
        }
        let request_id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
        let mut response = HttpResponse::build(self.status_code());
        response.content_type(MEDIA_TYPE);
        if let Some(challenge) = challenge(self) {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        if let Self::MethodNotAllowed(accepted) = self {
            response.insert_header((header::ALLOW, accepted.as_str()));
        }
        if let Some(wait) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, wait.as_secs() + 1));
        }
        response.json(details(self, request_id))
    }
}
