//! The versions of a request, and what differs between two of them.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use shared::version::{Comparison, VersionId, VersionSummary};
use utoipa::IntoParams;

use super::input::Query;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::transition::versions;

/// Which two versions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Versions {
    /// The one that is compared with: a name from the list of versions.
    from: String,
    /// The one that is compared.
    to: String,
}

/// What can be compared, newest first: what stands in the request now, where it differs from what was last submitted or
/// granted; each submission; each authorisation; for a renewal, those of the request that it renews.
#[utoipa::path(
    summary = "Lister les versions d’une demande",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, body = Vec<VersionSummary>))
)]
#[get("/enrollments/{id}/versions")]
pub async fn list(caller: Caller, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let versions = caller.read(move |tx| versions::list(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(versions))
}

/// What differs between two versions, by field.
#[utoipa::path(
    summary = "Comparer deux versions d’une demande",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro"), Versions),
    responses((status = 200, body = Comparison))
)]
#[get("/enrollments/{id}/diff")]
pub async fn compare(
    caller: Caller,
    id: web::Path<EnrollmentId>,
    Query(query): Query<Versions>,
) -> Result<HttpResponse> {
    // A name that is none names nothing.
    let named = |name: &str| name.parse::<VersionId>().map_err(|_| Error::NotFound);
    let versions = (named(&query.from)?, named(&query.to)?);
    let comparison = caller.read(move |tx| versions::compare(tx, *id, versions)).await?;
    Ok(HttpResponse::Ok().json(comparison))
}
