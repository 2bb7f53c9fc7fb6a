//! The public register.

use actix_web::{HttpResponse, get};
use minijinja::context;

use super::{About, Visit};
use crate::error::Result;

/// The address of the register.
pub const PATH: &str = "/public";

/// The list.
#[get("/public")]
pub async fn list(visit: Visit) -> Result<HttpResponse> {
    visit.page(About::page("Habilitations délivrées", "", PATH), "public/register.html", context! {})
}

/// One.
#[get("/public/{number}")]
pub async fn one(visit: Visit) -> Result<HttpResponse> {
    visit.not_found()
}
