//! Cookies that only the server reads: no script sees them, and no other site sends them along with a form.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::state::AppState;

/// The value of a cookie that the browser sent.
pub fn read(request: &HttpRequest, state: &AppState, name: &str) -> Option<String> {
    Some(request.cookie(&full_name(state, name))?.value().to_owned())
}

/// A cookie to set: for that long, or until the browser is closed.
pub fn new(state: &AppState, name: &str, value: String, max_age: Option<Duration>) -> Cookie<'static> {
    let mut cookie = Cookie::build(full_name(state, name), value)
        .path("/")
        .secure(is_secure(state))
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish();
    cookie.set_max_age(max_age);
    cookie
}

/// Over HTTPS the browser itself guarantees that the cookie is ours alone (`__Host-`, RFC 6265bis).
fn full_name(state: &AppState, name: &str) -> String {
    if is_secure(state) { format!("__Host-{name}") } else { name.to_owned() }
}

fn is_secure(state: &AppState) -> bool {
    state.public_url.starts_with("https://")
}
