//! HEAD wherever GET is (RFC 9110, 9.3.2), and which methods an address accepts, for whoever comes with another (15.5.6).

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, web};
use utoipa::openapi::{OpenApi, PathItem};

/// Answers HEAD as GET, in all but the body.
///
/// # Errors
/// Those of the request.
pub async fn head(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_head = request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
    }
    let response = next.call(request).await?;
    if is_head {
        return Ok(response.map_body(|_, body| EitherBody::right(Unsent(body.size()))));
    }
    Ok(response.map_into_left_body())
}

/// A body of which only the size is told.
struct Unsent(BodySize);

impl MessageBody for Unsent {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}

/// The methods that the address of that request accepts, where its own is none of them; `None` where no endpoint has that
/// address.
pub fn accepted(request: &HttpRequest) -> Option<String> {
    let pattern = request.match_pattern()?;
    let document = request.app_data::<web::Data<OpenApi>>()?;
    let methods = match document.paths.paths.get(&pattern) {
        Some(item) => documented(item),
        // The provider's and what anybody may read: pages and forms.
        None => match *request.method() {
            Method::GET => vec!["POST"],
            Method::POST => vec!["GET", "HEAD"],
            _ => vec!["GET", "HEAD", "POST"],
        },
    };
    Some(methods.join(", "))
}

/// The methods of the address that is spelt just as that of the request, which another one took for a value of its own:
/// `/api/enrollments/total` came to `/api/enrollments/{id}`.
pub fn of_namesake(request: &HttpRequest) -> Option<String> {
    let document = request.app_data::<web::Data<OpenApi>>()?;
    document.paths.paths.get(request.path()).map(|item| documented(item).join(", "))
}

fn documented(item: &PathItem) -> Vec<&'static str> {
    let methods = [
        (item.get.is_some(), "GET"),
        (item.get.is_some(), "HEAD"),
        (item.post.is_some(), "POST"),
        (item.put.is_some(), "PUT"),
        (item.patch.is_some(), "PATCH"),
        (item.delete.is_some(), "DELETE"),
    ];
    methods.into_iter().filter(|(is_there, _)| *is_there).map(|(_, method)| method).collect()
}
