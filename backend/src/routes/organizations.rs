//! What the directory says of organisations.

use actix_web::{HttpResponse, get, web};
use shared::organization::{Establishment, Siret};

use crate::app::State;
use crate::auth::Actor;
use crate::error::{Error, Result};

/// An establishment by its number, of today's register; of an earlier day where the register does not answer.
#[utoipa::path(
    summary = "Lire ce que le répertoire Sirene dit d’un établissement",
    tag = "Organisations",
    params(("siret" = String, Path, description = "Ses 14 chiffres")),
    responses((status = 200, body = Establishment))
)]
#[get("/organizations/{siret}")]
pub async fn show(state: web::Data<State>, _: Actor, siret: web::Path<String>) -> Result<HttpResponse> {
    let siret: Siret = siret.parse().map_err(|error| Error::BadRequest(format!("siret\u{a0}: {error}.")))?;
    Ok(HttpResponse::Ok().json(state.directory.find(&state.db, &siret).await?))
}
