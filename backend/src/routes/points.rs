//! The answers to the points of a request for changes.

use actix_web::{HttpResponse, patch, web};
use shared::change_point::{ChangePoint, PointAnswer};

use super::input::Body;
use crate::auth::Actor;
use crate::error::Result;
use crate::ids::{EnrollmentId, PointId};
use crate::state::AppState;
use crate::transition::points;

/// Answers a point, or takes the answer back. The content of the request and its version stay as they are.
#[utoipa::path(
    summary = "Répondre à un point d’une demande de modifications",
    tag = "Demandes",
    params(("id" = i64, Path, description = "Numéro"), ("point" = i64, Path, description = "Numéro du point")),
    request_body = PointAnswer,
    responses((status = 200, description = "Tous les points", body = Vec<ChangePoint>))
)]
#[patch("/enrollments/{id}/points/{point}")]
pub async fn answer(
    state: web::Data<AppState>,
    actor: Actor,
    path: web::Path<(EnrollmentId, PointId)>,
    Body(answer): Body<PointAnswer>,
) -> Result<HttpResponse> {
    let (id, point) = path.into_inner();
    let points = actor.write(&state, move |tx| points::answer(tx, id, point, &answer)).await?;
    Ok(HttpResponse::Ok().json(points))
}
