//! Browser sessions: rows behind an opaque cookie, so that they can be ended from here.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;

use super::{cookie, secret};
use crate::app::State;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::{Error, Result};
use crate::models::session::{self, NewSession, Signed};

/// Absolute life of a session, in hours: a working day.
const LIFETIME_HOURS: i64 = 12;

const NAME: &str = "datapass_session";

/// The session id that the browser sent.
pub fn id_of(request: &HttpRequest, state: &State) -> Option<String> {
    cookie::read(request, state, NAME)
}

/// Who is signed in, if the session is still valid.
///
/// # Errors
/// The database's.
pub async fn find(state: &State, id: &str) -> Result<Option<Signed>> {
    let id_hash = secret::hash(id);
    state.db.read(move |connection| Ok(session::find(connection, &id_hash, now().naive_utc())?)).await
}

/// Gives the browser's session a new id, while `change` has it change sides; returns who is signed in now, and the cookie.
///
/// # Errors
/// There is no session (401); what `change` returns; no randomness.
pub async fn turn(
    state: &State,
    request: &HttpRequest,
    change: impl FnOnce(&mut AnyConnection, &str, &str) -> Result<()> + Send + 'static,
) -> Result<(Option<Signed>, Cookie<'static>)> {
    let old_hash = secret::hash(&id_of(request, state).ok_or(Error::Unauthorized)?);
    let id = secret::new()?;
    let new_hash = secret::hash(&id);
    let turned = state.db.write(move |connection| {
        change(connection, &old_hash, &new_hash)?;
        Ok(session::find(connection, &new_hash, now().naive_utc())?)
    });
    Ok((turned.await?, cookie::new(state, NAME, id, Some(Duration::hours(LIFETIME_HOURS)))))
}

/// Opens a session and returns its cookie. Always a new id, so that nobody can plant one beforehand.
///
/// # Errors
/// The database's, or no randomness.
pub async fn open(state: &State, user_id: i64, id_token: String) -> Result<Cookie<'static>> {
    let id = secret::new()?;
    let created_at = now().naive_utc();
    let row = NewSession {
        id_hash: secret::hash(&id),
        user_id,
        id_token,
        created_at,
        expires_at: created_at + chrono::Duration::hours(LIFETIME_HOURS),
    };
    state.db.write(move |connection| Ok(session::insert(connection, &row)?)).await?;
    Ok(cookie::new(state, NAME, id, Some(Duration::hours(LIFETIME_HOURS))))
}

/// Ends a session; returns the ID token that it was opened with and the cookie that clears the browser's.
///
/// # Errors
/// The database's.
pub async fn close(state: &State, id: &str) -> Result<(Option<String>, Cookie<'static>)> {
    let id_hash = secret::hash(id);
    let id_token = state.db.write(move |connection| Ok(session::delete(connection, &id_hash)?)).await?;
    Ok((id_token, cookie::new(state, NAME, String::new(), Some(Duration::ZERO))))
}
