//! Whose an address is that no endpoint took: a file of the front end, the application's one page, a page that anybody may
//! read, or nobody's.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Compress;
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, ResponseError as _, web};
use shared::navigation::{self, APPLICATION_PAGES, is_among, part_of};

use super::methods;
use crate::assets::{Files, addresses_of_part};
use crate::error::{Error, Result};
use crate::page::{self, see_other};
use crate::public::{self, Visit, api, home};

/// The pages that anybody may read and, behind them, every address that nothing else took.
///
/// What is drawn is sent compressed: it holds no secret that an answer's length could tell; files are compressed when they
/// are built.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::scope("").wrap(Compress::default()).configure(public::routes).default_service(web::to(show)))
        // What lies under another scope, and is none of its addresses.
        .default_service(web::to(show));
}

async fn show(request: HttpRequest) -> Result<HttpResponse> {
    let path = request.path().trim_start_matches('/');
    if let Some(accepted) = methods::accepted(&request) {
        return Err(Error::MethodNotAllowed(accepted));
    }
    if path == "api" || path.starts_with("api/") || path.starts_with("oauth/") {
        return Err(Error::NotFound);
    }
    if *request.method() != Method::GET {
        return Err(Error::MethodNotAllowed("GET, HEAD".to_owned()));
    }
    if path.starts_with("assets/") {
        return Ok(file(&request, path).unwrap_or_else(|| Error::NotFound.error_response()));
    }
    if !path.is_empty() && is_among(request.path(), &APPLICATION_PAGES) {
        return Ok(application(&request));
    }
    let visit = Visit::extract(&request).await?;
    if path.is_empty() {
        return match visit.session.user.as_ref().map(navigation::first_page) {
            None => home::page(&visit),
            Some("/") => Ok(application(&request)),
            // At once, and not by the application, which would fetch the part of the page that it leaves.
            Some(elsewhere) => Ok(see_other(elsewhere)),
        };
    }
    page_of_api(&visit, path).await
}

/// The page of an API at `/{api}`; under it, requests as the earlier DataPass had them: `/{api}/{id}`.
async fn page_of_api(visit: &Visit, path: &str) -> Result<HttpResponse> {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let slug = name.replace('-', "_");
    let Some(policy) = visit.state.policies.current().get(&slug).cloned() else { return visit.not_found() };
    match rest.split('/').next().map(str::parse::<u32>) {
        Some(Ok(id)) => Ok(page::moved(&format!("/demandes/{id}"))),
        _ if !rest.is_empty() => visit.not_found(),
        _ if name != slug || path.ends_with('/') => Ok(page::moved(&format!("/{slug}"))),
        _ => api::page(visit, &policy).await,
    }
}

/// The application, whatever page of it was asked for. The browser begins to fetch the part that the page is in along with
/// the page, and not when the application comes to ask for it.
fn application(request: &HttpRequest) -> HttpResponse {
    let Some(mut response) = file(request, "index.html") else { return not_built() };
    let files = part_of(request.path()).map(addresses_of_part).unwrap_or_default();
    let links: Vec<String> = files.iter().map(|file| format!("<{file}>; rel=preload; as=fetch; crossorigin")).collect();
    if let Ok(links) = HeaderValue::from_str(&links.join(", "))
        && !links.is_empty()
    {
        response.headers_mut().insert(header::LINK, links);
    }
    response
}

fn file(request: &HttpRequest, name: &str) -> Option<HttpResponse> {
    let (file, encoding) = encoded(request, name)?;
    let is_page = name == "index.html";
    let content_type = mime_guess::from_path(name).first_or_octet_stream();
    // Names carry a hash of the content.
    let cache = if is_page { "no-cache" } else { "public, max-age=31536000, immutable" };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, content_type.as_ref()))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, if is_page { "Accept-Encoding, Cookie" } else { "Accept-Encoding" }));
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(encoding)));
    }
    Some(response.body(file.data.into_owned()))
}

/// The file, compressed as well as the browser can read.
fn encoded(request: &HttpRequest, name: &str) -> Option<(rust_embed::EmbeddedFile, Option<&'static str>)> {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let accepts = |encoding: &str| accepted.is_some_and(|text| text.split([',', ';', ' ']).any(|one| one == encoding));
    for (encoding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if accepts(encoding)
            && let Some(file) = Files::get(&format!("{name}.{suffix}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Files::get(name).map(|file| (file, None))
}

fn not_built() -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .content_type("text/plain; charset=utf-8")
        .body("Les pages ne sont pas construites\u{a0}: lancez «\u{a0}npx -y rust-just front\u{a0}», puis rechargez.\n")
}
