//! Authorisations: the public list of those in force, and one of them.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use shared::api::{Page, PublicRow};
use shared::enrollment::Authorisation;
use utoipa::IntoParams;

use super::input::{Query, search_of};
use crate::auth::Actor;
use crate::connection::page::{self, Cursor};
use crate::error::Result;
use crate::ids::AuthorisationId;
use crate::models::authorisation::{self, PublicQuery};
use crate::state::AppState;
use crate::transition;

/// What part of the public list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicListQuery {
    /// Only this API.
    target_api: Option<String>,
    /// Words that must all be found in the organisation, the SIRET or the title; or a number, such as H5 or D12.
    #[serde(default)]
    search: String,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    limit: Option<i64>,
}

/// The authorisations in force, newest first. Public (CRPA, article L114-8).
#[utoipa::path(
    summary = "Lister les habilitations en vigueur",
    tag = "Habilitations publiques",
    params(PublicListQuery),
    responses((status = 200, body = Page<PublicRow>))
)]
#[get("/enrollments/public")]
pub async fn public(state: web::Data<AppState>, Query(query): Query<PublicListQuery>) -> Result<HttpResponse> {
    let query = PublicQuery {
        target_api: query.target_api.clone().filter(|api| !api.is_empty()),
        search: search_of("search", &query.search)?,
        after: query.cursor.as_deref().map(Cursor::decode).transpose()?,
        limit: page::limit(query.limit)?,
    };
    let (mut items, next) = state.db.read(move |connection| Ok(authorisation::public(connection, &query)?)).await?;
    let policies = state.policies.current();
    for row in &mut items {
        row.label = policies.get(&row.target_api).map_or_else(|| row.target_api.clone(), |p| p.label.clone());
    }
    Ok(HttpResponse::Ok().json(Page { items, next: next.map(|cursor| cursor.encode()) }))
}

/// One authorisation, whole, for those who may read its request.
#[utoipa::path(
    summary = "Lire une habilitation",
    tag = "Habilitations",
    params(("id" = i64, Path, description = "Numéro, sans le H")),
    responses((status = 200, body = Authorisation))
)]
#[get("/authorisations/{id}")]
pub async fn show(state: web::Data<AppState>, actor: Actor, id: web::Path<AuthorisationId>) -> Result<HttpResponse> {
    let authorisation = actor.read(&state, move |tx| transition::authorisation(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(authorisation))
}
