//! Opinions that instructors ask of those who report on a request.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, post, put, web};
use shared::opinion::{Candidate, ExpectedOpinion, NewAnswer, NewOpinion, Opinion};

use super::input::Body;
use crate::auth::{Actor, Caller};
use crate::error::Result;
use crate::ids::{EnrollmentId, OpinionId};
use crate::state::AppState;
use crate::transition::opinions;

/// The opinions on a request, oldest first. Only instructors and reporters read them.
#[utoipa::path(
    summary = "Lire les avis sur une demande",
    tag = "Avis",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, body = Vec<Opinion>))
)]
#[get("/enrollments/{id}/opinions")]
pub async fn list(caller: Caller, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let opinions = caller.read(move |tx| opinions::list(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(opinions))
}

/// Whom an instructor may ask.
#[utoipa::path(
    summary = "Lister les personnes et les groupes à qui demander un avis",
    tag = "Avis",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, body = Vec<Candidate>))
)]
#[get("/enrollments/{id}/opinions/candidates")]
pub async fn candidates(caller: Caller, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let candidates = caller.read(move |tx| opinions::candidates(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(candidates))
}

/// Asks for an opinion.
#[utoipa::path(
    summary = "Demander un avis",
    tag = "Avis",
    params(("id" = i64, Path, description = "Numéro")),
    request_body = NewOpinion,
    responses((status = 201, description = "Tous les avis", body = Vec<Opinion>))
)]
#[post("/enrollments/{id}/opinions")]
pub async fn ask(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    Body(new): Body<NewOpinion>,
) -> Result<HttpResponse> {
    let opinions = actor.write(&state, move |tx| opinions::ask(tx, *id, new)).await?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(opinions))
}

/// Gives the opinion that one was asked for. It can be given once.
#[utoipa::path(
    summary = "Rendre un avis",
    tag = "Avis",
    params(("id" = i64, Path, description = "Numéro"), ("opinion" = i64, Path, description = "Numéro de l’avis")),
    request_body = NewAnswer,
    responses((status = 200, description = "Tous les avis", body = Vec<Opinion>))
)]
#[put("/enrollments/{id}/opinions/{opinion}")]
pub async fn answer(
    state: web::Data<AppState>,
    actor: Actor,
    path: web::Path<(EnrollmentId, OpinionId)>,
    Body(new): Body<NewAnswer>,
) -> Result<HttpResponse> {
    let opinions = actor.write(&state, move |tx| opinions::answer(tx, *path, new)).await?;
    Ok(HttpResponse::Ok().json(opinions))
}

/// Takes a question back that nobody has answered.
#[utoipa::path(
    summary = "Retirer une demande d’avis",
    tag = "Avis",
    params(("id" = i64, Path, description = "Numéro"), ("opinion" = i64, Path, description = "Numéro de l’avis")),
    responses((status = 200, description = "Tous les avis", body = Vec<Opinion>))
)]
#[delete("/enrollments/{id}/opinions/{opinion}")]
pub async fn cancel(
    state: web::Data<AppState>,
    actor: Actor,
    path: web::Path<(EnrollmentId, OpinionId)>,
) -> Result<HttpResponse> {
    let opinions = actor.write(&state, move |tx| opinions::cancel(tx, *path)).await?;
    Ok(HttpResponse::Ok().json(opinions))
}

/// The opinions that the caller has still to give, most urgent first.
#[utoipa::path(
    summary = "Lister les avis que l’on doit encore rendre",
    tag = "Avis",
    responses((status = 200, body = Vec<ExpectedOpinion>))
)]
#[get("/opinions")]
pub async fn expected(caller: Caller) -> Result<HttpResponse> {
    let opinions = caller.read(opinions::expected).await?;
    Ok(HttpResponse::Ok().json(opinions))
}
