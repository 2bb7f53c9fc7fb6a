//! The forms of the provider's pages: their protection against forgery, and what is wrong with them.
//!
//! A token in the form must match a cookie, and the browser must say that one of our pages sent it (OWASP CSRF cheat
//! sheet): signing somebody in as somebody else is an attack too.

mod body;

use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Value, context};

use super::oauth::authorization_request::is_base64url;
use super::signed_in;
use crate::auth::{comes_from_our_page, cookie};
use crate::error::{Error, Result};
use crate::page;
use crate::secret;
use crate::state::AppState;

pub use self::body::Form;

const COOKIE: &str = "datapass_form";

/// Said of a form whose token is wrong: most often its page was open when the browser was closed.
pub const EXPIRED: &str = "Cette page est restée ouverte trop longtemps. Envoyez-la à nouveau.";

/// What is wrong with a field.
#[derive(Debug)]
pub struct FormError {
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong with it, and what to do.
    pub text: String,
}

impl FormError {
    /// An error of that field.
    pub fn new(field: &'static str, text: impl Into<String>) -> Self {
        Self { field, text: text.into() }
    }
}

/// Why a form is not accepted.
#[derive(Debug)]
pub struct Rejection {
    status: StatusCode,
    errors: Vec<FormError>,
    retry_after: Option<Duration>,
}

impl Rejection {
    /// A rejection because of one field.
    pub fn new(status: StatusCode, field: &'static str, text: impl Into<String>) -> Self {
        Self { status, errors: vec![FormError::new(field, text)], retry_after: None }
    }

    /// The field does not hold what it should.
    pub fn invalid(field: &'static str, text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, field, text)
    }

    /// There were too many attempts: `text` says of what.
    pub fn too_many(field: &'static str, text: &str, wait: Duration) -> Self {
        Self::later(StatusCode::TOO_MANY_REQUESTS, field, text, wait)
    }

    /// It may be tried again later: `text` says why.
    pub fn later(status: StatusCode, field: &'static str, text: &str, wait: Duration) -> Self {
        let text = format!("{text} {}", try_again(wait));
        Self { retry_after: Some(wait), ..Self::new(status, field, text) }
    }

    /// The text of the first error.
    pub fn text(&self) -> &str {
        self.errors.first().map_or("", |error| &error.text)
    }
}

/// Why the handling of a form stops.
#[derive(Debug)]
pub enum Failure {
    /// The form is shown again, with what is wrong.
    Rejected(Rejection),
    /// Something else failed.
    Failed(Error),
}

impl Failure {
    /// The rejection to show.
    ///
    /// # Errors
    /// It is another failure.
    pub fn rejection(self) -> Result<Rejection> {
        match self {
            Self::Rejected(rejection) => Ok(rejection),
            Self::Failed(error) => Err(error),
        }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Failure> for Error {
    /// Where there is no form to show it in.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Rejected(rejection) => Self::Internal(rejection.text().to_owned()),
            Failure::Failed(error) => error,
        }
    }
}

/// Rejects a form where one of these checks has found something.
pub fn require_valid(checks: impl IntoIterator<Item = Option<FormError>>) -> std::result::Result<(), Rejection> {
    let errors: Vec<FormError> = checks.into_iter().flatten().collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Rejection { status: StatusCode::UNPROCESSABLE_ENTITY, errors, retry_after: None })
    }
}

/// Rejects a form that no page of ours sent to this browser; the error is shown at that field.
pub fn check_token(
    request: &HttpRequest,
    state: &AppState,
    token: &str,
    field: &'static str,
) -> std::result::Result<(), Rejection> {
    if is_ours(request, state, token) { Ok(()) } else { Err(Rejection::new(StatusCode::FORBIDDEN, field, EXPIRED)) }
}

/// Whether a form with that token was sent by a page of ours, to the same browser.
pub fn is_ours(request: &HttpRequest, state: &AppState, token: &str) -> bool {
    comes_from_our_page(request, &state.public_url)
        && form_cookie(request, state).is_some_and(|cookie| token_of(&cookie) == token)
}

/// A page with a form: `values` is what the fields hold, `rejection` what was wrong with it. A browser keeps its cookie, so
/// that pages in several tabs all work.
pub fn show(
    request: &HttpRequest,
    state: &AppState,
    template: &str,
    values: Value,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let cookie = match form_cookie(request, state) {
        Some(cookie) => cookie,
        None => secret::new()?,
    };
    let mut response = HttpResponse::build(rejection.map_or(StatusCode::OK, |rejection| rejection.status));
    if let Some(wait) = rejection.and_then(|rejection| rejection.retry_after) {
        response.insert_header((header::RETRY_AFTER, wait.as_secs() + 1));
    }
    let errors = rejection.map_or(&[][..], |rejection| &rejection.errors);
    let errors: Value = errors.iter().map(|error| context! { field => error.field, text => &error.text }).collect();
    let token = token_of(&cookie);
    response.cookie(cookie::new(state, COOKIE, cookie, None));
    let values = context! { ..values, ..context! { token, errors }, ..signed_in::reader(request) };
    page::html(state, response, &format!("identity/{template}"), values)
}

/// Sets a cookie with an answer.
///
/// # Errors
/// The cookie cannot be written.
pub fn with_cookie(response: HttpResponse, cookie: &Cookie<'_>) -> Result<HttpResponse> {
    with_cookies(response, std::slice::from_ref(cookie))
}

/// Sets cookies with an answer.
///
/// # Errors
/// A cookie cannot be written.
pub fn with_cookies(mut response: HttpResponse, cookies: &[Cookie<'_>]) -> Result<HttpResponse> {
    for cookie in cookies {
        response.add_cookie(cookie).map_err(|error| Error::Internal(error.to_string()))?;
    }
    Ok(response)
}

fn try_again(wait: Duration) -> String {
    let seconds = wait.as_secs() + 1;
    match seconds {
        0..=90 => format!("Réessayez dans {seconds} secondes."),
        _ => format!("Réessayez dans {} minutes.", seconds.div_ceil(60)),
    }
}

fn form_cookie(request: &HttpRequest, state: &AppState) -> Option<String> {
    cookie::read(request, state, COOKIE).filter(|value| value.len() == 43 && value.bytes().all(is_base64url))
}

/// A page that leaks does not leak the cookie.
fn token_of(cookie: &str) -> String {
    secret::hash(&format!("form {cookie}"))
}
