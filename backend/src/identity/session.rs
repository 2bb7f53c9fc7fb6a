//! Sessions at the provider: so that one password serves every client (single sign-on). Apart from those of DataPass,
//! which is a client like any other.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;

use crate::app::State;
use crate::auth::{self, cookie, secret};
use crate::db::types::now;
use crate::error::Result;
use crate::models::provider::{self, NewSession, Session};

/// Absolute life of a session, in hours: a working day.
const LIFETIME_HOURS: i64 = 12;

const NAME: &str = "datapass_provider";

/// The session of the browser, if there is one.
pub async fn current(request: &HttpRequest, state: &State) -> Result<Option<Session>> {
    let Some(id_hash) = id_hash(request, state) else { return Ok(None) };
    state.db.read(move |connection| Ok(provider::find_session(connection, &id_hash, now().naive_utc())?)).await
}

/// Opens a session for who has just given their password, and perhaps a code of their second factor, ends the one that
/// the browser had, and returns the cookie. Always a new id, so that nobody can plant one beforehand.
pub async fn open(
    request: &HttpRequest,
    state: &State,
    account_id: i64,
    second_factor: bool,
) -> Result<(Session, Cookie<'static>)> {
    let id = secret::new()?;
    let authenticated_at = now().naive_utc();
    let row = NewSession {
        id_hash: secret::hash(&id),
        account_id,
        authenticated_at,
        second_factor,
        expires_at: authenticated_at + chrono::Duration::hours(LIFETIME_HOURS),
        device: auth::session::device_of(request),
    };
    let old = id_hash(request, state);
    state
        .db
        .write(move |connection| {
            if let Some(old) = old {
                provider::close_session(connection, &old)?;
            }
            Ok(provider::open_session(connection, &row)?)
        })
        .await?;
    let session = Session { account_id, authenticated_at, second_factor, siret: None };
    Ok((session, cookie::new(state, NAME, id, Some(Duration::hours(LIFETIME_HOURS)))))
}

/// Ends the session of the browser and returns the cookie that clears its own.
pub async fn close(request: &HttpRequest, state: &State) -> Result<Cookie<'static>> {
    if let Some(id_hash) = id_hash(request, state) {
        state.db.write(move |connection| Ok(provider::close_session(connection, &id_hash)?)).await?;
    }
    Ok(no_cookie(state))
}

/// The cookie that clears the browser's own.
pub fn no_cookie(state: &State) -> Cookie<'static> {
    cookie::new(state, NAME, String::new(), Some(Duration::ZERO))
}

/// Hash of the cookie that the browser sent.
pub fn id_hash(request: &HttpRequest, state: &State) -> Option<String> {
    Some(secret::hash(&cookie::read(request, state, NAME)?))
}
