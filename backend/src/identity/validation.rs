//! What people type about themselves, checked.

use super::form::{FormError, Rejection};
use crate::email_address::EmailAddress;

const EMAIL: &str = "Indiquez une adresse électronique, par exemple nom@domaine.fr.";

/// The longest name, and the longest of anything else that one types about oneself.
const MAX_TEXT: usize = 100;

/// The e-mail address that was typed; what is wrong with it, where it is none.
pub fn typed_email(text: &str) -> Result<EmailAddress, Rejection> {
    EmailAddress::parse(text).ok_or_else(|| Rejection::invalid("email", EMAIL))
}

/// What is wrong with an e-mail address.
pub fn email_error(text: &str) -> Option<FormError> {
    EmailAddress::parse(text).is_none().then(|| FormError::new("email", EMAIL))
}

/// What is wrong with a required text.
pub fn text_error(field: &'static str, text: &str, missing: &str) -> Option<FormError> {
    if text.trim().is_empty() || text.contains(char::is_control) {
        Some(FormError::new(field, missing))
    } else if text.trim().chars().count() > MAX_TEXT {
        Some(FormError::new(field, format!("Ce texte est trop long\u{a0}: {MAX_TEXT} caractères au plus.")))
    } else {
        None
    }
}
