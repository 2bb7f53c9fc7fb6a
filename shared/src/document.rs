//! The files that go with a request: what is known of them, not their bytes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;

/// The largest file that is accepted, in bytes (10 MB, v1's limit).
pub const MAX_SIZE: usize = 10 * 1024 * 1024;

wire_enum! {
    /// What a file is for. One live file per type and request. The names are v1's.
    pub enum DocumentType {
        /// The text that gives the right to the data.
        LegalBasis = "LegalBasis",
        /// Pictures of the planned service.
        MaquetteProjet = "MaquetteProjet",
        /// DGFiP: a need that the list of data does not cover.
        ExpressionBesoinSpecifique = "ExpressionBesoinSpecifique",
        /// The decision that the system is secure enough.
        DecisionHomologation = "DecisionHomologation",
    }
}

impl DocumentType {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LegalBasis => "Document du cadre juridique",
            Self::MaquetteProjet => "Maquette du projet",
            Self::ExpressionBesoinSpecifique => "Expression de besoin spécifique",
            Self::DecisionHomologation => "Décision d’homologation",
        }
    }
}

/// A file of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Its number.
    pub id: i64,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    /// The name it had on the sender's machine.
    pub filename: String,
    /// Size in bytes.
    pub size: i64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// When it was received.
    pub created_at: DateTime<Utc>,
}
