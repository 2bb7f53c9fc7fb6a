//! What waits for administrators.

use actix_web::{HttpResponse, get, web};
use shared::administration::AwaitedWork;

use crate::administration::awaited;
use crate::auth::Administrator;
use crate::error::Result;
use crate::state::AppState;

/// How much waits for the caller: people to answer, what could not be delivered, errors in policy files.
#[utoipa::path(
    summary = "Savoir ce qui attend les administrateurs (administrateur)",
    tag = "Administration",
    responses((status = 200, body = AwaitedWork))
)]
#[get("/administration")]
pub async fn summary(state: web::Data<AppState>, Administrator(user): Administrator) -> Result<HttpResponse> {
    let decides_memberships = state.config.oidc.is_none();
    let work = state.db.read(move |connection| awaited::work(connection, &user, decides_memberships)).await?;
    Ok(HttpResponse::Ok().json(AwaitedWork { policy_errors: state.policies.errors().await?, ..work }))
}
