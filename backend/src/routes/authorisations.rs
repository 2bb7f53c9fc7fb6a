//! Authorisations: the public register, as a list and as open data, and one of them for those who may read its request.

use actix_web::http::header::{self, EntityTag};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get, web};
use chrono::{DateTime, Utc};
use shared::api::Page;
use shared::enrollment::Authorisation;
use shared::register::PublicRow;

use super::input::Query;
use crate::auth::Caller;
use crate::connection::types::utc;
use crate::error::Result;
use crate::ids::AuthorisationId;
use crate::models::authorisation::public;
use crate::register::files::{self, Format};
use crate::register::{self, RegisterQuery};
use crate::state::AppState;
use crate::{page, transition};

/// How many grants, and how many revocations, the feed holds.
const FEED_ENTRIES: i64 = 50;

/// The register: authorisations of one state, those in force if no other is asked for, newest first. Public (CRPA, article
/// L114-8).
#[utoipa::path(
    summary = "Lister les habilitations",
    operation_id = "public",
    tag = "Habilitations publiques",
    params(RegisterQuery),
    responses((status = 200, body = Page<PublicRow>))
)]
#[get("/enrollments/public")]
pub async fn public_list(state: web::Data<AppState>, Query(query): Query<RegisterQuery>) -> Result<HttpResponse> {
    let query = query.page(&state.policies)?;
    let (mut items, next) = state.db.read(move |connection| Ok(public::list(connection, &query)?)).await?;
    let policies = state.policies.current();
    items.iter_mut().for_each(|row| register::name(row, &policies));
    Ok(HttpResponse::Ok().json(Page { items, next: next.map(|cursor| cursor.encode()) }))
}

/// The register as CSV (RFC 4180, commas, UTF-8): the columns of the State's data set « habilitations-datapass-validees », then
/// ours. With an ETag; whoever has it is told so.
#[utoipa::path(
    summary = "Télécharger les habilitations en CSV",
    tag = "Habilitations publiques",
    params(RegisterQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = 304, description = "Rien de nouveau"))
)]
#[get("/enrollments/public.csv")]
pub async fn public_csv(
    state: web::Data<AppState>,
    request: HttpRequest,
    Query(query): Query<RegisterQuery>,
) -> Result<HttpResponse> {
    file(&state, &request, &query, Format::Csv).await
}

/// The register as JSON: one array, with the data that each authorisation grants.
#[utoipa::path(
    summary = "Télécharger les habilitations en JSON",
    tag = "Habilitations publiques",
    params(RegisterQuery),
    responses(
        (status = 200, content_type = "application/json", body = Vec<PublicRow>),
        (status = 304, description = "Rien de nouveau")
    )
)]
#[get("/enrollments/public.json")]
pub async fn public_json(
    state: web::Data<AppState>,
    request: HttpRequest,
    Query(query): Query<RegisterQuery>,
) -> Result<HttpResponse> {
    file(&state, &request, &query, Format::Json).await
}

/// The schema of the CSV (Table Schema), for schema.data.gouv.fr and whoever checks the file.
#[utoipa::path(
    summary = "Lire le schéma du CSV des habilitations",
    tag = "Habilitations publiques",
    responses((status = 200, description = "Table Schema", content_type = "application/json", body = Object))
)]
#[get("/enrollments/public/schema.json")]
pub async fn public_schema(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().json(files::schema(&state.public_url))
}

/// The latest grants and revocations, as a feed (Atom, RFC 4287).
#[utoipa::path(
    summary = "Suivre les habilitations délivrées et révoquées (Atom)",
    tag = "Habilitations publiques",
    responses(
        (status = 200, content_type = "application/atom+xml", body = String),
        (status = 304, description = "Rien de nouveau")
    )
)]
#[get("/enrollments/public.atom")]
pub async fn public_feed(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse> {
    let latest = |connection: &mut _| Ok((public::latest(connection, FEED_ENTRIES)?, public::last_change(connection)?));
    let ((mut granted, mut revoked), changed) = state.db.read(latest).await?;
    let policies = state.policies.current();
    granted.iter_mut().chain(&mut revoked).for_each(|row| register::name(row, &policies));
    let body = files::atom(&state.public_url, &granted, &revoked);
    let tag = page::tag(body.as_bytes());
    let mut response = validators(&request, &tag, changed.map_or(DateTime::UNIX_EPOCH, utc));
    if page::is_known(&request, &tag) {
        return Ok(response.finish());
    }
    Ok(response.content_type("application/atom+xml; charset=utf-8").body(body))
}

/// An answer that tells what it is a version of: 304 where the caller has that one.
fn validators(request: &HttpRequest, tag: &EntityTag, changed: DateTime<Utc>) -> HttpResponseBuilder {
    let mut response = if page::is_known(request, tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(header::ETag(tag.clone())).insert_header((header::CACHE_CONTROL, "no-cache"));
    response.insert_header((header::LAST_MODIFIED, page::http_date(changed)));
    response
}

/// A part of the register as a file, unless the caller has it as it is: it changes when an authorisation does, or a policy.
async fn file(
    state: &web::Data<AppState>,
    request: &HttpRequest,
    query: &RegisterQuery,
    format: Format,
) -> Result<HttpResponse> {
    let filters = query.filters(&state.policies)?;
    let changed = state.db.read(|connection| Ok(public::last_change(connection)?)).await?;
    let changed = changed.map_or(DateTime::UNIX_EPOCH, utc);
    let revisions: String = state.policies.current().values().map(|policy| policy.revision.as_str()).collect();
    let tag = page::tag(format!("{format:?} {filters:?} {changed} {revisions}").as_bytes());
    let mut response = validators(request, &tag, changed);
    if page::is_known(request, &tag) {
        return Ok(response.finish());
    }
    let (media_type, extension) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Format::Json => ("application/json", "json"),
    };
    let disposition = format!("attachment; filename=\"habilitations.{extension}\"");
    response.insert_header((header::CONTENT_DISPOSITION, disposition));
    let rows = files::stream(state.clone().into_inner(), filters, format)?;
    Ok(response.content_type(media_type).streaming(rows))
}

/// One authorisation, whole, for those who may read its request.
#[utoipa::path(
    summary = "Lire une habilitation",
    tag = "Habilitations",
    params(("id" = i64, Path, description = "Numéro, sans le H")),
    responses((status = 200, body = Authorisation))
)]
#[get("/authorisations/{id}")]
pub async fn show(caller: Caller, id: web::Path<AuthorisationId>) -> Result<HttpResponse> {
    let authorisation = caller.read(move |tx| transition::authorisation(tx, *id)).await?;
    Ok(HttpResponse::Ok().json(authorisation))
}
