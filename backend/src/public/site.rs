//! What search engines read of the site: which pages there are, and which to leave alone.

use actix_web::{HttpResponse, get, web};
use shared::navigation::PUBLIC_PAGES;

use super::catalogue;
use crate::state::AppState;

/// `robots.txt` (RFC 9309): only pages that anybody may read are worth a visit.
#[get("/robots.txt")]
pub async fn robots(state: web::Data<AppState>) -> HttpResponse {
    let text = format!(
        "User-agent: *\nDisallow: /api/\nAllow: /api/docs/\nDisallow: /oauth/\nDisallow: /users/\nDisallow: /demandes/\n\n\
         Sitemap: {}/sitemap.xml\n",
        state.public_url
    );
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text)
}

/// `sitemap.xml` (sitemaps.org): the pages that are always there, and that of each API. Those of authorisations are found
/// through the register.
#[get("/sitemap.xml")]
pub async fn sitemap(state: web::Data<AppState>) -> HttpResponse {
    let policies = state.policies.current();
    let fixed = PUBLIC_PAGES.iter().filter(|page| !page.contains(':')).map(|page| (*page).to_owned());
    let apis = policies.keys().map(|slug| catalogue::address(slug));
    let places = std::iter::once("/".to_owned()).chain(fixed).chain(apis);
    let urls: String = places.map(|path| format!("<url><loc>{}{path}</loc></url>\n", state.public_url)).collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{urls}</urlset>\n"
    );
    HttpResponse::Ok().content_type("application/xml; charset=utf-8").body(body)
}
