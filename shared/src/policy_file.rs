//! Policy files as administrators try them, publish them, and return to earlier ones. Reading them is the server's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::MailSample;
use crate::policy::Policy;
use crate::wire_enum;

/// The largest file, in bytes. Those of the program have a tenth of that.
pub const MAX_SIZE: usize = 512 * 1024;

wire_enum! {
    /// Where the policy in force of an API comes from: each comes before those above it.
    pub enum PolicySource {
        /// It is built into the program.
        Program = "program",
        /// A file of `POLICIES_DIR`.
        Directory = "directory",
        /// An administrator has published it.
        Published = "published",
    }
}

impl PolicySource {
    /// In French.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Program => "Livrée avec DataPass",
            Self::Directory => "Fichier du serveur",
            Self::Published => "Publiée ici",
        }
    }
}

/// Something that is wrong, or odd, at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyProblem {
    /// The file: `api_particulier.toml`, or a base that it extends.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What, and mostly what to do.
    pub message: String,
}

/// The policy of one API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyFile {
    /// The API.
    pub target_api: String,
    /// Its official name.
    pub label: String,
    /// Where its policy comes from.
    pub source: PolicySource,
}

/// A policy that was published and is not in force, since this version of the program cannot read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnreadPolicy {
    /// The API.
    pub target_api: String,
    /// What is in force in its place; `null` for nothing.
    pub in_force: Option<PolicySource>,
    /// Why.
    pub problems: Vec<PolicyProblem>,
}

/// Files of the server that could not be read: what was in force before still is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyFailure {
    /// When they were read.
    pub at: DateTime<Utc>,
    /// What is wrong with the place where they are; empty where it is with what they say.
    pub detail: String,
    /// What is wrong with what they say.
    pub problems: Vec<PolicyProblem>,
}

/// All policies, as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyFiles {
    /// Those in force, in the order of their names.
    pub policies: Vec<PolicyFile>,
    /// Those that were published and cannot be read.
    pub unread: Vec<UnreadPolicy>,
    /// Why the files were not taken, the last time that they were read again; `null` where they were.
    pub failure: Option<PolicyFailure>,
}

/// One change of the policy of an API, by an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyChange {
    /// Its number; grows with time.
    pub id: i64,
    /// A text was published; otherwise what was published was withdrawn, for the file of the server.
    pub is_published: bool,
    /// Why.
    pub reason: String,
    /// Who, by their name of today.
    pub actor: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The policy file of one API, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyText {
    /// The API.
    pub target_api: String,
    /// Where the policy in force comes from; `null` where there is none.
    pub source: Option<PolicySource>,
    /// What would be in force if nothing had been published; `null` for nothing.
    pub beneath: Option<PolicySource>,
    /// The file; where there is none, one to begin with.
    pub text: String,
    /// The number of the last change; `null` where there was none.
    pub latest: Option<i64>,
    /// The changes, newest first; the last two hundred of them.
    pub changes: Vec<PolicyChange>,
}

/// A policy file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDraft {
    /// TOML; at most 512 kB.
    pub text: String,
}

/// What an administrator wants to be in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPolicyChange {
    /// The file; `null` to withdraw what was published, so that the file of the server is in force again.
    #[serde(deserialize_with = "Option::deserialize")] // a body that says nothing of it must not withdraw
    #[schema(required)]
    pub text: Option<String>,
    /// Why, for the history; at most 1,000 characters.
    pub reason: String,
    /// The number of the last change that was seen: 409 where there is a later one.
    #[serde(default)]
    pub latest: Option<i64>,
}

/// What a file would change: one value of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyDifference {
    /// Where: `scopes.cnaf_adresse.label`.
    pub path: String,
    /// The value in force; empty for none.
    pub before: String,
    /// The value that is tried; empty for none.
    pub after: String,
}

/// Who may do what: a row for each sort of person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RightsTable {
    /// What it is about.
    pub title: String,
    /// What to know first; empty for nothing.
    pub introduction: String,
    /// The columns after the first.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<RightsRow>,
}

/// What one sort of person may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RightsRow {
    /// Who.
    pub who: String,
    /// For each column, what; empty for nothing.
    pub cells: Vec<Vec<String>>,
}

/// What comes of a policy file that is tried. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PolicyTrial {
    /// What keeps it from being published.
    pub problems: Vec<PolicyProblem>,
    /// What is odd and does not keep it from being published.
    pub warnings: Vec<PolicyProblem>,
    /// What it says; `null` where there are problems, and then the lists below are empty.
    pub policy: Option<Policy>,
    /// How it differs from the policy in force.
    pub differences: Vec<PolicyDifference>,
    /// Who may do what.
    pub rights: Vec<RightsTable>,
    /// Every mail that the people of the API would get, filled in with sample values.
    pub mails: Vec<MailSample>,
}
