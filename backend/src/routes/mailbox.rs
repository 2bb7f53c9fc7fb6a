//! The mails that are kept here while nothing leaves the machine.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use shared::api::{MailboxMessage, Page};
use utoipa::IntoParams;

use crate::app::State;
use crate::auth::Actor;
use crate::db::page;
use crate::email::Mailer;
use crate::error::{Error, Result};
use crate::models::outbox;

/// What part of the mailbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MailboxQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    limit: Option<i64>,
}

/// The mails of a demonstration, newest first. 404 where mails really leave, or where this is no demonstration.
#[utoipa::path(
    summary = "Lire les courriels de la démonstration",
    tag = "Démonstration",
    params(MailboxQuery),
    responses((status = 200, body = Page<MailboxMessage>))
)]
#[get("/mailbox")]
pub async fn list(state: web::Data<State>, _: Actor, query: web::Query<MailboxQuery>) -> Result<HttpResponse> {
    if !state.config.demo || !matches!(state.mailer, Mailer::Mailbox(_)) {
        return Err(Error::NotFound);
    }
    let limit = page::limit(query.limit)?;
    let before = query.cursor.clone();
    if before.as_ref().is_some_and(|id| uuid::Uuid::parse_str(id).is_err()) {
        return Err(Error::BadRequest("cursor\u{a0}: cette valeur ne vient pas d’une page précédente.".to_owned()));
    }
    let mut items = state.db.read(move |c| Ok(outbox::kept(c, before.as_deref(), limit + 1)?)).await?;
    let length = usize::try_from(limit).unwrap_or_default();
    let more = items.len() > length;
    items.truncate(length);
    let next = items.last().filter(|_| more).map(|message| message.id.clone());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}
