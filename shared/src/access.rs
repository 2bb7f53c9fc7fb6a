//! The ways in that somebody has opened: their browser sessions, and the tools that act for them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;

/// A browser in which somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BrowserSession {
    /// What it is ended by.
    pub id: String,
    /// The browser and the system, in a few words.
    pub device: String,
    /// When they signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to within some minutes.
    pub last_seen_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// Where the second factor of somebody stands, at the embedded identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecondFactor {
    /// Whether signing in asks for it.
    pub is_on: bool,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
    /// Whether a role of theirs asks for one.
    pub is_required: bool,
}

wire_enum! {
    /// What a tool may do, within what its owner may do.
    pub enum ApiScope {
        /// Read.
        EnrollmentsRead = "enrollments:read",
        /// Write.
        EnrollmentsWrite = "enrollments:write",
    }
}

impl ApiScope {
    /// What its owner ticks.
    pub const fn label(self) -> &'static str {
        match self {
            Self::EnrollmentsRead => "Lire les demandes et les habilitations",
            Self::EnrollmentsWrite => "Écrire dans les demandes",
        }
    }

    /// What it lets a tool do.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::EnrollmentsRead => "Tout ce que vous voyez\u{a0}: contenu, pièces jointes, historique et messages.",
            Self::EnrollmentsWrite => {
                "Tout ce que vous pouvez y faire\u{a0}: créer, modifier, soumettre, instruire, écrire des messages."
            }
        }
    }
}

/// A tool to connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiClient {
    /// Its name, for its owner.
    pub name: String,
    /// What it may do; at least one.
    pub scopes: Vec<ApiScope>,
}

/// A tool that acts for somebody, with tokens that it gets at `/api/oauth/token`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiClient {
    /// Its `client_id`.
    pub id: String,
    /// Its name, for its owner.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// Whether the secret before the present one still opens.
    pub has_previous_secret: bool,
    /// Until when its secret opens: a year from when it was made.
    pub expires_at: DateTime<Utc>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it last took a token.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A tool with its secret, which is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiClientWithSecret {
    /// The tool.
    pub api_client: ApiClient,
    /// Its `client_secret`.
    pub secret: String,
}
