//! The use cases of an API.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A use case that fills in part of the form (« démarche »).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Demarche {
    /// Short id.
    pub id: String,
    /// Title.
    pub label: String,
    /// Link to a description of the use case.
    #[serde(default)]
    pub about_url: Option<String>,
    /// What it wants of the text that gives the right to the data; empty for nothing special.
    #[serde(default)]
    pub legal_basis_hint: String,
    /// What it fills in: members of a draft. Never people.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub prefill: Map<String, Value>,
}

impl Demarche {
    /// Whether it fills in what tells that a request follows it.
    pub fn can_count(&self) -> bool {
        let decides = ["scopes", "fondement_juridique_title", "fondement_juridique_url"];
        decides.iter().any(|member| self.prefill.contains_key(*member))
    }
}
