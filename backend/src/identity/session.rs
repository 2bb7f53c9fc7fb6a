//! Sessions at the provider, so that one sign-in serves every client (single sign-on). DataPass has sessions of its own:
//! it is a client like any other.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;

use super::known_browser;
use super::signed_in::SignedIn;
use crate::auth::{self, cookie};
use crate::connection::types::now;
use crate::error::Result;
use crate::ids::AccountId;
use crate::models::account;
use crate::models::provider_session::{self, NewProviderSession, ProviderSession};
use crate::models::session;
use crate::secret;
use crate::state::AppState;

/// Absolute lifetime of a session, in hours: a working day.
const LIFETIME_HOURS: i64 = 12;

const COOKIE: &str = "datapass_provider";

/// The session of the browser, if there is one.
pub async fn current(request: &HttpRequest, state: &AppState) -> Result<Option<ProviderSession>> {
    let Some(id_hash) = id_hash(request, state) else { return Ok(None) };
    state.db.read(move |connection| Ok(provider_session::find(connection, &id_hash, now().naive_utc())?)).await
}

/// Who is signed in in the browser, if anybody is.
pub async fn signed_in(request: &HttpRequest, state: &AppState) -> Result<Option<SignedIn>> {
    let Some(session_hash) = id_hash(request, state) else { return Ok(None) };
    let find = move |connection: &mut _| {
        let Some(session) = provider_session::find(connection, &session_hash, now().naive_utc())? else {
            return Ok(None);
        };
        Ok(Some(SignedIn { account: account::find(connection, session.account_id)?, session, session_hash }))
    };
    state.db.read(find).await
}

/// Opens a session for who has just given their password, and perhaps a code of their second factor, ends the one that
/// the browser had, and returns its cookies. Always a new id, so that nobody can plant one beforehand.
pub async fn open(
    request: &HttpRequest,
    state: &AppState,
    account_id: AccountId,
    second_factor: bool,
) -> Result<(ProviderSession, [Cookie<'static>; 2])> {
    let id = secret::new()?;
    let authenticated_at = now().naive_utc();
    let row = NewProviderSession {
        id_hash: secret::hash(&id),
        account_id,
        authenticated_at,
        second_factor,
        expires_at: authenticated_at + chrono::Duration::hours(LIFETIME_HOURS),
    };
    let old = id_hash(request, state);
    let open = move |connection: &mut _| {
        if let Some(old) = old {
            provider_session::delete(connection, &old)?;
        }
        Ok(provider_session::insert(connection, &row)?)
    };
    state.db.write(open).await?;
    let session = ProviderSession { account_id, authenticated_at, second_factor, siret: None };
    let cookie = cookie::new(state, COOKIE, id, Some(Duration::hours(LIFETIME_HOURS)));
    Ok((session, [cookie, known_browser::cookie(state, account_id).await?]))
}

/// The same, where the session at DataPass goes on: its owner has shown once more who they are.
pub async fn reopen(
    request: &HttpRequest,
    state: &AppState,
    account_id: AccountId,
    second_factor: bool,
) -> Result<(ProviderSession, [Cookie<'static>; 2])> {
    let opened = open(request, state, account_id, second_factor).await?;
    if let Some(own) = auth::session::id_of(request, state) {
        let at = opened.0.authenticated_at;
        let note = move |connection: &mut _| match account::user_of(connection, account_id)? {
            Some(user_id) => Ok(session::set_authenticated_at(connection, user_id, &secret::hash(&own), at)?),
            None => Ok(()),
        };
        state.db.write(note).await?;
    }
    Ok(opened)
}

/// Ends the session of the browser and returns the cookie that clears its own.
pub async fn close(request: &HttpRequest, state: &AppState) -> Result<Cookie<'static>> {
    if let Some(id_hash) = id_hash(request, state) {
        state.db.write(move |connection| Ok(provider_session::delete(connection, &id_hash)?)).await?;
    }
    Ok(expired_cookie(state))
}

/// The cookie that clears the browser's own.
pub fn expired_cookie(state: &AppState) -> Cookie<'static> {
    cookie::expired(state, COOKIE)
}

/// Hash of the cookie of the browser, where it has one.
pub fn id_hash(request: &HttpRequest, state: &AppState) -> Option<String> {
    Some(secret::hash(&cookie::read(request, state, COOKIE)?))
}
