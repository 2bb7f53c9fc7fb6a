//! The pages that the server draws itself: French, DSFR markup, no script.

use std::sync::LazyLock;

use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use minijinja::{Environment, Value, context};
use openidconnect::url::Url;

use crate::app::State;
use crate::error::{Error, Result};
use crate::routes::assets;

/// The templates. Names in `.html` escape what is put into them.
static TEMPLATES: LazyLock<std::result::Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, source) in [
        ("base.html", include_str!("../templates/base.html")),
        ("sign_in.html", include_str!("../templates/identity/sign_in.html")),
        ("sign_out.html", include_str!("../templates/identity/sign_out.html")),
        ("fields.html", include_str!("../templates/identity/fields.html")),
        ("sign_up.html", include_str!("../templates/identity/sign_up.html")),
        ("verify_email.html", include_str!("../templates/identity/verify_email.html")),
        ("reset_password.html", include_str!("../templates/identity/reset_password.html")),
        ("change_password.html", include_str!("../templates/identity/change_password.html")),
        ("personal_information.html", include_str!("../templates/identity/personal_information.html")),
        ("change_email.html", include_str!("../templates/identity/change_email.html")),
        ("join_organization.html", include_str!("../templates/identity/join_organization.html")),
        ("join_waiting.html", include_str!("../templates/identity/join_waiting.html")),
        ("select_organization.html", include_str!("../templates/identity/select_organization.html")),
        ("organizations.html", include_str!("../templates/identity/organizations.html")),
        ("leave_organization.html", include_str!("../templates/identity/leave_organization.html")),
        ("moderations.html", include_str!("../templates/identity/moderations.html")),
        ("account.html", include_str!("../templates/identity/account.html")),
        ("password.html", include_str!("../templates/identity/password.html")),
        ("sign_in_code.html", include_str!("../templates/identity/sign_in_code.html")),
        ("second_factor.html", include_str!("../templates/identity/second_factor.html")),
        ("second_factor_key.html", include_str!("../templates/identity/second_factor_key.html")),
        ("second_factor_again.html", include_str!("../templates/identity/second_factor_again.html")),
        ("recovery_codes.html", include_str!("../templates/identity/recovery_codes.html")),
        ("delete_account.html", include_str!("../templates/identity/delete_account.html")),
        ("message.html", include_str!("../templates/message.html")),
        ("guide.html", include_str!("../templates/guide.html")),
    ] {
        templates.add_template(name, source)?;
    }
    Ok(templates)
});

/// A page.
pub fn html(state: &State, mut response: HttpResponseBuilder, template: &str, page: Value) -> Result<HttpResponse> {
    let failed = |error: &dyn std::error::Error| Error::Internal(format!("page {template}: {error}"));
    let templates = TEMPLATES.as_ref().map_err(|error| failed(error))?;
    let common = context! { stylesheet => assets::address("datapass.css"), theme => assets::address("theme.js"), icon => assets::address("favicon.svg"), home => format!("{}/", state.public_url) };
    let body = templates
        .get_template(template)
        .and_then(|template| template.render(context! { ..page, ..common }))
        .map_err(|error| failed(&error))?;
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
pub fn message(state: &State, status: StatusCode, title: &str, text: &str) -> Result<HttpResponse> {
    html(state, HttpResponse::build(status), "message.html", context! { title, text })
}

/// Sends the browser elsewhere, with a GET whatever the request was.
pub fn see_other(url: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, url))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
