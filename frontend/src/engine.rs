//! The validation of requests, callable from JavaScript.
//!
//! The browser tests hold it against the server's answers, so that both sides are seen to say the same.

use leptos::wasm_bindgen;
use leptos::wasm_bindgen::JsError;
use leptos::wasm_bindgen::prelude::wasm_bindgen;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::document::Document;
use shared::draft::Draft;
use shared::policy::Policy;
use shared::validation::{Input, PreviousEnrollment, Stage, validate};

use crate::json;

/// A request to be checked as it would be at submission.
#[wasm_bindgen]
pub struct Validation {
    policy: Policy,
    draft: Draft,
    documents: Vec<Document>,
    nom_raison_sociale: String,
    previous: Option<PreviousEnrollment>,
}

#[wasm_bindgen]
impl Validation {
    /// From the JSON of a policy, as the API gives it, and that of a request:
    /// `{draft, documents, nom_raison_sociale, previous}`.
    ///
    /// # Errors
    /// What cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(policy: &str, request: &str) -> Result<Self, JsError> {
        let mut request = match json::parse(request) {
            Some(Value::Object(members)) => members,
            Some(_) | None => return Err(JsError::new("the request is no JSON object")),
        };
        Ok(Self {
            policy: serde_json::from_value(json::parse(policy).unwrap_or_default())?,
            draft: take(&mut request, "draft")?,
            documents: take(&mut request, "documents")?,
            nom_raison_sociale: take(&mut request, "nom_raison_sociale")?,
            previous: take(&mut request, "previous")?,
        })
    }

    /// Every error, as JSON.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn errors(&self) -> Result<String, JsError> {
        let input = Input {
            previous: self.previous.as_ref(),
            ..Input::new(&self.draft, &self.documents, &self.nom_raison_sociale)
        };
        Ok(json::print(&serde_json::to_value(validate(&self.policy, input, Stage::Submit))?))
    }
}

fn take<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Result<T, JsError> {
    Ok(serde_json::from_value(members.remove(name).unwrap_or_default())?)
}
