//! The pages that the server draws itself: French, DSFR markup, no script.

use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use minijinja::{Value, context};
use openidconnect::url::Url;

use crate::error::Result;
use crate::state::AppState;
use crate::{assets, templates};

/// A page.
pub fn html(state: &AppState, mut response: HttpResponseBuilder, template: &str, page: Value) -> Result<HttpResponse> {
    let common = context! {
        stylesheet => assets::address("datapass.css"),
        theme => assets::address("theme.js"),
        icon => assets::address("favicon.svg"),
        home => format!("{}/", state.public_url),
    };
    let body = templates::render(template, context! { ..page, ..common })?;
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(response.content_type("text/html; charset=utf-8").body(body))
}

/// What every page may load and send forms to; browsers hold the latter against redirections after a form, too. WASM needs
/// `wasm-unsafe-eval`; nothing inline runs.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Lets the form of a page lead to the site of that address, which must be a client's own.
pub fn may_lead_to(headers: &mut HeaderMap, url: &str) {
    let policy = Url::parse(url).map(|url| format!("{CONTENT_SECURITY_POLICY} {}", url.origin().ascii_serialization()));
    if let Some(policy) = policy.ok().and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// A page that says something.
pub fn message(state: &AppState, status: StatusCode, title: &str, text: &str) -> Result<HttpResponse> {
    html(state, HttpResponse::build(status), "message.html", context! { title, text })
}

/// Sends the browser elsewhere, with a GET whatever the request was.
pub fn see_other(url: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, url))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
