//! Browsers that an account was signed in with before: what they try is counted apart, so that strangers who guess do not keep
//! its owner waiting (OWASP, “Slow Down Online Guessing Attacks with Device Cookies”).
//!
//! A cookie names the browser, and is signed with a key that the hash of the account’s password gives. So nothing is stored,
//! and another password ends them all. It opens nothing: whoever steals it may guess as often as anybody.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::auth::cookie;
use crate::email_address::EmailAddress;
use crate::error::{Error, Result};
use crate::ids::AccountId;
use crate::models::account;
use crate::secret;
use crate::state::AppState;

const COOKIE: &str = "datapass_browser";

/// Each sign-in makes it last longer.
const LIFETIME: Duration = Duration::days(365);

/// The cookie of a browser in which that account was just signed in.
///
/// # Errors
/// No such account; the database's; no randomness.
pub async fn cookie(state: &AppState, account_id: AccountId) -> Result<Cookie<'static>> {
    let hash = state.db.read(move |connection| Ok(account::password_hash(connection, account_id)?)).await?;
    let browser = secret::new()?;
    let value = format!("{browser}.{}", signature(&hash, &browser)?);
    Ok(cookie::new(state, COOKIE, value, Some(LIFETIME)))
}

/// The name of the browser, if the account of that address was signed in in it and has the same password since.
///
/// # Errors
/// The database's.
pub async fn name(request: &HttpRequest, state: &AppState, email: &EmailAddress) -> Result<Option<String>> {
    let value = cookie::read(request, state, COOKIE).unwrap_or_default();
    let Some((browser, signed)) = value.split_once('.') else { return Ok(None) };
    let email = email.clone();
    let Some(known) = state.db.read(move |connection| Ok(account::credentials(connection, &email)?)).await? else {
        return Ok(None);
    };
    let is_ours = secret::same(signed, &signature(&known.password_hash, browser)?);
    Ok(is_ours.then(|| browser.to_owned()))
}

fn signature(password_hash: &str, browser: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(password_hash.as_bytes())
        .map_err(|error| Error::Internal(format!("a password hash is no key: {error}")))?;
    mac.update(b"known browser ");
    mac.update(browser.as_bytes());
    Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
