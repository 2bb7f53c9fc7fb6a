//! Secrets that must be read again, and so cannot be hashed, are sealed in the database.
//!
//! A copy of it alone opens nothing. XChaCha20-Poly1305, with `SECRET_KEY`; where there is none they are kept as they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// What sealed texts begin with.
const MARK: &str = "sealed:v1:";

const NONCE: usize = 24;

/// Seals and opens.
pub struct Seal(Option<XChaCha20Poly1305>);

impl Seal {
    /// With that key, which has enough randomness of its own: no slow derivation is needed.
    pub fn new(secret_key: Option<&str>) -> Self {
        let cipher = |secret: &str| {
            let key: [u8; 32] = Sha256::digest(format!("datapass seal v1 {secret}").as_bytes()).into();
            XChaCha20Poly1305::new(&Key::from(key))
        };
        Self(secret_key.map(cipher))
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
        let Some(cipher) = &self.0 else { return Ok(text.to_owned()) };
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
        let payload = Payload { msg: text.as_bytes(), aad: place.as_bytes() };
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Internal("a secret cannot be sealed".to_owned()))?;
        Ok(format!("{MARK}{}", STANDARD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// The text that was sealed for that place, or was never sealed.
    ///
    /// # Errors
    /// The key is another, or there is none.
    pub fn open(&self, stored: &str, place: &str) -> Result<String> {
        let Some(sealed) = stored.strip_prefix(MARK) else { return Ok(stored.to_owned()) };
        let opened = || {
            let bytes = STANDARD.decode(sealed).ok()?;
            let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
            let payload = Payload { msg: sealed, aad: place.as_bytes() };
            let text = self.0.as_ref()?.decrypt(&XNonce::from(*nonce), payload).ok()?;
            String::from_utf8(text).ok()
        };
        opened().ok_or_else(|| Error::Internal(format!("SECRET_KEY does not open {place}")))
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
