//! The public register: what anybody may know of an authorisation (CRPA, article L114-8).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::enrollment::AuthorisationState;
use crate::organization::OrganizationKind;
use crate::policy::Provider;

/// One row of the public register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicRow {
    /// Number of the authorisation, written H and these digits.
    pub id: i64,
    /// Its API.
    pub target_api: String,
    /// Name of the API.
    pub label: String,
    /// Who exposes it and gave the right.
    pub provider: Provider,
    /// The organisation that may use the data.
    pub siret: String,
    /// Name of the organisation; « Nom non diffusible » where the Sirene register does not show it.
    pub nom_raison_sociale: String,
    /// What sort of organisation it is.
    pub organization_kind: OrganizationKind,
    /// What for.
    pub intitule: String,
    /// The data controller: first and last name (public by CRPA article L114-8). Empty once it is no longer in force.
    pub responsable_traitement: String,
    /// Whether it gives a right.
    pub state: AuthorisationState,
    /// When it was granted.
    pub validated_at: DateTime<Utc>,
    /// When it was replaced or revoked.
    pub ended_at: Option<DateTime<Utc>>,
}
