//! The validation engine for scripts of the page: what the form decides by, callable from JavaScript.
//!
//! The browser tests hold it against the server's answers, so that both sides are seen to say the same.

use leptos::wasm_bindgen;
use leptos::wasm_bindgen::JsError;
use leptos::wasm_bindgen::prelude::wasm_bindgen;
use serde::Deserialize;
use shared::document::Document;
use shared::enrollment::Draft;
use shared::policy::Policy;
use shared::validation::{Candidate, PreviousEnrollment, Stage, validate};

#[derive(Deserialize)]
struct Case {
    draft: Draft,
    documents: Vec<Document>,
    nom_raison_sociale: String,
    previous: Option<PreviousEnrollment>,
}

/// A request to be checked as it would be at submission.
#[wasm_bindgen]
pub struct Validation {
    policy: Policy,
    case: Case,
}

#[wasm_bindgen]
impl Validation {
    /// From the JSON of a policy, as the API gives it, and that of a request:
    /// `{draft, documents, nom_raison_sociale, previous}`.
    ///
    /// # Errors
    /// What cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(policy: &str, case: &str) -> Result<Self, JsError> {
        Ok(Self { policy: serde_json::from_str(policy)?, case: serde_json::from_str(case)? })
    }

    /// Every error, as JSON.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn errors(&self) -> Result<String, JsError> {
        let case = &self.case;
        let candidate = Candidate {
            draft: &case.draft,
            documents: &case.documents,
            nom_raison_sociale: &case.nom_raison_sociale,
            activity: "",
            granted: None,
            previous: case.previous.as_ref(),
        };
        Ok(serde_json::to_string(&validate(&self.policy, candidate, Stage::Submit))?)
    }
}
