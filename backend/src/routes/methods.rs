//! Which methods an address accepts, for whoever comes with another (RFC 9110, 15.5.6).

use actix_web::{HttpRequest, web};
use utoipa::openapi::{OpenApi, PathItem};

/// The methods that the address of that request accepts, where its own is none of them; `None` where no endpoint has that
/// address.
pub fn accepted(request: &HttpRequest) -> Option<String> {
    let pattern = request.match_pattern()?;
    let document = request.app_data::<web::Data<OpenApi>>()?;
    let methods = match document.paths.paths.get(&pattern) {
        Some(item) => documented(item),
        // The provider's and what anybody may read: pages and forms.
        None => ["GET", "POST"].into_iter().filter(|method| *method != request.method().as_str()).collect(),
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
        (item.post.is_some(), "POST"),
        (item.put.is_some(), "PUT"),
        (item.patch.is_some(), "PATCH"),
        (item.delete.is_some(), "DELETE"),
    ];
    methods.into_iter().filter(|(is_there, _)| *is_there).map(|(_, method)| method).collect()
}
