//! Parameters of OAuth requests: each at most once, and one without a value counts as absent (RFC 6749 § 3.1). Control
//! characters are refused: none is needed, and PostgreSQL does not store the null character.

use std::collections::BTreeMap;

use openidconnect::url::form_urlencoded;

/// The parameters of a request.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    invalid: Vec<String>,
}

impl Parameters {
    /// Reads a query string or the body of a form.
    pub fn parse(text: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(text) {
            if parameters.values.contains_key(name.as_ref()) || value.chars().any(char::is_control) {
                parameters.invalid.push(name.into_owned());
            } else if !value.is_empty() {
                parameters.values.insert(name.into_owned(), value.into_owned());
            }
        }
        parameters
    }

    /// The value of a parameter that is there once, and valid.
    pub fn get(&self, name: &str) -> Option<&str> {
        if self.invalid.iter().any(|invalid| invalid == name) {
            return None;
        }
        self.values.get(name).map(String::as_str)
    }

    /// Whether some parameter is there twice or holds a control character: the request is in error.
    pub fn has_invalid(&self) -> bool {
        !self.invalid.is_empty()
    }

    /// The query string with that value of the parameter; without it where the value is empty.
    pub fn with(&self, name: &str, value: &str) -> String {
        let others = self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all = others.filter(|(other, _)| *other != name).chain([(name, value)]);
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(all.filter(|(_, value)| !value.is_empty()))
            .finish()
    }
}
