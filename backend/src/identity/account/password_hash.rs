//! Password hashes: Argon2id.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Error, Result};

/// How many passwords are hashed at once: each takes 19 MiB, and a flood of sign-ins must not eat the memory.
static HASHERS: Semaphore = Semaphore::const_new(2);

/// Hashes a password: Argon2id with the parameters of the OWASP Password Storage Cheat Sheet, as a PHC string.
///
/// # Errors
/// No randomness.
pub async fn hash_password(password: String) -> Result<String> {
    in_turn(move || hash(&password)).await
}

/// Whether the password is the one of that hash. Where there is no hash, because there is no such account, it takes as
/// long to say no.
pub async fn verify_password(password: String, hash: Option<String>) -> Result<bool> {
    in_turn(move || {
        let is_known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => dummy_hash()?,
        };
        let parsed = PasswordHash::new(&hash).map_err(|_| Error::Internal("a stored hash is unreadable".to_owned()))?;
        let matches = argon2()?.verify_password(normalized(&password).as_bytes(), &parsed).is_ok();
        Ok(matches && is_known)
    })
    .await
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let closed = |_| Error::Internal("the turns of password hashing are closed".to_owned());
    let _turn = HASHERS.acquire().await.map_err(closed)?;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Internal(format!("hashing a password panicked: {error}")))?
}

fn hash(password: &str) -> Result<String> {
    let failed = |error: argon2::password_hash::Error| Error::Internal(format!("a password cannot be hashed: {error}"));
    let hash: PasswordHash = argon2()?.hash_password(normalized(password).as_bytes()).map_err(failed)?;
    Ok(hash.to_string())
}

/// The hash to compare with when there is no account.
fn dummy_hash() -> Result<String> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash.clone());
    }
    let hash = hash("nobody")?;
    Ok(HASH.get_or_init(|| hash).clone())
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None)
        .map_err(|error| Error::Internal(format!("Argon2 refuses its parameters: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// « é » typed as one character or as two is the same password.
fn normalized(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hash = hash("caf\u{e9} 2021").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("caf\u{e9} 2021".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(verify_password("cafe\u{301} 2021".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!verify_password("café 2022".to_owned(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn no_password_opens_an_account_that_does_not_exist() {
        assert!(!verify_password("nobody".to_owned(), None).await.unwrap());
    }
}
