//! Random secrets and the hash under which they are stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::{Error, Result};

/// A new secret of 256 random bits, in base64url.
///
/// # Errors
/// The system gives no randomness.
pub fn new() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A new code of eight random digits, for somebody to copy.
///
/// # Errors
/// The system gives no randomness.
pub fn digits() -> Result<String> {
    let number = getrandom::u64().map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(format!("{:08}", number % 100_000_000))
}

/// Whether two hashes are the same, in a time that does not tell where they differ.
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Whether a secret is one of those whose hashes are known; how long that takes tells nothing.
pub fn is_one_of(secret: &str, known: [Option<&str>; 2]) -> bool {
    let hash = hash(secret);
    known.into_iter().flatten().fold(false, |found, known| found | same(known, &hash))
}

/// What is stored of a secret. A plain hash suffices: the secret has 256 random bits, so nothing can be guessed.
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}
