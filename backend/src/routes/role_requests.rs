//! Roles that people ask for: by those who ask, and by those who give them.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, post, put, web};
use shared::role_request::{NewRoleRequest, RoleRequest, RoleRequestAnswer};

use super::input::Body;
use crate::administration::role_requests;
use crate::auth::{Actor, Caller};
use crate::error::Result;
use crate::ids::RoleRequestId;
use crate::state::AppState;

/// The roles that one has asked for, newest first, with what became of them.
#[utoipa::path(
    summary = "Lister les rôles que l’on a demandés",
    tag = "Personnes",
    responses((status = 200, body = Vec<RoleRequest>))
)]
#[get("/me/role_requests")]
pub async fn own(caller: Caller) -> Result<HttpResponse> {
    let requests = caller.read(role_requests::own).await?;
    Ok(HttpResponse::Ok().json(requests))
}

/// Asks for a role, of an API or of a provider. Administrators and the managers of the API are told by mail. One’s address
/// and one’s membership of an organisation must be verified.
#[utoipa::path(
    summary = "Demander un rôle",
    tag = "Personnes",
    request_body = NewRoleRequest,
    responses((status = 201, description = "Ce qui est demandé", body = RoleRequest))
)]
#[post("/me/role_requests")]
pub async fn ask(state: web::Data<AppState>, actor: Actor, Body(new): Body<NewRoleRequest>) -> Result<HttpResponse> {
    let request = actor.write(&state, move |tx| role_requests::ask(tx, &new)).await?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(request))
}

/// Takes back what one has asked for, as long as nobody has answered.
#[utoipa::path(
    summary = "Retirer sa demande de rôle",
    tag = "Personnes",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, description = "Ce qui était demandé", body = RoleRequest))
)]
#[delete("/me/role_requests/{id}")]
pub async fn withdraw(state: web::Data<AppState>, actor: Actor, id: web::Path<RoleRequestId>) -> Result<HttpResponse> {
    let request = actor.write(&state, move |tx| role_requests::withdraw(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(request))
}

/// The roles that wait for the caller’s answer, oldest first, at most 100: all of them for an administrator; for a manager,
/// those of instructor, reporter and subscriber of their APIs.
#[utoipa::path(
    summary = "Lister les demandes de rôle en attente (administrateur, gestionnaire)",
    tag = "Personnes",
    responses((status = 200, body = Vec<RoleRequest>))
)]
#[get("/users/role_requests")]
pub async fn waiting(caller: Caller) -> Result<HttpResponse> {
    let requests = caller.read(role_requests::waiting).await?;
    Ok(HttpResponse::Ok().json(requests))
}

/// Gives a role that was asked for, or refuses it with a reason. Who asked is told by mail. Nobody answers themselves.
#[utoipa::path(
    summary = "Donner ou refuser un rôle demandé (administrateur, gestionnaire)",
    tag = "Personnes",
    params(("id" = i64, Path, description = "Numéro")),
    request_body = RoleRequestAnswer,
    responses((status = 200, description = "Ce qui était demandé, avec la réponse", body = RoleRequest))
)]
#[put("/users/role_requests/{id}")]
pub async fn answer(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<RoleRequestId>,
    Body(new): Body<RoleRequestAnswer>,
) -> Result<HttpResponse> {
    let request = actor.write(&state, move |tx| role_requests::answer(tx, *id, &new)).await?;
    Ok(HttpResponse::Ok().json(request))
}
