//! What must hold of a request: named rules, boxes that go together, activities that have the right.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::document::DocumentType;
use crate::field::Field;
use crate::organization::Establishment;
use crate::wire_enum;

wire_enum! {
    /// What must hold at submission. Each is one function of `validation::rules`.
    pub enum Rule {
        /// The project has a title and a description.
        Project = "project",
        /// Somebody is named who builds the service.
        TechnicalTeam = "technical_team",
        /// The project has a description.
        Description = "description",
        /// At least one scope.
        AtLeastOneScope = "at_least_one_scope",
        /// Recipients and retention of the data.
        DataUse = "data_use",
        /// A text that gives the right to the data, as an address or as a file.
        LegalBasis = "legal_basis",
        /// The terms of use are accepted.
        CguApproved = "cgu_approved",
        /// The data protection officer knows.
        DpoIsInformed = "dpo_is_informed",
        /// Who is asked for a mobile telephone gives one.
        MobilePhone = "mobile_phone",
    }
}

/// Boxes (scopes, or questions answered by yes) that go, or do not go, together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Constraint {
    /// Where the error is shown.
    pub field: Field,
    /// The constraint holds only where one of these is ticked; always, where there is none.
    #[serde(default)]
    pub when_any: Vec<String>,
    /// At least one of these must be ticked.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// None of these may be ticked.
    #[serde(default)]
    pub none_of: Vec<String>,
    /// The constraint is lifted when this file is joined.
    #[serde(default)]
    pub unless_document: Option<DocumentType>,
    /// What the applicant reads.
    pub message: String,
}

/// The activities of the organisations that normally have the right, by their NAF code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Naf {
    /// Beginnings of the codes.
    pub prefixes: Vec<String>,
    /// Another activity is refused at submission; otherwise it only gets a warning.
    #[serde(default)]
    pub refuses: bool,
    /// What the applicant then reads.
    pub message: String,
}

impl Naf {
    /// Whether an establishment's activity is among them. An unknown one is.
    pub fn accepts(&self, establishment: Option<&Establishment>) -> bool {
        let code = establishment.map_or("", |known| known.activity.as_str());
        code.is_empty() || self.prefixes.iter().any(|prefix| code.starts_with(prefix.as_str()))
    }
}
