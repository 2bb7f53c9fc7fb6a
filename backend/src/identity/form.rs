//! Forms that only our own pages may send: a token in the form must match a cookie, and the browser must say that it
//! comes from here (OWASP CSRF cheat sheet). Signing somebody in as somebody else is an attack too.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;

use super::authorization::is_base64url;
use crate::app::State;
use crate::auth::{comes_from_our_page, cookie, secret};
use crate::error::Result;

const NAME: &str = "datapass_form";

/// What a page with a form needs.
pub struct FormToken {
    /// Value of the hidden field.
    pub field: String,
    /// Cookie to set with the page.
    pub cookie: Cookie<'static>,
}

impl FormToken {
    /// For a page that answers `request`. A browser keeps its cookie, so that pages in several tabs all work.
    pub fn issue(request: &HttpRequest, state: &State) -> Result<Self> {
        let value = match cookie_of(request, state) {
            Some(value) => value,
            None => secret::new()?,
        };
        Ok(Self { field: field_of(&value), cookie: cookie::new(state, NAME, value, None) })
    }
}

/// Whether a form was sent by a page of ours, to the same browser.
pub fn is_ours(request: &HttpRequest, state: &State, field: &str) -> bool {
    let comes_from_here = comes_from_our_page(request, &state.public_url);
    comes_from_here && cookie_of(request, state).is_some_and(|value| field_of(&value) == field)
}

fn cookie_of(request: &HttpRequest, state: &State) -> Option<String> {
    cookie::read(request, state, NAME).filter(|value| value.len() == 43 && value.bytes().all(is_base64url))
}

/// A page that leaks does not leak the cookie.
fn field_of(cookie: &str) -> String {
    secret::hash(&format!("form {cookie}"))
}
