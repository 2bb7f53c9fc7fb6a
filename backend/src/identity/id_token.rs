//! ID tokens: what a client is told of who signed in, signed; and what it shows when they sign out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Duration, NaiveDateTime};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::keys;
use crate::app::State;
use crate::error::{Error, Result};

/// How long an ID token may be shown to the client it is for. It serves once, at once.
const LIFETIME: Duration = Duration::minutes(5);

/// What an ID token says.
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

/// What an ID token is about.
#[derive(Debug)]
pub struct Subject {
    /// Who signed in.
    pub sub: String,
    /// The client that it is for.
    pub client_id: String,
    /// What the client wants repeated; empty where it wants nothing.
    pub nonce: String,
    /// When they gave their password.
    pub authenticated_at: NaiveDateTime,
    /// They gave a code of their second factor too.
    pub second_factor: bool,
}

/// Signs an ID token that goes with that access token.
pub async fn sign(state: &State, subject: Subject, access_token: &str, now: NaiveDateTime) -> Result<String> {
    let now = now.and_utc();
    let claims = Claims {
        iss: state.public_url.clone(),
        sub: subject.sub,
        aud: subject.client_id,
        iat: now.timestamp(),
        exp: (now + LIFETIME).timestamp(),
        auth_time: subject.authenticated_at.and_utc().timestamp(),
        amr: if subject.second_factor { &["pwd", "otp"] } else { &["pwd"] },
        at_hash: at_hash(access_token),
        nonce: Some(subject.nonce).filter(|nonce| !nonce.is_empty()),
    };
    signed(state, JWT, claims).await
}

/// What the header of a token says that it is, where nothing finer is.
pub const JWT: &str = "JWT";

/// Signs claims: those of an ID token, of userinfo for a client that wants it signed, of an access token. `kind` is
/// which (RFC 8725 § 3.11).
///
/// # Errors
/// There is no key; the database's.
pub async fn signed(state: &State, kind: &str, claims: impl Serialize + Send + 'static) -> Result<String> {
    let key = keys::signing(state).await?;
    let (kid, typ) = (Some(key.kid.clone()), Some(kind.to_owned()));
    let header = Header { kid, typ, ..Header::new(Algorithm::RS256) };
    tokio::task::spawn_blocking(move || {
        jsonwebtoken::encode(&header, &claims, &keys::encoding(&key)?)
            .map_err(|error| Error::Internal(format!("a token cannot be signed: {error}")))
    })
    .await
    .map_err(|error| Error::Internal(format!("signing a token panicked: {error}")))?
}

/// What is read of a token that comes back.
#[derive(Debug, Deserialize)]
pub struct Hint {
    /// Who had signed in.
    pub sub: String,
    /// The client that it was for.
    pub aud: String,
}

/// Reads a token of ours that a client shows when somebody signs out. It may have expired long ago, but must be ours.
pub async fn read_hint(state: &State, token: &str) -> Result<Option<Hint>> {
    let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
    let keys = keys::public(&keys::all(state).await?)?;
    let Some(key) = header.kid.and_then(|kid| keys.find(&kid).cloned()) else { return Ok(None) };
    let Ok(key) = DecodingKey::from_jwk(&key) else { return Ok(None) };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    // The caller compares it with the client that asks.
    validation.validate_aud = false;
    validation.set_issuer(&[&state.public_url]);
    validation.set_required_spec_claims(&["iss", "sub", "aud"]);
    Ok(jsonwebtoken::decode::<Hint>(token, &key, &validation).ok().map(|token| token.claims))
}

/// Left half of the hash of the access token (OpenID Connect Core § 3.1.3.6).
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
