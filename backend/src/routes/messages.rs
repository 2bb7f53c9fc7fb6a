//! Messages between applicant and instructors, and the notes of the administration.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use shared::message::{Message, NewMessage};

use super::input::Body;
use crate::auth::{Actor, Caller};
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::state::AppState;
use crate::transition::conversation;

/// What was written about an enrollment, oldest first. Notes are only for instructors and reporters.
#[utoipa::path(
    summary = "Lire les messages d’une demande, et ses notes internes",
    tag = "Messages",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, body = Vec<Message>))
)]
#[get("/enrollments/{id}/messages")]
pub async fn list(caller: Caller, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let messages = caller.read(move |tx| conversation::messages(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(messages))
}

/// Writes a message to the other side, or a note.
#[utoipa::path(
    summary = "Écrire un message ou une note interne",
    tag = "Messages",
    params(("id" = i64, Path, description = "Numéro")),
    request_body = NewMessage,
    responses((status = 201, description = "Tous les messages", body = Vec<Message>))
)]
#[post("/enrollments/{id}/messages")]
pub async fn write(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    Body(new): Body<NewMessage>,
) -> Result<HttpResponse> {
    let messages = actor.write(&state, move |tx| conversation::write(tx, *id, &new)).await?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(messages))
}

/// Marks what was written to the caller's side as read.
#[utoipa::path(
    summary = "Marquer comme lus les messages reçus",
    tag = "Messages",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, description = "Tous les messages", body = Vec<Message>))
)]
#[post("/enrollments/{id}/messages/read")]
pub async fn mark_read(state: web::Data<AppState>, actor: Actor, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let messages = actor.write(&state, move |tx| conversation::mark_read(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(messages))
}
