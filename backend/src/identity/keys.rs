//! The keys that sign ID tokens: made at first use, kept in the database so that every process signs with the same.

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};

use crate::app::State;
use crate::db::types::now;
use crate::error::{Error, Result};
use crate::models::provider::{self, SigningKey};

const BITS: usize = 2048;

/// Every key, the one that signs first. There is at least one.
pub async fn all(state: &State) -> Result<Vec<SigningKey>> {
    let keys = state.db.read(|connection| Ok(provider::signing_keys(connection)?)).await?;
    if !keys.is_empty() {
        return Ok(keys);
    }
    // Seconds at worst, so before the transaction. Who finds that another was faster throws its own away.
    let key = tokio::task::spawn_blocking(generate)
        .await
        .map_err(|error| Error::Internal(format!("making a key panicked: {error}")))??;
    state
        .db
        .write(move |connection| {
            if provider::signing_keys(connection)?.is_empty() {
                provider::insert_signing_key(connection, &key)?;
            }
            Ok(provider::signing_keys(connection)?)
        })
        .await
}

/// The public halves, as clients read them.
pub fn public(keys: &[SigningKey]) -> Result<JwkSet> {
    let keys = keys.iter().map(|key| {
        let mut jwk = Jwk::from_encoding_key(&encoding(key)?, Algorithm::RS256).map_err(unusable)?;
        jwk.common.key_id = Some(key.kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(jwk)
    });
    Ok(JwkSet { keys: keys.collect::<Result<_>>()? })
}

/// A key, ready to sign.
pub fn encoding(key: &SigningKey) -> Result<EncodingKey> {
    EncodingKey::from_rsa_pem(key.private_pem.as_bytes()).map_err(unusable)
}

fn generate() -> Result<SigningKey> {
    let failed = |error: &dyn std::error::Error| Error::Internal(format!("no key can be made: {error}"));
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, BITS).map_err(|error| failed(&error))?;
    let private_pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| failed(&error))?.to_string();
    let encoding = EncodingKey::from_rsa_pem(private_pem.as_bytes()).map_err(unusable)?;
    let kid = Jwk::from_encoding_key(&encoding, Algorithm::RS256)
        .and_then(|jwk| jwk.thumbprint(ThumbprintHash::SHA256))
        .map_err(unusable)?;
    Ok(SigningKey { kid, private_pem, created_at: now().naive_utc() })
}

fn unusable(error: jsonwebtoken::errors::Error) -> Error {
    Error::Internal(format!("a signing key is unusable: {error}"))
}
