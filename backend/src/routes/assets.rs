//! The front end: its files, and its one page for every address that is not a file.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};

use crate::assets::Files;
use crate::error::Error;

/// Every address that nothing else took.
pub fn routes(config: &mut web::ServiceConfig) {
    config.default_service(web::to(serve));
}

async fn serve(request: HttpRequest) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") || path.starts_with("oauth/") {
        return Error::NotFound.error_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Error::MethodNotAllowed.error_response();
    }
    let is_file = path.starts_with("assets/");
    let name = if is_file { path } else { "index.html" };
    let Some((file, encoding)) = encoded(&request, name) else {
        return if is_file { Error::NotFound.error_response() } else { not_built() };
    };
    let content_type = mime_guess::from_path(name).first_or_octet_stream();
    // Names carry a hash of the content.
    let cache = if is_file { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, content_type.as_ref()))
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::VARY, "Accept-Encoding"));
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(encoding)));
    }
    response.body(file.data.into_owned())
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
