//! One line of log per request: method, route, status, time. No address, no user, no query string.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

/// What is said of a request.
pub struct Line;

impl RootSpanBuilder for Line {
    fn on_request_start(request: &ServiceRequest) -> Span {
        use actix_web::HttpMessage as _;

        let id = request.extensions().get::<RequestId>().copied().map(|id| id.to_string()).unwrap_or_default();
        tracing::info_span!("request", id, method = %request.method(), route = request.match_pattern())
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.in_scope(|| {
            if status.is_server_error() {
                tracing::error!(status = status.as_u16());
            } else {
                tracing::debug!(status = status.as_u16());
            }
        });
    }
}
