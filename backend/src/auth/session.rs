//! Browser sessions: rows behind an opaque cookie, so that they can be ended from here.
//!
//! One ends after a working day, or after two hours without a request. When a role is granted or revoked, each session of
//! the user gets a new id at its next request, and the old id stays valid for a minute: whoever may have stolen an id does
//! not gain the new rights. Rights themselves are read at each request. Ending the sessions would do as well, but a role is
//! mostly granted to somebody who is at work.

use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};
use chrono::NaiveDateTime;
use uuid::Uuid;

use super::{cookie, device, packed};
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::session::{self, Current, NewSession, Signed};
use crate::secret;
use crate::state::AppState;

/// Absolute life of a session, in hours: a working day.
const LIFETIME_HOURS: i64 = 12;

/// How long ago somebody may have shown who they are, in seconds, to do what outlasts their session.
const RECENT: u32 = 600;

const NAME: &str = "datapass_session";

/// The new id of the session of the request at hand.
struct Renewed(String);

/// The id of the session: what the browser sent, unless it has just been renewed.
pub fn id_of(request: &HttpRequest, state: &AppState) -> Option<String> {
    let renewed = request.extensions().get::<Renewed>().map(|Renewed(id)| id.clone());
    renewed.or_else(|| cookie::read(request, state, NAME))
}

/// Who is signed in, if the session is still valid.
///
/// # Errors
/// The database's.
pub async fn find(state: &AppState, id: &str) -> Result<Option<Signed>> {
    let id_hash = secret::hash(id);
    state.db.read(move |connection| Ok(session::find(connection, &id_hash, now().naive_utc())?)).await
}

/// Whether what a role does is open to nobody without a second factor (`REQUIRE_MFA`); another provider than the embedded
/// one has its own rules.
pub fn requires_second_factor(state: &AppState) -> bool {
    state.config.require_mfa && state.config.oidc.is_none()
}

/// Who is signed in, with what their roles open: nothing, in a session without the second factor that is required, from the
/// moment that a role is given.
///
/// # Errors
/// The database's.
pub fn signed(
    connection: &mut AnyConnection,
    state: &AppState,
    id_hash: &str,
    now: NaiveDateTime,
) -> Result<Option<Signed>> {
    let signed = session::find(connection, id_hash, now)?;
    let lacks_factor = |signed: &Signed| signed.session.as_ref().is_some_and(|session| !session.second_factor);
    if !requires_second_factor(state) || !signed.as_ref().is_some_and(lacks_factor) {
        return Ok(signed);
    }
    // Who acts for somebody does so by a role.
    Ok(signed.filter(|signed| signed.impersonation.is_none()).map(Signed::without_roles))
}

/// Requires that the owner of that session showed lately who they are.
///
/// # Errors
/// They did not (403): they must sign in again, with that `max_age`; the database's.
pub async fn require_recent(state: &AppState, user_id: UserId, session: &Current) -> Result<()> {
    let public_id = session.public_id.clone();
    let read = move |connection: &mut _| Ok(session::authenticated_at(connection, user_id, &public_id)?);
    let oldest = now().naive_utc() - chrono::Duration::seconds(i64::from(RECENT));
    match state.db.read(read).await? {
        Some(at) if oldest <= at => Ok(()),
        _ => Err(Error::InsufficientAuthentication { max_age: RECENT }),
    }
}

/// Records that a session is used, or renews its id, when either is due.
///
/// # Errors
/// The database's; no randomness.
pub async fn touch(request: &HttpRequest, state: &AppState, id: &str, session: &Current) -> Result<()> {
    let (id_hash, now) = (secret::hash(id), now().naive_utc());
    if session.must_renew {
        let id = secret::new()?;
        let new_hash = secret::hash(&id);
        if state.db.remember(move |c| Ok(session::renew(c, &id_hash, &new_hash, now)?)).await? {
            request.extensions_mut().insert(Renewed(id));
        }
    } else if session.is_to_be_noted {
        state.db.remember(move |c| Ok(session::note(c, &id_hash, now)?)).await?;
    }
    Ok(())
}

/// A middleware that sends the browser the new id of its session, unless the answer sets the cookie itself.
///
/// # Errors
/// Those of the request.
pub async fn give_renewed(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> std::result::Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let mut response = next.call(request).await?;
    let renewed = response.request().extensions_mut().remove::<Renewed>();
    if let (Some(Renewed(id)), Some(state)) = (renewed, state) {
        let cookie = session_cookie(&state, id);
        if response.response().cookies().all(|other| other.name() != cookie.name()) {
            response.response_mut().add_cookie(&cookie)?;
        }
    }
    Ok(response)
}

/// Gives the session a new id while `change` begins or ends an impersonation; returns who is signed in now, and the cookie.
///
/// # Errors
/// There is no session (401); what `change` returns; no randomness.
pub async fn switch(
    state: &AppState,
    request: &HttpRequest,
    change: impl FnOnce(&mut AnyConnection, &str, &str) -> Result<()> + Send + 'static,
) -> Result<(Option<Signed>, Cookie<'static>)> {
    let old_hash = secret::hash(&id_of(request, state).ok_or(Error::Unauthorized)?);
    let id = secret::new()?;
    let new_hash = secret::hash(&id);
    let switched = state.db.write(move |connection| {
        change(connection, &old_hash, &new_hash)?;
        Ok(session::find(connection, &new_hash, now().naive_utc())?)
    });
    Ok((switched.await?, session_cookie(state, id)))
}

/// What a session is opened with.
#[derive(Clone, Debug, Default)]
pub struct Opened<'a> {
    /// The ID token of the sign-in.
    pub id_token: &'a str,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// When they showed who they are, as the provider says; now, where it does not.
    pub authenticated_at: Option<NaiveDateTime>,
    /// The browser, in a few words.
    pub device: String,
}

/// Opens a session and returns its cookie. Always a new id, so that nobody can plant one beforehand.
///
/// # Errors
/// The database's, or no randomness.
pub async fn open(state: &AppState, user_id: UserId, opened: Opened<'_>) -> Result<Cookie<'static>> {
    let Opened { id_token, second_factor, authenticated_at, device } = opened;
    let id = secret::new()?;
    let created_at = now().naive_utc();
    let row = NewSession {
        id_hash: secret::hash(&id),
        public_id: Uuid::new_v4().to_string(),
        user_id,
        id_token: packed::pack(id_token),
        device,
        created_at,
        last_seen_at: created_at,
        expires_at: created_at + chrono::Duration::hours(LIFETIME_HOURS),
        second_factor,
        authenticated_at: authenticated_at.unwrap_or(created_at).min(created_at),
    };
    state.db.write(move |connection| Ok(session::insert(connection, &row)?)).await?;
    Ok(session_cookie(state, id))
}

/// Ends a session; returns the ID token that it was opened with and the cookie that clears the browser's.
///
/// # Errors
/// The database's.
pub async fn close(state: &AppState, id: &str) -> Result<(Option<String>, Cookie<'static>)> {
    let id_hash = secret::hash(id);
    let id_token = state.db.write(move |connection| Ok(session::delete(connection, &id_hash)?)).await?;
    let id_token = id_token.and_then(|id_token| packed::unpack(&id_token));
    Ok((id_token, cookie::expired(state, NAME)))
}

/// The browser of a request, in a few words.
pub fn device_of(request: &HttpRequest) -> String {
    let user_agent = request.headers().get(header::USER_AGENT);
    device::summary(user_agent.and_then(|value| value.to_str().ok()).unwrap_or_default())
}

fn session_cookie(state: &AppState, id: String) -> Cookie<'static> {
    cookie::new(state, NAME, id, Some(Duration::hours(LIFETIME_HOURS)))
}
