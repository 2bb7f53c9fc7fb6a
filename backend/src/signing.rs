//! JSON Web Tokens are signed here, and the keys that sign them live here: ID tokens, access tokens of third-party
//! tools. Keys are made at first use, kept in the database and replaced every 90 days.
//!
//! Every process signs with the same. A new key is published a day before it signs, so that every client knows it by
//! then; an old one stays a day longer than it signs, so that what it signed can be verified until it is over.

use chrono::{Duration, NaiveDateTime};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use serde::Serialize;

use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::models::signing_key::{self, SigningKey};
use crate::state::AppState;

const BITS: usize = 2048;

/// How long a key signs.
const LIFETIME: Duration = Duration::days(90);

/// How long a key is published before it signs.
const NOTICE: Duration = Duration::days(1);

/// How long a key is published after it signed: longer than a session, whose ID token is shown at the end.
const REMAINS: Duration = Duration::days(1);

/// Every key, the latest first. There is at least one.
///
/// # Errors
/// A key cannot be opened; the database's.
pub async fn all(state: &AppState) -> Result<Vec<SigningKey>> {
    let keys = state.db.read(|connection| Ok(signing_key::all(connection)?)).await?;
    if !keys.is_empty() {
        return opened(state, keys);
    }
    // Seconds at worst, so before the transaction. Who finds that another was faster throws its own away.
    let key = made(state, now().naive_utc()).await?;
    let keys = state.db.write(move |connection| {
        if signing_key::all(connection)?.is_empty() {
            signing_key::insert(connection, &key)?;
        }
        Ok(signing_key::all(connection)?)
    });
    opened(state, keys.await?)
}

/// The key that signs.
pub async fn current(state: &AppState) -> Result<SigningKey> {
    // In this order: the first key signs from when it is made.
    let keys = all(state).await?;
    let now = now().naive_utc();
    let signs = keys.into_iter().find(|key| key.signs_from <= now);
    signs.ok_or_else(|| Error::Internal("there is no signing key".to_owned()))
}

/// Makes the next key, which signs a day later. `at_once`: it signs now, and the others go, because somebody may have
/// them. Returns its name, and when it begins to sign.
///
/// # Errors
/// The database's; no randomness.
pub async fn rotate(state: &AppState, at_once: bool) -> Result<(String, NaiveDateTime)> {
    let now = now().naive_utc();
    let key = made(state, if at_once { now } else { now + NOTICE }).await?;
    let next = (key.kid.clone(), key.signs_from);
    let stored = state.db.write(move |connection| {
        if at_once {
            let known: Vec<String> = signing_key::all(connection)?.into_iter().map(|key| key.kid).collect();
            signing_key::delete(connection, &known)?;
        }
        Ok(signing_key::insert(connection, &key)?)
    });
    stored.await?;
    Ok(next)
}

/// Makes the next key when it is time, takes away those that are over, and seals those that were kept unsealed.
///
/// # Errors
/// A key cannot be opened; the database's.
pub async fn tend(state: &AppState) -> Result<()> {
    let now = now().naive_utc();
    let keys = state.db.read(|connection| Ok(signing_key::all(connection)?)).await?;
    if keys.first().is_some_and(|latest| latest.signs_from + LIFETIME - NOTICE <= now) {
        let (kid, signs_from) = rotate(state, false).await?;
        tracing::info!(kid, %signs_from, "a signing key was made");
    }
    let over = over(&keys, now);
    let mut unsealed = Vec::new();
    for key in keys.into_iter().filter(|key| state.seal.wants(&key.private_pem)) {
        unsealed.push((state.seal.seal(&key.private_pem, &key.kid)?, key.kid));
    }
    if over.is_empty() && unsealed.is_empty() {
        return Ok(());
    }
    let changed = state.db.write(move |connection| {
        for (sealed, kid) in &unsealed {
            signing_key::seal(connection, kid, sealed)?;
        }
        Ok(signing_key::delete(connection, &over)?)
    });
    changed.await
}

/// Those of the keys, latest first, that another replaced too long ago.
fn over(keys: &[SigningKey], now: NaiveDateTime) -> Vec<String> {
    let followed = keys.iter().zip(keys.iter().skip(1));
    followed.filter(|(next, _)| next.signs_from + REMAINS <= now).map(|(_, key)| key.kid.clone()).collect()
}

/// The public halves, as clients read them.
pub fn public(keys: &[SigningKey]) -> Result<JwkSet> {
    let keys = keys.iter().map(|key| {
        let mut jwk = public_half(key)?;
        jwk.common.key_id = Some(key.kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(jwk)
    });
    Ok(JwkSet { keys: keys.collect::<Result<_>>()? })
}

/// What verifies the signatures of the key of that name, while it is one of ours.
///
/// # Errors
/// It cannot be opened; the database's.
pub fn verifying(state: &AppState, connection: &mut AnyConnection, kid: &str) -> Result<Option<DecodingKey>> {
    let key = signing_key::all(connection)?.into_iter().find(|key| key.kid == kid);
    let verifying = |key: &SigningKey| DecodingKey::from_jwk(&public_half(key)?).map_err(unusable);
    opened(state, key.into_iter().collect())?.first().map(verifying).transpose()
}

fn public_half(key: &SigningKey) -> Result<Jwk> {
    Jwk::from_encoding_key(&encoding(key)?, Algorithm::RS256).map_err(unusable)
}

/// A key, ready to sign.
pub fn encoding(key: &SigningKey) -> Result<EncodingKey> {
    EncodingKey::from_rsa_pem(key.private_pem.as_bytes()).map_err(unusable)
}

fn opened(state: &AppState, keys: Vec<SigningKey>) -> Result<Vec<SigningKey>> {
    let open = |key: SigningKey| Ok(SigningKey { private_pem: state.seal.open(&key.private_pem, &key.kid)?, ..key });
    keys.into_iter().map(open).collect()
}

async fn made(state: &AppState, signs_from: NaiveDateTime) -> Result<SigningKey> {
    let key = tokio::task::spawn_blocking(move || generate(signs_from))
        .await
        .map_err(|error| Error::Internal(format!("making a key panicked: {error}")))??;
    Ok(SigningKey { private_pem: state.seal.seal(&key.private_pem, &key.kid)?, ..key })
}

fn generate(signs_from: NaiveDateTime) -> Result<SigningKey> {
    let failed = |error: &dyn std::error::Error| Error::Internal(format!("no key can be made: {error}"));
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, BITS).map_err(|error| failed(&error))?;
    let private_pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| failed(&error))?.to_string();
    let encoding = EncodingKey::from_rsa_pem(private_pem.as_bytes()).map_err(unusable)?;
    let kid = Jwk::from_encoding_key(&encoding, Algorithm::RS256)
        .and_then(|jwk| jwk.thumbprint(ThumbprintHash::SHA256))
        .map_err(unusable)?;
    Ok(SigningKey { kid, private_pem, created_at: now().naive_utc(), signs_from })
}

fn unusable(error: jsonwebtoken::errors::Error) -> Error {
    Error::Internal(format!("a signing key is unusable: {error}"))
}

/// What the header of a token says that it is, where nothing finer is.
pub const JWT: &str = "JWT";

/// Signs claims: those of an ID token, of userinfo for a client that wants it signed, of an access token. `kind` is
/// which (RFC 8725 § 3.11).
///
/// # Errors
/// There is no key; the database's.
pub async fn signed(state: &AppState, kind: &str, claims: impl Serialize + Send + 'static) -> Result<String> {
    let key = current(state).await?;
    let (kid, typ) = (Some(key.kid.clone()), Some(kind.to_owned()));
    let header = Header { kid, typ, ..Header::new(Algorithm::RS256) };
    tokio::task::spawn_blocking(move || {
        jsonwebtoken::encode(&header, &claims, &encoding(&key)?)
            .map_err(|error| Error::Internal(format!("a token cannot be signed: {error}")))
    })
    .await
    .map_err(|error| Error::Internal(format!("signing a token panicked: {error}")))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_a_day_after_the_next_one_signs() {
        let start = NaiveDateTime::default();
        let key = |kid: &str, days| SigningKey {
            kid: kid.to_owned(),
            private_pem: String::new(),
            created_at: start,
            signs_from: start + Duration::days(days),
        };
        let keys = [key("next", 180), key("present", 90), key("old", 0)];
        assert!(over(&keys, start + Duration::hours(91 * 24 - 1)).is_empty());
        assert_eq!(over(&keys, start + Duration::days(91)), ["old"]);
        assert_eq!(over(&keys, start + Duration::days(181)), ["present", "old"]);
        assert!(over(&keys[2..], start + Duration::days(1_000)).is_empty(), "one remains");
    }
}
