//! Parameters of OAuth requests: each once, and one without a value is one that is not there (RFC 6749 § 3.1).

use std::collections::BTreeMap;

use openidconnect::url::form_urlencoded;

/// The parameters of a request.
#[derive(Debug, Default)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    repeated: Vec<String>,
}

impl Parameters {
    /// Reads a query string or the body of a form.
    pub fn parse(text: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(text) {
            if parameters.values.contains_key(name.as_ref()) {
                parameters.repeated.push(name.into_owned());
            } else if !value.is_empty() {
                parameters.values.insert(name.into_owned(), value.into_owned());
            }
        }
        parameters
    }

    /// A parameter that is there once.
    pub fn get(&self, name: &str) -> Option<&str> {
        if self.repeated.iter().any(|repeated| repeated == name) {
            return None;
        }
        self.values.get(name).map(String::as_str)
    }

    /// Whether some parameter is there twice, which is an error.
    pub fn has_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }
}
