//! The mails that are kept here while nothing leaves the machine.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use shared::api::{MailboxMessage, Page};
use utoipa::IntoParams;

use super::input::{self, Query};
use crate::auth::Actor;
use crate::connection::page;
use crate::error::{Error, Result};
use crate::models::outbox;
use crate::state::AppState;

/// What part of the mailbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MailboxQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
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
pub async fn list(state: web::Data<AppState>, _: Actor, Query(query): Query<MailboxQuery>) -> Result<HttpResponse> {
    if !state.keeps_mails() {
        return Err(Error::NotFound);
    }
    let limit = page::limit(query.limit)?;
    let before = input::uuid_cursor(query.cursor)?;
    let rows = state.db.read(move |c| Ok(outbox::kept(c, before.as_deref(), limit + 1)?)).await?;
    let (items, next) = page::cut(rows, limit, |message| message.id.clone());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}
