//! How the server draws a page: French, DSFR markup, no script needed. The pages that anybody may read are in
//! [`crate::public`], the identity provider's in [`crate::identity`].

use actix_web::http::header::{EntityTag, Header as _, HeaderMap, HeaderValue, IfNoneMatch};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use minijinja::{Value, context};
use openidconnect::url::Url;
use sha2::{Digest as _, Sha256};
use shared::api::Session;
use shared::calendar::paris;
use shared::navigation::{self, FOOTER, Link};
use shared::user::User;

use crate::error::Result;
use crate::state::AppState;
use crate::{assets, templates};

/// A page that is one step of something, such as those of the identity provider: without the menu.
pub fn html(state: &AppState, mut response: HttpResponseBuilder, template: &str, page: Value) -> Result<HttpResponse> {
    let body = templates::render(template, context! { ..page, ..common(state) })?;
    Ok(response.content_type("text/html; charset=utf-8").body(body))
}

/// What the base template needs on every page.
pub fn common(state: &AppState) -> Value {
    let footer: Value = FOOTER.iter().map(|link| context! { href => link.href, label => &link.label }).collect();
    context! {
        stylesheet => assets::address("datapass.css"),
        theme => assets::address("theme.js"),
        icon => assets::address("favicon.svg"),
        home => format!("{}/", state.public_url),
        tagline => navigation::TAGLINE,
        footer_text => navigation::DESCRIPTION,
        demo => state.config.demo,
        footer,
    }
}

/// What the base template needs to show who reads, and the menu; the link that leads to the page at `path` is marked.
pub fn reader(session: &Session, path: &str) -> Value {
    let entry = |link: Link| {
        context! { href => link.href, label => link.label, current => navigation::is_current(path, link.href) }
    };
    let user = session.user.as_ref();
    context! {
        menu => navigation::menu(Some(session)).into_iter().map(entry).collect::<Value>(),
        user => user.map(User::full_name),
        awaited_membership => user.and_then(navigation::awaited_membership),
    }
}

/// The tag of a body, weak since it may be sent compressed (RFC 9110, 8.8.3).
pub fn tag(body: &[u8]) -> EntityTag {
    EntityTag::new_weak(fingerprint(body))
}

/// What tells one body from another: 96 bits of its hash.
pub fn fingerprint(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    URL_SAFE_NO_PAD.encode(hash.get(..12).unwrap_or(&hash))
}

/// A day in Paris, as it is read in France.
pub fn day(at: DateTime<Utc>) -> String {
    paris(at).format("%d/%m/%Y").to_string()
}

/// A time as HTTP writes it (RFC 9110, 5.6.7).
pub fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whether the caller already has what carries that tag (`If-None-Match`, RFC 9110, 13.1.2).
pub fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
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

/// Sends the browser to where a page now is, for good.
pub fn moved(path: &str) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, path)).finish()
}

/// Sends the browser elsewhere, with a GET whatever the request was.
pub fn see_other(url: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, url)).finish()
}
