//! What the directory says of organisations.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use shared::api::{OrganizationEnrollment, Page};
use shared::organization::{Establishment, Siret};
use shared::validation::GrantedScope;
use utoipa::IntoParams;

use super::input::{self, Query};
use crate::auth::{Actor, Caller};
use crate::connection::page::{self, Cursor};
use crate::error::Result;
use crate::state::AppState;
use crate::transition::{facts, organization};

/// An establishment by its number, of today's register; of an earlier day where the register does not answer.
#[utoipa::path(
    summary = "Lire ce que le répertoire Sirene dit d’un établissement",
    tag = "Organisations",
    params(("siret" = Siret, Path, description = "Ses 14 chiffres")),
    responses((status = 200, body = Establishment))
)]
#[get("/organizations/{siret}")]
pub async fn show(state: web::Data<AppState>, _: Actor, siret: web::Path<String>) -> Result<HttpResponse> {
    let siret: Siret = siret.parse().map_err(|error| input::unreadable("siret", &error))?;
    Ok(HttpResponse::Ok().json(state.directory.find(&state.db, &siret).await?))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrganizationEnrollmentsQuery {
    /// Only those of that API.
    #[serde(default)]
    target_api: String,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
    limit: Option<i64>,
}

/// The requests of an organisation that are under way or granted, newest first: for its verified members, who learn that
/// there are any and who filed them, and nothing of what stands in them.
#[utoipa::path(
    summary = "Lister les demandes en cours et les habilitations de l’une de ses organisations",
    tag = "Organisations",
    params(("siret" = Siret, Path, description = "Ses 14 chiffres"), OrganizationEnrollmentsQuery),
    responses((status = 200, body = Page<OrganizationEnrollment>))
)]
#[get("/organizations/{siret}/enrollments")]
pub async fn enrollments(
    caller: Caller,
    siret: web::Path<String>,
    Query(query): Query<OrganizationEnrollmentsQuery>,
) -> Result<HttpResponse> {
    let siret: Siret = siret.parse().map_err(|error| input::unreadable("siret", &error))?;
    let after = query.cursor.as_deref().map(Cursor::decode).transpose()?;
    let limit = page::limit(query.limit)?;
    let OrganizationEnrollmentsQuery { target_api, .. } = query;
    let page = caller.read(move |tx| organization::enrollments(tx, (&siret, &target_api), after, limit));
    let page = page.await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Of which API.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GrantedScopesQuery {
    /// Its slug.
    target_api: String,
}

/// The scopes of an API that an organisation of the caller's has been granted, where each is granted once (a policy with
/// `each_scope_once`); empty for any other.
#[utoipa::path(
    summary = "Lister les données déjà accordées à l’une de ses organisations",
    tag = "Organisations",
    params(("siret" = Siret, Path, description = "Ses 14 chiffres"), GrantedScopesQuery),
    responses((status = 200, body = Vec<GrantedScope>))
)]
#[get("/organizations/{siret}/granted_scopes")]
pub async fn granted_scopes(
    state: web::Data<AppState>,
    caller: Caller,
    siret: web::Path<String>,
    Query(query): Query<GrantedScopesQuery>,
) -> Result<HttpResponse> {
    let siret: Siret = siret.parse().map_err(|error| input::unreadable("siret", &error))?;
    let policy = state.policies.require(&query.target_api)?;
    let scopes = caller.read(move |tx| facts::granted_scopes(tx, &policy, &siret)).await?;
    Ok(HttpResponse::Ok().json(scopes))
}
