//! The catalogue of APIs, and what each asks for.
//!
//! These answers are compressed: anybody may read them, so that no secret of theirs could be told by their length.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::middleware::Compress;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use shared::api::PolicySummary;
use shared::policy::Policy;

use super::validators;
use crate::auth::Administrator;
use crate::error::Result;
use crate::ids::UserId;
use crate::state::AppState;

/// Every API, retired ones included, in the order of their names.
#[utoipa::path(
    summary = "Lister les API proposées",
    tag = "Politiques",
    params(("If-None-Match" = Option<String>, Header, description = "ETag du catalogue déjà lu")),
    responses((status = 200, body = Vec<PolicySummary>), (status = 304, description = "Rien n’a changé"))
)]
#[get("/policies", wrap = "Compress::default()")]
pub async fn list(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse> {
    validators::public_json(&request, &summaries(&state))
}

fn summaries(state: &AppState) -> Vec<PolicySummary> {
    let policies = state.policies.current();
    let mut summaries: Vec<PolicySummary> =
        policies.values().map(|policy| PolicySummary::from(policy.as_ref())).collect();
    summaries.sort_by(|a, b| a.label.cmp(&b.label));
    summaries
}

/// What an API asks for now.
#[utoipa::path(
    summary = "Lire ce que demande une API",
    tag = "Politiques",
    responses((status = 200, body = Policy), (status = 304, description = "Rien n’a changé")),
    params(
        ("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier"),
        ("If-None-Match" = Option<String>, Header, description = "ETag de la politique déjà lue")
    )
)]
#[get("/policies/{target_api}", wrap = "Compress::default()")]
pub async fn show(
    state: web::Data<AppState>,
    request: HttpRequest,
    target_api: web::Path<String>,
) -> Result<HttpResponse> {
    validators::public_json(&request, state.policies.require(&target_api)?.as_ref())
}

/// Reads the policy files again, in every process. Where one of them is wrong, nothing changes and the answer says where.
#[utoipa::path(
    summary = "Relire les fichiers de politique (administrateur)",
    tag = "Politiques",
    responses((status = 200, description = "Les politiques en vigueur", body = Vec<PolicySummary>))
)]
#[post("/policies/reload")]
pub async fn reload(state: web::Data<AppState>, Administrator(user): Administrator) -> Result<HttpResponse> {
    state.policies.reload(&state.db, Some(UserId::of(&user))).await?;
    Ok(HttpResponse::Ok().json(summaries(&state)))
}

/// What an API asked for at a revision, the one that an enrollment is pinned to.
#[utoipa::path(
    summary = "Lire ce que demandait une API à une révision donnée",
    tag = "Politiques",
    responses((status = 200, body = Policy)),
    params(
        ("target_api" = String, Path, description = "Identifiant de l’API", example = "api_particulier"),
        ("revision" = String, Path, description = "Révision, telle que `policy_revision` d’une demande")
    )
)]
#[get("/policies/{target_api}/revisions/{revision}", wrap = "Compress::default()")]
pub async fn revision(state: web::Data<AppState>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (target_api, revision) = path.into_inner();
    let policies = Arc::clone(&state.policies);
    let policy = state.db.read(move |connection| policies.at(connection, &target_api, &revision)).await?;
    // A revision never changes.
    let forever = (header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    Ok(HttpResponse::Ok().insert_header(forever).json(policy.as_ref()))
}
