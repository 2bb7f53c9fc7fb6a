//! Password hashes: Argon2id, a few at once in memory that is kept for the next, so that a flood of sign-ins neither eats the
//! memory nor waits for ever.

use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Error, Result};
use crate::identity::form::{Failure, Rejection};

/// How many passwords are hashed at once; each takes 19 MiB.
const HASHERS: usize = 2;

/// How many more wait for their turn: a second or two of it.
const WAITING: usize = 50;

/// When whoever finds the queue full may try again.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// The turns of the work, and the places in it and in front of it.
static TURNS: Semaphore = Semaphore::const_new(HASHERS);
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(HASHERS + WAITING)));

/// The memory that nobody works in: as many pieces as there were ever hashers at once.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// What a hash, or its check, comes to.
pub type Hashed<T> = std::result::Result<T, Failure>;

/// Hashes a password: Argon2id with the parameters of the OWASP Password Storage Cheat Sheet, as a PHC string.
///
/// # Errors
/// Too many wait (503); no randomness.
pub async fn hash_password(password: String) -> Hashed<String> {
    in_turn(move || hash(&password)).await
}

/// Whether the password is the one of that hash. Where there is no hash, because there is no such account, it takes as
/// long to say no.
///
/// # Errors
/// Too many wait (503); the hash is unreadable.
pub async fn verify_password(password: String, hash: Option<String>) -> Hashed<bool> {
    in_turn(move || {
        let is_known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => dummy_hash()?,
        };
        Ok(matches(&password, &hash)? && is_known)
    })
    .await
}

/// Does what costs much about a password when its turn has come. The turn lasts as long as the work, even where whoever
/// asked for it has gone.
///
/// # Errors
/// Too many wait (503); what the work returns.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Hashed<T> {
    let Ok(place) = PLACES.clone().try_acquire_owned() else {
        let text = "Beaucoup de personnes se connectent en ce moment.";
        return Err(Rejection::later(StatusCode::SERVICE_UNAVAILABLE, "password", text, TRY_AGAIN).into());
    };
    let closed = |_| Error::Internal("the turns of password hashing are closed".to_owned());
    let turn = TURNS.acquire().await.map_err(closed)?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop((turn, place));
        done
    });
    let panicked = |error| Error::Internal(format!("the work on a password panicked: {error}"));
    Ok(done.await.map_err(panicked)??)
}

fn hash(password: &str) -> Result<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    let params = params()?;
    let failed = |error: argon2::password_hash::Error| Error::Internal(format!("a password cannot be hashed: {error}"));
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(failed)?,
        salt: Some(Salt::new(&salt).map_err(|error| Error::Internal(error.to_string()))?),
        hash: Some(output(password, &salt, params)?),
    };
    Ok(hash.to_string())
}

fn matches(password: &str, hash: &str) -> Result<bool> {
    let unreadable = || Error::Internal("a stored hash is unreadable".to_owned());
    let known = PasswordHash::new(hash).map_err(|_| unreadable())?;
    let (Some(salt), Some(expected)) = (known.salt, known.hash) else { return Err(unreadable()) };
    let is_ours = known.algorithm == Algorithm::Argon2id.ident() && known.version == Some(Version::V0x13.into());
    let params = Params::try_from(&known).ok().filter(|_| is_ours).ok_or_else(unreadable)?;
    Ok(output(password, &salt, params)?.as_bytes().ct_eq(expected.as_bytes()).into())
}

/// What Argon2id makes of a password, in memory that is used again and again: the allocator would keep what each thread of
/// the pool has once taken.
fn output(password: &str, salt: &[u8], params: Params) -> Result<Output> {
    let failed = |error: argon2::Error| Error::Internal(format!("a password cannot be hashed: {error}"));
    let mut memory = pieces().pop().unwrap_or_default();
    memory.resize(params.block_count(), Block::new());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let password = normalized(password);
    argon2
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory.as_mut_slice())
        .map_err(failed)?;
    pieces().push(memory);
    Output::new(&output).map_err(|error| Error::Internal(error.to_string()))
}

fn pieces() -> std::sync::MutexGuard<'static, Vec<Vec<Block>>> {
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner)
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

fn params() -> Result<Params> {
    Params::new(19_456, 2, 1, None).map_err(|error| Error::Internal(format!("Argon2 refuses its parameters: {error}")))
}

/// « é » typed as one character or as two is the same password.
fn normalized(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

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

    /// Whatever an earlier password has left in the memory.
    #[test]
    fn hashes_are_those_of_the_library() {
        for password in ["un", "deux", "un"] {
            let hash = hash(password).unwrap();
            assert!(Argon2::default().verify_password(password.as_bytes(), &*hash).is_ok(), "{hash}");
            assert!(Argon2::default().verify_password(b"trois", &*hash).is_err(), "{hash}");
        }
        // One with other parameters, as an earlier server may have stored.
        let other = Argon2::from(Params::new(4_096, 3, 1, None).unwrap());
        let stored: PasswordHash = other.hash_password(b"un").unwrap();
        assert!(matches("un", &stored.to_string()).unwrap());
        assert!(!matches("deux", &stored.to_string()).unwrap());
    }
}
