//! An e-mail address that somebody typed, in the one form in which it is counted, looked for, written to and stored.

use std::fmt::{Display, Formatter, Result};
use std::ops::Deref;

use diesel_derive_newtype::DieselNewType;
use serde::Serialize;
use shared::validation::formats::is_email;

/// In lower case, without white space around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DieselNewType)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads what was typed; `None` where it is not an address.
    pub fn parse(text: &str) -> Option<Self> {
        let email = text.trim().to_lowercase();
        is_email(&email).then_some(Self(email))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for EmailAddress {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Display for EmailAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form() {
        for text in ["camille@mairie.example", " Camille@Mairie.EXAMPLE\t"] {
            assert_eq!(EmailAddress::parse(text).unwrap().to_string(), "camille@mairie.example");
        }
        for text in
            ["", "camille", "camille\0@mairie.example", "camille@mairie.example\0", "camille@\u{7f}mairie.example"]
        {
            assert_eq!(EmailAddress::parse(text), None, "{text:?}");
        }
    }
}
