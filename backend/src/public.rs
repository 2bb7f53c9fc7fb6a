//! The pages that anybody may read, drawn by the server and needing no script.
//!
//! Home for visitors, catalogue, the page of each API, register, statistics, help, legal pages, guides, and where addresses
//! of the earlier DataPass lead. The pages that one works in are the application's; which address is whose is said in
//! [`shared::navigation`].

pub mod addresses;
pub mod api;
pub mod authorisation;
pub mod catalogue;
mod chart;
pub mod guide;
pub mod help;
pub mod home;
pub mod legal;
pub mod register;
pub mod site;
pub mod statistics;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use minijinja::{Value, context};
use openidconnect::url::form_urlencoded;
use shared::api::Session;

use crate::auth::OptionalActor;
use crate::error::{Error, Result};
use crate::page::day;
use crate::policies::Catalogue;
use crate::state::AppState;
use crate::{identity, page, templates};

/// The feed of grants and revocations, which every page links to.
pub const FEED: &str = "/api/enrollments/public.atom";

/// The pages of this room, besides those that hang on who reads (`/`) or on which APIs there are (`/{api}`).
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(catalogue::show)
        .service(register::list)
        .service(authorisation::show)
        .service(statistics::show)
        .service(statistics::of_api)
        .service(guide::show)
        .service(guide::tutorials)
        .service(help::show)
        .service(legal::accessibility)
        .service(legal::notice)
        .service(site::robots)
        .service(site::sitemap)
        .configure(addresses::routes);
}

/// Somebody who reads a page, signed in or not.
pub struct Visit {
    /// What handlers share.
    pub state: web::Data<AppState>,
    /// What they asked for.
    pub request: HttpRequest,
    /// Who they are, and what is known of the place.
    pub session: Session,
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = OptionalActor::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let signed = caller.await?.0;
            let Some(state) = request.app_data::<web::Data<AppState>>().cloned() else {
                return Err(Error::Internal("the application state is missing".to_owned()));
            };
            Ok(Self { session: identity::describe_session(&state, signed).await?, state, request })
        })
    }
}

/// What a page says of itself.
#[derive(Debug)]
pub struct About {
    /// Its heading, and its title in the tab.
    pub title: String,
    /// What it holds, in a sentence, for search engines and for who is sent its address.
    pub summary: String,
    /// Its permanent address, from the first slash; empty for a page that none should link to.
    pub path: String,
    /// 200 where nothing is wrong.
    pub status: StatusCode,
}

impl About {
    /// Of a page that is as it should be.
    pub fn page(title: impl Into<String>, summary: impl Into<String>, path: impl Into<String>) -> Self {
        Self { title: title.into(), summary: summary.into(), path: path.into(), status: StatusCode::OK }
    }
}

impl Visit {
    /// Draws a page, with header, menu and footer. It can be kept by whoever asked for it and is asked for again each time:
    /// 304 where it is still the same.
    ///
    /// # Errors
    /// The template cannot be filled in.
    pub fn page(&self, about: About, template: &str, values: Value) -> Result<HttpResponse> {
        let own = context! {
            title => about.title,
            summary => about.summary,
            canonical => (!about.path.is_empty()).then(|| format!("{}{}", self.state.public_url, about.path)),
            feed => FEED,
            sign_in => self.sign_in_url(self.request.uri().path_and_query().map_or("/", |path| path.as_str())),
        };
        let reader = page::reader(&self.session, self.request.path());
        let body = templates::render(template, context! { ..values, ..own, ..reader, ..page::common(&self.state) })?;
        let tag = page::tag(body.as_bytes());
        let is_known = about.status == StatusCode::OK && page::is_known(&self.request, &tag);
        let mut response = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { about.status });
        // Else the name of who is signed in stands in it: it is private.
        if self.session.user.is_none() {
            response.insert_header((header::CACHE_CONTROL, "no-cache"));
        }
        response.insert_header((header::VARY, "Cookie")).insert_header(header::ETag(tag));
        Ok(if is_known { response.finish() } else { response.content_type("text/html; charset=utf-8").body(body) })
    }

    /// Says that there is no such page.
    ///
    /// # Errors
    /// The template cannot be filled in.
    pub fn not_found(&self) -> Result<HttpResponse> {
        let about = About { status: StatusCode::NOT_FOUND, ..About::page("Page introuvable", "", "") };
        self.page(about, "public/not_found.html", context! {})
    }

    /// Where one signs in and comes back to that path.
    pub fn sign_in_url(&self, path: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("return_to", path).finish();
        format!("/api/sign_in?{query}")
    }
}

/// The query string of those members that hold something; empty where none does.
fn query_string(members: &[(&str, &str)]) -> String {
    let written: Vec<_> = members.iter().filter(|(_, value)| !value.is_empty()).collect();
    let text = serde_urlencoded::to_string(&written).unwrap_or_default();
    if text.is_empty() { text } else { format!("?{text}") }
}

/// What can be chosen in a form, and whether it is.
fn option(value: &str, label: &str, chosen: &str) -> Value {
    context! { value, label, chosen => value == chosen }
}

/// The APIs to choose from, by name: those that are offered as filters, and the one that is chosen.
fn api_options(policies: &Catalogue, chosen: &str) -> Value {
    let offered = policies.values().filter(|policy| !policy.hidden_from_public_filters || policy.target_api == chosen);
    let mut apis: Vec<(&str, &str)> =
        offered.map(|policy| (policy.label.as_str(), policy.target_api.as_str())).collect();
    apis.sort_unstable();
    apis.iter().map(|(label, slug)| option(slug, label, chosen)).collect()
}

/// The providers to choose from, by name.
fn provider_options(policies: &Catalogue, chosen: &str) -> Value {
    let providers: BTreeSet<(&str, &str)> =
        policies.values().map(|policy| (policy.provider.label.as_str(), policy.provider.id.as_str())).collect();
    providers.iter().map(|(label, id)| option(id, label, chosen)).collect()
}

/// A SIRET in groups: « 130 025 265 00013 ».
fn grouped(siret: &str) -> String {
    match (siret.get(..3), siret.get(3..6), siret.get(6..9), siret.get(9..)) {
        (Some(a), Some(b), Some(c), Some(d)) => format!("{a}\u{a0}{b}\u{a0}{c}\u{a0}{d}"),
        _ => siret.to_owned(),
    }
}
