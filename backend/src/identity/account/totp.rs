//! Time-based one-time passwords (TOTP, RFC 6238) and recovery codes. Pure, but for the randomness.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use totp_rs::{Builder, Secret, Totp};

use crate::error::{Error, Result};

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;

/// The key of an account: SHA-1, six digits, steps of 30 seconds, one step early or late, which is what every
/// application knows. Not `Debug`: it is secret.
pub struct Key(Totp);

impl Key {
    /// A new key, in base32: 160 random bits (RFC 4226 § 4, R6).
    ///
    /// # Errors
    /// No randomness.
    pub fn random() -> Result<String> {
        random::<20>()
    }

    /// The key of the account with that address.
    ///
    /// # Errors
    /// It is not base32.
    pub fn read(base32: &str, email: &str) -> Result<Self> {
        let secret = Secret::try_from_base32(base32).map_err(|error| unusable(&error))?;
        let builder = Builder::new().with_secret(secret).with_issuer(Some("DataPass"));
        // The address names the account in the application; a colon would end it.
        let totp = builder.with_account_name(email.replace(':', " ")).build().map_err(|error| unusable(&error))?;
        Ok(Self(totp))
    }

    /// The step of time whose code it is, if it is one that may serve at `now`, in seconds.
    pub fn step(&self, code: &str, now: i64) -> Option<i64> {
        self.0.check(code, now.try_into().ok()?)?.try_into().ok()
    }

    /// The key for somebody who copies it by hand: groups of four letters.
    pub fn in_groups(&self) -> String {
        groups(&self.0.secret().to_base32(), " ")
    }

    /// The QR code that applications read the key from, as the address of an image.
    ///
    /// # Errors
    /// It does not fit.
    pub fn qr_code(&self) -> Result<String> {
        let url = self.0.to_url().map_err(|error| unusable(&error))?;
        let code = QrCode::with_error_correction_level(url, EcLevel::M).map_err(|error| unusable(&error))?;
        let image = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
        Ok(format!("data:image/svg+xml;base64,{}", STANDARD.encode(image)))
    }
}

/// New recovery codes, as they are shown. 120 random bits each, so that a plain hash may be stored (OWASP ASVS 5.0, 6.5.2).
///
/// # Errors
/// No randomness.
pub fn recovery_codes() -> Result<Vec<String>> {
    (0..RECOVERY_CODES).map(|_| Ok(groups(&random::<15>()?, "-"))).collect()
}

/// A code as it is compared: typed spaces, hyphens and case do not count.
pub fn normalized(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase()
}

fn random<const BYTES: usize>() -> Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(Secret::new(Box::new(bytes)).to_base32())
}

fn groups(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

fn unusable(error: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("the key of a second factor is unusable: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// « 12345678901234567890 », the key of RFC 6238, appendix B.
    const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let key = Key::read(KEY, "camille@mairie.example").unwrap();
        // The last six of the eight digits of the appendix.
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(key.step(code, time), Some(time / 30), "{time}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_early_or_late() {
        let key = Key::read(KEY, "camille@mairie.example").unwrap();
        for (time, accepted) in
            [(1_111_111_019, false), (1_111_111_050, true), (1_111_111_139, true), (1_111_111_170, false)]
        {
            assert_eq!(key.step("081804", time).is_some(), accepted, "{time}");
        }
        for code in ["", "81804", "+81804", "0818041", "é81804"] {
            assert_eq!(key.step(code, 1_111_111_109), None, "{code}");
        }
    }

    #[test]
    fn a_key_is_drawn_and_written_in_groups_of_four() {
        let key = Key::read(KEY, "camille@mairie.example").unwrap();
        assert_eq!(key.in_groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert!(key.qr_code().unwrap().starts_with("data:image/svg+xml;base64,"));
        assert_eq!(Key::random().unwrap().len(), 32);
        assert_eq!(
            key.0.to_url().unwrap(),
            format!("otpauth://totp/DataPass:camille%40mairie.example?secret={KEY}&issuer=DataPass")
        );
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        let codes = recovery_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        for code in codes {
            assert_eq!(code.len(), 29);
            assert_eq!(normalized(&code).len(), 24);
            assert_eq!(normalized(&format!(" {} ", code.to_lowercase().replace('-', " "))), normalized(&code));
        }
    }
}
