//! The public figures, for everybody and every site.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use shared::stats::Statistics;
use utoipa::IntoParams;

use super::input::Query;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::page;
use crate::state::AppState;
use crate::statistics::{self, Asked, Table};

/// Whose figures, of when, and which table.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// Only this API.
    #[param(example = "api_particulier")]
    target_api: Option<String>,
    /// Only the APIs of this provider, by its id in the policies.
    #[param(example = "dinum")]
    provider: Option<String>,
    /// The first month.
    #[param(example = "2026-01")]
    from: Option<String>,
    /// The last month.
    #[param(example = "2026-12")]
    to: Option<String>,
    /// Which table.
    #[param(inline)]
    table: Table,
}

/// The figures. What each means is in `definitions`. Public: it is read from any site, and kept for a minute.
#[utoipa::path(
    summary = "Lire les statistiques",
    tag = "Statistiques",
    params(Asked, ("If-None-Match" = Option<String>, Header, description = "ETag des statistiques déjà lues")),
    responses((status = 200, body = Statistics), (status = 304, description = "Rien n’a changé"))
)]
#[get("/stats")]
pub async fn show(
    state: web::Data<AppState>,
    request: HttpRequest,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse> {
    let statistics = read(&state, asked).await?;
    let body = serde_json::to_vec(&statistics).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(open_to_all(&request, "application/json", None, body))
}

/// One table of the figures, as a file.
#[utoipa::path(
    summary = "Exporter un tableau des statistiques, en CSV",
    tag = "Statistiques",
    params(TableQuery, ("If-None-Match" = Option<String>, Header, description = "ETag du tableau déjà lu")),
    responses((status = 200, content_type = "text/csv"), (status = 304, description = "Rien n’a changé"))
)]
#[get("/stats.csv")]
pub async fn table(
    state: web::Data<AppState>,
    request: HttpRequest,
    Query(query): Query<TableQuery>,
) -> Result<HttpResponse> {
    let TableQuery { target_api, provider, from, to, table } = query;
    let statistics = read(&state, Asked { target_api, provider, from, to }).await?;
    let body = statistics::csv(&statistics, table)?;
    Ok(open_to_all(&request, "text/csv; charset=utf-8", Some(table.name()), body))
}

async fn read(state: &AppState, asked: Asked) -> Result<Statistics> {
    let policies = state.policies.clone();
    state.db.read(move |connection| statistics::read(connection, &policies, &asked, now())).await
}

/// An answer that pages of any site may read, unless the caller has it already.
fn open_to_all(request: &HttpRequest, media_type: &str, file: Option<&str>, body: Vec<u8>) -> HttpResponse {
    let tag = page::tag(&body);
    let is_known = page::is_known(request, &tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .insert_header(header::ETag(tag));
    if is_known {
        return response.finish();
    }
    if let Some(file) = file {
        let name = format!("attachment; filename=\"statistiques-{file}.csv\"");
        response.insert_header((header::CONTENT_DISPOSITION, name));
    }
    response.content_type(media_type).body(body)
}
