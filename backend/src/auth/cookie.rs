//! Cookies that only the server reads: no script sees them, and no other site sends them along with a form.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::state::AppState;

/// The value of a cookie that the browser sent.
pub fn read(request: &HttpRequest, state: &AppState, name: &str) -> Option<String> {
    Some(request.cookie(&full_name(state, name))?.value().to_owned())
}

/// Name and value of the cookies whose names begin so, as the browser sent them.
pub fn named(request: &HttpRequest, state: &AppState, beginning: &str) -> Vec<(String, String)> {
    let Ok(cookies) = request.cookies() else { return Vec::new() };
    let (ours, beginning) = (full_name(state, ""), full_name(state, beginning));
    let those = cookies.iter().filter(|cookie| cookie.name().starts_with(&beginning));
    those.map(|cookie| (cookie.name().replacen(&ours, "", 1), cookie.value().to_owned())).collect()
}

/// The cookie that clears the one of that name.
pub fn expired(state: &AppState, name: &str) -> Cookie<'static> {
    new(state, name, String::new(), Some(Duration::ZERO))
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
