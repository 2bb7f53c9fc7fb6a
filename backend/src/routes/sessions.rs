//! The browsers where one is signed in, and what signing in asks for.

use actix_web::{HttpRequest, HttpResponse, delete, get, web};
use shared::access::{BrowserSession, SecondFactor};

use crate::auth::Oneself;
use crate::connection::AnyConnection;
use crate::connection::types::{now, utc};
use crate::error::{Error, Result};
use crate::identity::{self, Here};
use crate::ids::UserId;
use crate::models::session;
use crate::state::AppState;

/// One's own sessions, this one first, then the one last used.
#[utoipa::path(
    summary = "Lister ses sessions ouvertes",
    tag = "Mon compte",
    responses((status = 200, body = Vec<BrowserSession>))
)]
#[get("/me/sessions")]
pub async fn list(state: web::Data<AppState>, Oneself(user_id, here): Oneself) -> Result<HttpResponse> {
    let sessions = state.db.read(move |connection| open(connection, user_id, &here.public_id)).await?;
    Ok(HttpResponse::Ok().json(sessions))
}

/// Ends one of one's sessions, at once, with the one at the embedded identity provider that it was opened from.
#[utoipa::path(
    summary = "Mettre fin à une de ses sessions",
    tag = "Mon compte",
    params(("id" = String, Path, description = "`id` de la session")),
    responses((status = 200, description = "Celles qui restent", body = Vec<BrowserSession>))
)]
#[delete("/me/sessions/{id}")]
pub async fn end(
    request: HttpRequest,
    state: web::Data<AppState>,
    Oneself(user_id, here): Oneself,
    id: web::Path<String>,
) -> Result<HttpResponse> {
    let browser = Here::of(&request, &state);
    let left = state.db.write(move |connection| {
        identity::end_session(connection, user_id, &id, &browser)?;
        open(connection, user_id, &here.public_id)
    });
    Ok(HttpResponse::Ok().json(left.await?))
}

/// Ends all of one's sessions but this one, those at the embedded identity provider and the services that it signs one in to too,
/// and disconnects one's tools, at once.
#[utoipa::path(
    summary = "Se déconnecter partout ailleurs, outils compris",
    tag = "Mon compte",
    responses((status = 200, description = "Celle qui reste", body = Vec<BrowserSession>))
)]
#[delete("/me/sessions")]
pub async fn end_others(
    request: HttpRequest,
    state: web::Data<AppState>,
    Oneself(user_id, here): Oneself,
) -> Result<HttpResponse> {
    let browser = Here::of(&request, &state);
    let left = state.db.write(move |connection| {
        identity::end_other_sessions(connection, user_id, &here.public_id, &browser, now().naive_utc())?;
        open(connection, user_id, &here.public_id)
    });
    Ok(HttpResponse::Ok().json(left.await?))
}

/// Where one's second factor stands. Not found where another identity provider than the embedded one signs one in.
#[utoipa::path(
    summary = "Lire l’état de son second facteur",
    tag = "Mon compte",
    responses((status = 200, body = SecondFactor))
)]
#[get("/me/second_factor")]
pub async fn second_factor(state: web::Data<AppState>, Oneself(user_id, _): Oneself) -> Result<HttpResponse> {
    let found = identity::second_factor_of(&state, user_id).await?;
    Ok(HttpResponse::Ok().json(found.ok_or(Error::NotFound)?))
}

fn open(connection: &mut AnyConnection, user_id: UserId, here: &str) -> Result<Vec<BrowserSession>> {
    let open = session::of_user(connection, user_id, now().naive_utc())?;
    let sessions = open.into_iter().map(|open| BrowserSession {
        is_current: open.public_id == here,
        id: open.public_id,
        device: open.device,
        created_at: utc(open.created_at),
        last_seen_at: utc(open.last_seen_at),
    });
    let mut sessions: Vec<_> = sessions.collect();
    sessions.sort_by_key(|session| !session.is_current);
    Ok(sessions)
}
