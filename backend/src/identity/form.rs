//! Forms that only our own pages may send: a token in the form must match a cookie, and the browser must say that it
//! comes from here (OWASP CSRF cheat sheet). Signing somebody in as somebody else is an attack too.

use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Value, context};

use super::authorization::is_base64url;
use crate::app::State;
use crate::auth::{comes_from_our_page, cookie, secret};
use crate::error::{Error, Result};
use crate::page;

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

/// Something wrong, and the field to correct.
#[derive(Debug)]
pub struct Problem {
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong with it, and what to do.
    pub text: String,
}

impl Problem {
    /// With that field.
    pub fn new(field: &'static str, text: &str) -> Self {
        Self { field, text: text.to_owned() }
    }
}

/// What is wrong, for the template.
pub fn listed(problems: &[Problem]) -> Value {
    problems.iter().map(|problem| context! { field => problem.field, text => &problem.text }).collect()
}

/// A page with a form; `values` is what the fields hold.
pub fn show(
    request: &HttpRequest,
    state: &State,
    template: &str,
    status: StatusCode,
    values: Value,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let token = FormToken::issue(request, state)?;
    let mut response = HttpResponse::build(status);
    response.cookie(token.cookie);
    let common = context! { token => token.field, problems => listed(problems) };
    page::html(state, response, template, context! { ..values, ..common })
}

/// The problem of a form that no page of ours sent, or one that was open when its browser was closed.
pub fn foreign(field: &'static str) -> Problem {
    Problem::new(field, "Cette page est restée ouverte trop longtemps. Envoyez-la à nouveau.")
}

/// When to try again, for who has tried too often.
pub fn try_again(wait: Duration) -> String {
    let seconds = wait.as_secs() + 1;
    match seconds {
        0..=90 => format!("Réessayez dans {seconds} secondes."),
        _ => format!("Réessayez dans {} minutes.", seconds.div_ceil(60)),
    }
}

/// Tells programs the same.
pub fn retry_after(mut response: HttpResponse, wait: Duration) -> HttpResponse {
    response.headers_mut().insert(header::RETRY_AFTER, (wait.as_secs() + 1).into());
    response
}

/// Sets a cookie with an answer.
///
/// # Errors
/// The cookie cannot be written.
pub fn with_cookie(mut response: HttpResponse, cookie: &Cookie<'_>) -> Result<HttpResponse> {
    response.add_cookie(cookie).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(response)
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
