//! The audit log, for administrators.

use actix_web::{HttpResponse, get, web};
use chrono::{Days, NaiveDate, NaiveTime};
use serde::Deserialize;
use shared::api::Page;
use shared::audit::AuditEntry;
use utoipa::IntoParams;

use super::enrollments::search_of;
use super::users::administrator;
use crate::app::State;
use crate::auth::Actor;
use crate::db::page::{self, Cursor};
use crate::error::Result;
use crate::models::audit::{self, AuditQuery};

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
    state: web::Data<State>,
    Actor(user): Actor,
    query: web::Query<AuditListQuery>,
) -> Result<HttpResponse> {
    administrator(&user)?;
    let query = query.into_inner();
    let text = |text: &str| Ok::<_, crate::error::Error>(Some(search_of(text)?).filter(|text| !text.is_empty()));
    let limit = page::limit(query.limit)?;
    let period = query.day.and_then(|day| {
        let next = day.checked_add_days(Days::new(1))?;
        Some((day.and_time(NaiveTime::MIN), next.and_time(NaiveTime::MIN)))
    });
    let wanted = AuditQuery {
        email: text(query.email.trim())?.map(|email| email.to_lowercase()),
        object: text(&query.object)?,
        object_id: text(&query.object_id)?,
        action: text(&query.action)?,
        period,
        before: query.cursor.as_deref().map(Cursor::decode).transpose()?.map(|cursor| cursor.id),
        limit: limit + 1,
    };
    let mut items = state.db.read(move |connection| Ok(audit::list(connection, &wanted)?)).await?;
    let length = usize::try_from(limit).unwrap_or_default();
    let more = items.len() > length;
    items.truncate(length);
    let next = items.last().filter(|_| more).map(|entry| Cursor { key: String::new(), id: entry.id }.encode());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}
