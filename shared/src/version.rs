//! The versions of a request that can be compared, by name, and what differs between two of them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::diff::Change;
use crate::enrollment::AuthorisationSummary;
use crate::workflow::Status;
use crate::{UnknownName, string_schema};

/// The name of a version: `current`, `submission-12`, `authorisation-5` or `original`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum VersionId {
    /// What stands in the request now.
    Current,
    /// What was handed to the instructors, by the number of that event.
    Submission(i64),
    /// What was granted, by the number of the authorisation.
    Authorisation(i64),
    /// What stands now in the request that this one renews.
    Original,
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str("current"),
            Self::Submission(event) => write!(f, "submission-{event}"),
            Self::Authorisation(id) => write!(f, "authorisation-{id}"),
            Self::Original => f.write_str("original"),
        }
    }
}

impl FromStr for VersionId {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let id = match name {
            "current" => Some(Self::Current),
            "original" => Some(Self::Original),
            numbered => numbered.split_once('-').and_then(|(kind, number)| {
                let number = number.parse().ok()?;
                match kind {
                    "submission" => Some(Self::Submission(number)),
                    "authorisation" => Some(Self::Authorisation(number)),
                    _ => None,
                }
            }),
        };
        // One version has one name: no leading zero, no sign.
        id.filter(|id| id.to_string() == name).ok_or_else(|| UnknownName(name.to_owned()))
    }
}

string_schema!(VersionId, "One version of a request.", "submission-12");

impl TryFrom<String> for VersionId {
    type Error = UnknownName;

    fn try_from(name: String) -> Result<Self, UnknownName> {
        name.parse()
    }
}

impl From<VersionId> for String {
    fn from(id: VersionId) -> Self {
        id.to_string()
    }
}

/// A version that can be compared, in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionSummary {
    /// Its name.
    pub id: VersionId,
    /// The request it is of: this one, or the one that it renews.
    pub enrollment_id: i64,
    /// The revision of the policy whose words fit it best.
    pub policy_revision: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Where the request stands, for what stands in it now.
    pub status: Option<Status>,
}

impl VersionSummary {
    /// What it is called on the page, without the day.
    pub fn label(&self) -> String {
        match self.id {
            VersionId::Current if self.status.is_some_and(Status::is_editable) => "Brouillon".to_owned(),
            VersionId::Current => "Version actuelle".to_owned(),
            VersionId::Submission(_) => "Soumission".to_owned(),
            VersionId::Authorisation(id) => format!("Habilitation {}", AuthorisationSummary::number_of(id)),
            VersionId::Original => format!("Demande n°\u{a0}{}", self.enrollment_id),
        }
    }
}

/// What differs between two versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The one that is compared with.
    pub from: VersionSummary,
    /// The one that is compared.
    pub to: VersionSummary,
    /// The fields that differ, in the order of the form.
    pub changes: Vec<Change>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_one_name() {
        for name in ["current", "original", "submission-12", "authorisation-5"] {
            assert_eq!(name.parse::<VersionId>().map(|id| id.to_string()).as_deref(), Ok(name));
        }
        for wrong in
            ["", "draft", "submission", "submission-", "submission-012", "submission-+1", "event-1", "current-1"]
        {
            assert!(wrong.parse::<VersionId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_stands_now_is_a_draft_while_it_is_written() {
        let label = |id, status| {
            let created_at = DateTime::default();
            VersionSummary { id, enrollment_id: 7, policy_revision: String::new(), created_at, status }.label()
        };
        assert_eq!(label(VersionId::Current, Some(Status::ChangesRequested)), "Brouillon");
        assert_eq!(label(VersionId::Current, Some(Status::Validated)), "Version actuelle");
        assert_eq!(label(VersionId::Authorisation(5), None), "Habilitation H5");
        assert_eq!(label(VersionId::Original, None), "Demande n°\u{a0}7");
    }
}
