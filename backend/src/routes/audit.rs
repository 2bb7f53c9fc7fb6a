//! The audit log, for administrators.

use actix_web::{HttpResponse, get, web};
use chrono::{Days, NaiveDate, NaiveTime};
use serde::Deserialize;
use shared::api::Page;
use shared::audit::AuditEntry;
use utoipa::IntoParams;

use super::input::Query;
use crate::auth::Administrator;
use crate::connection::page::{self, Cursor};
use crate::connection::search;
use crate::error::Result;
use crate::models::audit::{self, AuditQuery};
use crate::state::AppState;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditListQuery {
    /// E-mail address of who did it, or of the administrator who acted for them.
    #[serde(default)]
    email: String,
    /// The sort of thing: `enrollment`, `user`…
    #[serde(default)]
    object: String,
    /// Its number.
    #[serde(default)]
    object_id: String,
    /// What was done: `enrollment.show`…
    #[serde(default)]
    action: String,
    /// The day, in universal time.
    day: Option<NaiveDate>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
    limit: Option<i64>,
}

/// Who did or read what, newest first.
#[utoipa::path(
    summary = "Lire le journal (administrateur)",
    tag = "Journal",
    params(AuditListQuery),
    responses((status = 200, body = Page<AuditEntry>))
)]
#[get("/audit")]
pub async fn list(
    state: web::Data<AppState>,
    _: Administrator,
    Query(query): Query<AuditListQuery>,
) -> Result<HttpResponse> {
    let text = |parameter: &str, text: &str| {
        search::asked(parameter, text).map(|text| Some(text).filter(|text| !text.is_empty()))
    };
    let limit = page::limit(query.limit)?;
    let period = query.day.and_then(|day| {
        let next = day.checked_add_days(Days::new(1))?;
        Some((day.and_time(NaiveTime::MIN), next.and_time(NaiveTime::MIN)))
    });
    let wanted = AuditQuery {
        email: text("email", query.email.trim())?.map(|email| email.to_lowercase()),
        object: text("object", &query.object)?,
        object_id: text("object_id", &query.object_id)?,
        action: text("action", &query.action)?,
        period,
        before: query.cursor.as_deref().map(Cursor::decode).transpose()?.map(|cursor| cursor.id),
        limit: limit + 1,
    };
    let rows = state.db.read(move |connection| Ok(audit::list(connection, &wanted)?)).await?;
    let (items, next) = page::cut(rows, limit, |entry| Cursor { key: String::new(), id: entry.id }.encode());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}
