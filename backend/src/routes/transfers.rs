//! The transfer of a request to a colleague of its applicant: offered, asked for, moved, answered, taken back.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, post, put, web};
use shared::transfer::{AwaitedTransfer, NewTransfer, Transfer, TransferAnswer, TransferKind};

use super::input::Body;
use crate::auth::{Actor, Caller};
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::state::AppState;
use crate::trail;
use crate::transition::transfer;

/// Where the transfer of a request stands, for those whom it concerns: the applicant and their verified colleagues, who it
/// is offered to, the instructors, the administrators. It says nothing of the content of the request to who does not read
/// it.
#[utoipa::path(
    summary = "Lire où en est le transfert d’une demande",
    tag = "Transferts",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, body = Transfer))
)]
#[get("/enrollments/{id}/transfer")]
pub async fn show(caller: Caller, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let transfer = caller.read(move |tx| transfer::show(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(transfer))
}

/// The transfers that the caller is to answer, the oldest first.
#[utoipa::path(
    summary = "Lister les transferts auxquels on doit répondre",
    tag = "Transferts",
    responses((status = 200, body = Vec<AwaitedTransfer>))
)]
#[get("/me/transfers")]
pub async fn awaited(caller: Caller) -> Result<HttpResponse> {
    let awaited = caller.read(transfer::awaited).await?;
    Ok(HttpResponse::Ok().json(awaited))
}

/// Offers a request to a colleague, asks for it, or gives it to somebody at once.
#[utoipa::path(
    summary = "Proposer une demande à un collègue, en demander le transfert, ou la transférer (administrateur)",
    tag = "Transferts",
    params(("id" = i64, Path, description = "Numéro")),
    request_body = NewTransfer,
    responses((status = 201, description = "Où en est le transfert", body = Transfer))
)]
#[post("/enrollments/{id}/transfer")]
pub async fn begin(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    Body(new): Body<NewTransfer>,
) -> Result<HttpResponse> {
    trail::name(match new.kind {
        TransferKind::Offer => "enrollment.offer_transfer",
        TransferKind::Ask => "enrollment.ask_transfer",
        TransferKind::Move => "enrollment.transfer",
    });
    let transfer = actor.write(&state, move |tx| transfer::begin(tx, *id, &new)).await?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(transfer))
}

/// Answers what waits: who it is offered to, the applicant who is asked, or the administration once the applicant has let
/// ten working days pass.
#[utoipa::path(
    summary = "Accepter ou refuser un transfert",
    tag = "Transferts",
    params(("id" = i64, Path, description = "Numéro")),
    request_body = TransferAnswer,
    responses((status = 200, description = "Où en est le transfert", body = Transfer))
)]
#[put("/enrollments/{id}/transfer")]
pub async fn answer(
    state: web::Data<AppState>,
    actor: Actor,
    id: web::Path<EnrollmentId>,
    Body(new): Body<TransferAnswer>,
) -> Result<HttpResponse> {
    trail::name(if new.accept { "enrollment.accept_transfer" } else { "enrollment.refuse_transfer" });
    let transfer = actor.write(&state, move |tx| transfer::answer(tx, *id, &new)).await?;
    Ok(HttpResponse::Ok().json(transfer))
}

/// Takes back what one has offered or asked, as long as nobody has answered.
#[utoipa::path(
    summary = "Retirer le transfert que l’on a proposé ou demandé",
    tag = "Transferts",
    params(("id" = i64, Path, description = "Numéro")),
    responses((status = 200, description = "Où en est le transfert", body = Transfer))
)]
#[delete("/enrollments/{id}/transfer")]
pub async fn withdraw(state: web::Data<AppState>, actor: Actor, id: web::Path<EnrollmentId>) -> Result<HttpResponse> {
    let transfer = actor.write(&state, move |tx| transfer::withdraw(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(transfer))
}
