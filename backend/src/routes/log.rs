//! One line of log per request: method, route, status, code of the error, time. No address, no user, no query string, nothing
//! of what an error says to the caller, which quotes them.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use crate::error::Error;

/// What is said of a request.
pub struct Line;

impl RootSpanBuilder for Line {
    fn on_request_start(request: &ServiceRequest) -> Span {
        use actix_web::HttpMessage as _;

        let id = request.extensions().get::<RequestId>().copied().map(|id| id.to_string()).unwrap_or_default();
        tracing::info_span!("request", id, method = known(request.method()), route = request.match_pattern())
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let (status, error) = match outcome {
            Ok(response) => (response.status(), response.response().error()),
            Err(error) => (error.as_response_error().status_code(), Some(error)),
        };
        let code = error.and_then(|error| Some(error.as_error::<Error>()?.code().as_str()));
        span.in_scope(|| {
            if status.is_server_error() {
                tracing::error!(status = status.as_u16(), code);
            } else {
                tracing::debug!(status = status.as_u16(), code);
            }
        });
    }
}

/// The method, where it is one of HTTP's: any word may stand there.
fn known(method: &Method) -> &str {
    let all = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if all.contains(method) { method.as_str() } else { "another" }
}
