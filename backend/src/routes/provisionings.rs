//! The accesses that API managers open: those that somebody must look at, and trying again.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use shared::api::Page;
use shared::outbox::Retried;
use shared::problem::ItemCode;
use shared::provisioning::ProvisioningIssue;
use utoipa::IntoParams;

use super::input::Query;
use crate::auth::{Actor, Administrator};
use crate::connection::page;
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::models::provisioning;
use crate::state::AppState;
use crate::transition;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IssuesQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
    limit: Option<i64>,
}

/// The accesses whose manager does not do what it is asked, or holds something else than was granted, newest request first.
#[utoipa::path(
    summary = "Lister les accès à vérifier chez les gestionnaires d’API (administrateur)",
    tag = "Administration",
    params(IssuesQuery),
    responses((status = 200, body = Page<ProvisioningIssue>))
)]
#[get("/provisionings")]
pub async fn issues(
    state: web::Data<AppState>,
    _: Administrator,
    Query(query): Query<IssuesQuery>,
) -> Result<HttpResponse> {
    let limit = page::limit(query.limit)?;
    let wrong = || Error::parameter("cursor", ItemCode::Format, "Cette valeur ne vient pas d’une page précédente.");
    let before: Option<i64> = query.cursor.map(|cursor| cursor.parse().map_err(|_| wrong())).transpose()?;
    let rows = state.db.read(move |connection| Ok(provisioning::issues(connection, before, limit + 1)?)).await?;
    let (items, next) = page::cut(rows, limit, |issue| issue.enrollment_id.to_string());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// Has what fails about a request's access tried again, now.
#[utoipa::path(
    summary = "Réessayer d’ouvrir ou de retirer l’accès d’une demande",
    tag = "Habilitations",
    params(("id" = i64, Path, description = "Numéro de la demande")),
    responses((status = 200, body = Retried))
)]
#[post("/enrollments/{id}/provisioning/retry")]
pub async fn retry(state: web::Data<AppState>, actor: Actor, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let count = actor.write(&state, move |tx| transition::retry_provisioning(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(Retried { count }))
}
