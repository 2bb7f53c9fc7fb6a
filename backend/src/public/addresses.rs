//! Where addresses of the earlier DataPass, and of pages that moved, lead: links to them stand in mails, in documentations and on other sites.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use shared::enrollment::AuthorisationSummary;

use super::Visit;
use super::register::PATH as REGISTER;
use crate::page::moved;

/// These addresses.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(admin)
        .service(apis)
        .service(services)
        .service(authorisations)
        .service(authorisation)
        .service(copy)
        .service(reopen)
        .service(request);
}

#[get("/admin")]
async fn admin() -> HttpResponse {
    moved("/personnes")
}

#[get("/data-providers/api")]
async fn apis() -> HttpResponse {
    moved("/nouvelle-demande")
}

#[get("/data-providers/hubee")]
async fn services() -> HttpResponse {
    moved("/nouvelle-demande?recherche=hubee")
}

/// The list of requests for who had a role, that of authorisations for others. Not for good: it hangs on who asks.
#[get("/habilitations")]
async fn authorisations(visit: Visit) -> HttpResponse {
    let has_role = visit.session.user.as_ref().is_some_and(shared::user::User::has_role);
    let place = if has_role { "/instruction" } else { REGISTER };
    HttpResponse::Found().insert_header((header::LOCATION, place)).insert_header((header::VARY, "Cookie")).finish()
}

/// The application had a page of its own for one.
#[get("/habilitations/{id}")]
async fn authorisation(id: web::Path<u32>) -> HttpResponse {
    moved(&AuthorisationSummary::path_of(i64::from(*id)))
}

/// A request is renewed from its page.
#[get("/copy-authorization-request/{id}")]
async fn copy(id: web::Path<u32>) -> HttpResponse {
    moved(&format!("/demandes/{id}"))
}

/// So is an update begun.
#[get("/reopen-enrollment-request/{id}")]
async fn reopen(id: web::Path<u32>) -> HttpResponse {
    moved(&format!("/demandes/{id}"))
}

#[get("/authorization-request/{id}")]
async fn request(id: web::Path<u32>) -> HttpResponse {
    moved(&format!("/demandes/{id}"))
}
