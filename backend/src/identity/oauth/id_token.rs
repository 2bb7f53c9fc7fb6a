//! ID tokens: issued at the token endpoint, and read again as `id_token_hint` at sign-out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Duration, NaiveDateTime};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::signing::{self, JWT};
use crate::state::AppState;

/// How long an ID token is valid: clients use it once, at once.
const LIFETIME: Duration = Duration::minutes(5);

/// The claims of an ID token.
#[derive(Debug, Serialize)]
pub struct Claims {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    auth_time: i64,
    amr: &'static [&'static str],
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
}

/// The sign-in that an ID token is about.
#[derive(Debug)]
pub struct Authentication {
    /// The account, as clients know it.
    pub sub: String,
    /// The client that it is for.
    pub client_id: String,
    /// The nonce to repeat; empty where there is none.
    pub nonce: String,
    /// When the password was given.
    pub authenticated_at: NaiveDateTime,
    /// Whether a code of the second factor was given too.
    pub second_factor: bool,
}

/// Issues an ID token beside that access token.
pub async fn sign(
    state: &AppState,
    authentication: Authentication,
    access_token: &str,
    now: NaiveDateTime,
) -> Result<String> {
    let now = now.and_utc();
    let claims = Claims {
        iss: state.public_url.clone(),
        sub: authentication.sub,
        aud: authentication.client_id,
        iat: now.timestamp(),
        exp: (now + LIFETIME).timestamp(),
        auth_time: authentication.authenticated_at.and_utc().timestamp(),
        amr: if authentication.second_factor { &["pwd", "otp"] } else { &["pwd"] },
        at_hash: at_hash(access_token),
        nonce: Some(authentication.nonce).filter(|nonce| !nonce.is_empty()),
    };
    signing::signed(state, JWT, claims).await
}

/// What is read of an `id_token_hint`.
#[derive(Debug, Deserialize)]
pub struct IdTokenHint {
    /// The account.
    pub sub: String,
    /// The client that it was for.
    pub aud: String,
}

/// Reads an `id_token_hint`. It may have expired long ago, but must be ours.
pub async fn read_hint(state: &AppState, token: &str) -> Result<Option<IdTokenHint>> {
    let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
    let keys = signing::public(&signing::all(state).await?)?;
    let Some(key) = header.kid.and_then(|kid| keys.find(&kid).cloned()) else { return Ok(None) };
    let Ok(key) = DecodingKey::from_jwk(&key) else { return Ok(None) };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    // The caller compares it with the client that asks.
    validation.validate_aud = false;
    validation.set_issuer(&[&state.public_url]);
    validation.set_required_spec_claims(&["iss", "sub", "aud"]);
    Ok(jsonwebtoken::decode::<IdTokenHint>(token, &key, &validation).ok().map(|token| token.claims))
}

/// The left half of the hash of the access token (OpenID Connect Core § 3.1.3.6).
fn at_hash(access_token: &str) -> String {
    let hash = Sha256::digest(access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_slice().split_at(16).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_the_access_token_is_the_one_of_the_specification() {
        // OpenID Connect Core, appendix A.3.
        assert_eq!(at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
