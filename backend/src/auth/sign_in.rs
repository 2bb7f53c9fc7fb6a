//! Sign-ins that have left for the identity provider and not come back yet.
//!
//! The browser keeps each in a sealed cookie of its own: whoever is not signed in writes nothing here, and sign-ins in several
//! tabs do not disturb one another.
//!
//! A cookie opens for the `state` that it was sealed for alone, and is cleared once that has come back. Whoever shows a copy
//! of it again gains nothing: the code that goes with it is exchanged once, by the provider (RFC 6749, 4.1.2).

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::cookie;
use crate::error::{Error, Result};
use crate::secret;
use crate::state::AppState;

/// How long somebody may take at the provider, in minutes; they may have to open an account there.
const LIFETIME_MINUTES: i64 = 60;

/// What the names of the cookies begin with; what follows tells one `state` from another.
const NAME: &str = "datapass_sign_in_";

/// How many bytes of each request the sign-ins of a browser may take: some servers refuse headers of 8 kB.
const ROOM: usize = 4_000;

/// What there is to know of a sign-in when it comes back. Not `Debug`: it holds secrets.
#[derive(Serialize, Deserialize)]
pub struct SignIn {
    /// What the ID token must repeat.
    pub nonce: String,
    /// What proves to the provider that the code comes from who asked for it.
    pub pkce_verifier: String,
    /// Where to go afterwards.
    pub return_to: String,
    /// When it left.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub left_at: DateTime<Utc>,
    /// How many seconds ago, at most, the person was to have shown who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
}

/// The cookies that let the browser keep a sign-in which leaves with that `state`. Where there is no room for it, the oldest
/// ones go.
///
/// # Errors
/// No randomness.
pub fn keep(request: &HttpRequest, state: &AppState, sent: &str, sign_in: &SignIn) -> Result<Vec<Cookie<'static>>> {
    let text = serde_json::to_string(sign_in).map_err(|error| Error::Internal(format!("a sign-in: {error}")))?;
    let value = state.cookie_key.seal(&text, &place(sent))?;
    let mut room = ROOM.saturating_sub(value.len());
    let mut cookies = vec![cookie::new(state, &name(sent), value, Some(Duration::minutes(LIFETIME_MINUTES)))];
    // Browsers send the oldest first (RFC 6265, 5.4).
    for (name, value) in cookie::named(request, state, NAME).into_iter().rev() {
        match room.checked_sub(name.len() + value.len()) {
            Some(left) => room = left,
            None => {
                room = 0;
                cookies.push(cookie::expired(state, &name));
            }
        }
    }
    Ok(cookies)
}

/// The sign-in that comes back with that `state`, if it left from this browser and not too long ago.
pub fn returned(request: &HttpRequest, state: &AppState, sent: &str, now: DateTime<Utc>) -> Option<SignIn> {
    let opened = state.cookie_key.open(&cookie::read(request, state, &name(sent))?, &place(sent))?;
    let sign_in: SignIn = serde_json::from_str(&opened).ok()?;
    (now < sign_in.left_at + TimeDelta::minutes(LIFETIME_MINUTES)).then_some(sign_in)
}

/// The cookie that clears the one of that `state`.
pub fn over(state: &AppState, sent: &str) -> Cookie<'static> {
    cookie::expired(state, &name(sent))
}

fn name(sent: &str) -> String {
    format!("{NAME}{:.22}", secret::hash(sent))
}

fn place(sent: &str) -> String {
    format!("sign_in {sent}")
}
