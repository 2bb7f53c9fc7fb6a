//! Secrets that must be read again, and so cannot be hashed, are sealed: XChaCha20-Poly1305.
//!
//! In the database with `SECRET_KEY`, so that a copy of it alone opens nothing; where there is none they are kept as they are.
//! Cookies with a key that the database keeps.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// What sealed texts begin with.
const MARK: &str = "sealed:v1:";

const NONCE: usize = 24;

/// A key that seals texts.
pub struct SealingKey(XChaCha20Poly1305);

impl SealingKey {
    /// Of a secret, which has enough randomness of its own: no slow derivation is needed.
    pub fn new(secret: &str) -> Self {
        let key: [u8; 32] = Sha256::digest(format!("datapass seal v1 {secret}").as_bytes()).into();
        Self(XChaCha20Poly1305::new(&Key::from(key)))
    }

    /// Seals a text for that place: nobody can move it to another.
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(&self, text: &str, place: &str) -> Result<String> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
        let payload = Payload { msg: text.as_bytes(), aad: place.as_bytes() };
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Internal("a secret cannot be sealed".to_owned()))?;
        Ok(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// The text, if it was sealed with this key for that place.
    pub fn open(&self, sealed: &str, place: &str) -> Option<String> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let text = self.0.decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }
}

/// Seals what is stored, where there is a key.
pub struct Seal(Option<SealingKey>);

impl Seal {
    /// With `SECRET_KEY`.
    pub fn new(secret_key: Option<&str>) -> Self {
        Self(secret_key.map(SealingKey::new))
    }

    /// Whether there is a key, and the text is not sealed yet.
    pub fn wants(&self, text: &str) -> bool {
        self.0.is_some() && !text.starts_with(MARK)
    }

    /// Seals a text for that place: nobody can move it to another.
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(&self, text: &str, place: &str) -> Result<String> {
        match &self.0 {
            Some(key) => Ok(format!("{MARK}{}", key.seal(text, place)?)),
            None => Ok(text.to_owned()),
        }
    }

    /// The text that was sealed for that place, or was never sealed.
    ///
    /// # Errors
    /// The key is another, or there is none.
    pub fn open(&self, stored: &str, place: &str) -> Result<String> {
        let Some(sealed) = stored.strip_prefix(MARK) else { return Ok(stored.to_owned()) };
        let opened = self.0.as_ref().and_then(|key| key.open(sealed, place));
        opened.ok_or_else(|| Error::Internal(format!("SECRET_KEY does not open {place}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_in_the_same_place_only() {
        let seal = Seal::new(Some("one"));
        let sealed = seal.seal("secret", "here").unwrap();
        assert!(!sealed.contains("secret") && !seal.wants(&sealed) && seal.wants("secret"));
        assert_ne!(sealed, seal.seal("secret", "here").unwrap());
        assert_eq!(seal.open(&sealed, "here").unwrap(), "secret");
        assert!(seal.open(&sealed, "there").is_err());
        assert!(Seal::new(Some("another")).open(&sealed, "here").is_err());
        assert!(Seal::new(None).open(&sealed, "here").is_err());
    }

    #[test]
    fn without_a_key_texts_stay_as_they_are_and_open_later() {
        let seal = Seal::new(None);
        assert!(!seal.wants("secret"));
        assert_eq!(seal.seal("secret", "here").unwrap(), "secret");
        assert_eq!(Seal::new(Some("one")).open("secret", "here").unwrap(), "secret");
    }
}
