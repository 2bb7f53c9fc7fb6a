//! What could not be delivered, for administrators: looked at, tried again.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use shared::api::Page;
use shared::outbox::{MailSender, OutboxMessage, Retried};
use utoipa::IntoParams;

use super::input::{self, Query};
use crate::auth::Administrator;
use crate::connection::page;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::models::outbox::queue::{self, Failures};
use crate::state::AppState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutboxQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
    limit: Option<i64>,
}

/// The messages whose delivery fails, or was given up, newest first.
#[utoipa::path(
    summary = "Lister les envois en échec (administrateur)",
    tag = "Administration",
    params(OutboxQuery),
    responses((status = 200, body = Page<OutboxMessage>))
)]
#[get("/outbox")]
pub async fn list(
    state: web::Data<AppState>,
    _: Administrator,
    Query(query): Query<OutboxQuery>,
) -> Result<HttpResponse> {
    let limit = page::limit(query.limit)?;
    let before = input::uuid_cursor(query.cursor)?;
    let rows = state.db.read(move |c| Ok(queue::failing(c, before.as_deref(), limit + 1)?)).await?;
    let (items, next) = page::cut(rows, limit, |message| message.id.clone());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// The senders of our mails, and whether Mailjet delivers their mails; none where mails leave by another way.
#[utoipa::path(
    summary = "Savoir si Mailjet a validé l’expéditeur des courriels (administrateur)",
    tag = "Administration",
    responses((status = 200, body = Vec<MailSender>))
)]
#[get("/outbox/senders")]
pub async fn senders(state: web::Data<AppState>, _: Administrator) -> Result<HttpResponse> {
    let senders = state.mailer.senders(&state.config.mail_from).await;
    Ok(HttpResponse::Ok().json(senders.map_err(|error| Error::BadGateway(error.reason))?))
}

/// Tries one of them again, now.
#[utoipa::path(
    summary = "Réessayer un envoi en échec (administrateur)",
    tag = "Administration",
    params(("id" = String, Path, description = "Identifiant de l’envoi")),
    responses((status = 200, body = Retried))
)]
#[post("/outbox/{id}/retry")]
pub async fn retry(state: web::Data<AppState>, _: Administrator, id: web::Path<String>) -> Result<HttpResponse> {
    let count = state.db.write(move |c| Ok(queue::retry(c, Failures::One(&id), now().naive_utc())?)).await?;
    if count == 0 {
        return Err(Error::NotFound);
    }
    Ok(HttpResponse::Ok().json(Retried { count }))
}

/// Tries all of them again, now.
#[utoipa::path(
    summary = "Réessayer tous les envois en échec (administrateur)",
    tag = "Administration",
    responses((status = 200, body = Retried))
)]
#[post("/outbox/retry")]
pub async fn retry_all(state: web::Data<AppState>, _: Administrator) -> Result<HttpResponse> {
    let count = state.db.write(|c| Ok(queue::retry(c, Failures::All, now().naive_utc())?)).await?;
    Ok(HttpResponse::Ok().json(Retried { count }))
}
