//! What people type about themselves, checked.

use shared::validation::formats::is_email;

use super::form::FormError;

/// The longest name, and the longest of anything else that one types about oneself.
const MAX_TEXT: usize = 100;

/// What is wrong with an e-mail address.
pub fn email_error(email: &str) -> Option<FormError> {
    let email = email.trim();
    (email.len() > 254 || !is_email(email))
        .then(|| FormError::new("email", "Indiquez une adresse électronique, par exemple nom@domaine.fr."))
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
