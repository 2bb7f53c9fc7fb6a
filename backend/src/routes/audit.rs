//! The audit log, for administrators.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, Utc};
use serde::Deserialize;
use shared::api::Page;
use shared::audit::AuditEntry;
use shared::calendar::{begin_in_paris, paris};
use shared::problem::ItemCode;
use utoipa::IntoParams;

use super::input::Query;
use crate::administration::journal;
use crate::auth::Administrator;
use crate::connection::page::{self, Cursor};
use crate::connection::search;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::export;
use crate::ids::UserId;
use crate::models::audit::AuditQuery;
use crate::state::AppState;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditListQuery {
    /// Part of the name or of the e-mail address of who did it, of the administrator who acted for them, or of whom it is
    /// about.
    #[serde(default)]
    person: String,
    /// The sort of thing: `enrollment`, `user`…
    #[serde(default)]
    object: String,
    /// Its number.
    #[serde(default)]
    object_id: String,
    /// What was done: `enrollment.show`…
    #[serde(default)]
    action: String,
    /// The first day, in Paris.
    from: Option<NaiveDate>,
    /// The last day, in Paris.
    until: Option<NaiveDate>,
    /// `false`: without what only reads, unless it was refused.
    #[serde(default = "all")]
    reads: bool,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 100.
    #[param(minimum = 1)]
    limit: Option<i64>,
}

const fn all() -> bool {
    true
}

impl AuditListQuery {
    /// What to read, `limit` rows of it.
    fn checked(&self, limit: i64) -> Result<AuditQuery> {
        let text = |parameter: &str, text: &str| {
            search::asked(parameter, text).map(|text| Some(text).filter(|text| !text.is_empty()))
        };
        if self.from.is_some_and(|from| self.until.is_some_and(|until| until < from)) {
            let detail = "Le dernier jour précède le premier.";
            return Err(Error::parameter("until", ItemCode::OutOfRange, detail));
        }
        let next = |day: NaiveDate| day.checked_add_days(Days::new(1));
        let before = self.cursor.as_deref().map(Cursor::decode).transpose()?;
        Ok(AuditQuery {
            person: text("person", self.person.trim())?.map(|person| person.to_lowercase()),
            object: text("object", &self.object)?,
            object_id: text("object_id", &self.object_id)?,
            action: text("action", &self.action)?,
            from: time("from", self.from, begin_in_paris)?,
            until: time("until", self.until, |day| next(day).and_then(begin_in_paris))?,
            without_reads: !self.reads,
            before: before.map(|cursor| cursor.id),
            limit,
        })
    }
}

/// A time of a day that the databases know.
fn time(
    parameter: &str,
    day: Option<NaiveDate>,
    time: impl Fn(NaiveDate) -> Option<DateTime<Utc>>,
) -> Result<Option<NaiveDateTime>> {
    let Some(day) = day else { return Ok(None) };
    let known = Some(day).filter(|day| (1970..=9999).contains(&day.year())).and_then(time);
    let known = known
        .ok_or_else(|| Error::parameter(parameter, ItemCode::OutOfRange, "Indiquez un jour des années 1970 à 9999."))?;
    Ok(Some(known.naive_utc()))
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
    let limit = page::limit(query.limit)?;
    let wanted = query.checked(limit + 1)?;
    let policies = state.policies.current();
    let rows = state.db.read(move |connection| journal::page(connection, &policies, &wanted)).await?;
    let (items, next) = page::cut(rows, limit, |entry| Cursor { key: String::new(), id: entry.id }.encode());
    Ok(HttpResponse::Ok().json(Page { items, next }))
}

/// The same entries, all of them, as a file.
#[utoipa::path(
    summary = "Exporter le journal en CSV (administrateur)",
    tag = "Journal",
    params(AuditListQuery),
    responses((status = 200, body = String, content_type = "text/csv"))
)]
#[get("/audit.csv")]
pub async fn export_list(
    state: web::Data<AppState>,
    Administrator(user): Administrator,
    Query(query): Query<AuditListQuery>,
) -> Result<HttpResponse> {
    page::limit(query.limit)?;
    let wanted = query.checked(0)?;
    let bytes = export::journal::begin(state.into_inner(), UserId::of(&user), wanted)?;
    Ok(HttpResponse::Ok()
        .content_type(export::FileType::Csv.media_type())
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"journal-{}.csv\"", paris(now()).format("%Y-%m-%d")),
        ))
        .streaming(bytes))
}
