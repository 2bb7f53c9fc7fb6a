//! The access that an API manager opens for an authorisation, as people see it. Opening it is the server's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::policy::Delivery;
use crate::wire_enum;

wire_enum! {
    /// Where an access stands at its manager.
    pub enum ProvisioningState {
        /// It is being opened, or brought up to date.
        Pending = "pending",
        /// It is open, as it was granted.
        Open = "open",
        /// It is being withdrawn.
        Withdrawing = "withdrawing",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
    }
}

/// The access of an authorisation at a manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Provisioning {
    /// The manager.
    pub manager: Delivery,
    /// Where it stands.
    pub state: ProvisioningState,
    /// Where its holder goes on; empty for nowhere.
    pub link: String,
    /// When it was opened first.
    pub opened_at: Option<DateTime<Utc>>,
    /// Since when the manager does not do what it is asked; `null` where it does.
    pub failing_since: Option<DateTime<Utc>>,
    /// Why it does not; empty where it does.
    pub error: String,
    /// How many of the people who were to have it the manager has not confirmed: they had it already, or were not taken.
    pub unconfirmed: usize,
}

impl Provisioning {
    /// Where it stands: « accès ouvert le 3 mars 2026 ». `day` writes a day as its reader is used to.
    pub fn sentence(&self, day: impl Fn(DateTime<Utc>) -> String) -> String {
        match (self.state, self.opened_at.map(day)) {
            (ProvisioningState::Pending, None) => "accès en cours d’ouverture".to_owned(),
            (ProvisioningState::Pending, Some(day)) => format!("accès ouvert le {day}, en cours de mise à jour"),
            (ProvisioningState::Open, Some(day)) => format!("accès ouvert le {day}"),
            (ProvisioningState::Open, None) => "accès ouvert".to_owned(),
            (ProvisioningState::Withdrawing, _) => "retrait en cours".to_owned(),
            (ProvisioningState::Withdrawn, _) => "accès retiré".to_owned(),
        }
    }

    /// Since when the manager does not do what it is asked, and why; `None` where it does. `time` writes a day with its hour.
    pub fn failure(&self, time: impl Fn(DateTime<Utc>) -> String) -> Option<String> {
        self.failing_since.map(|since| format!("En échec depuis le {}\u{a0}: {}", time(since), self.error))
    }

    /// That some people were not confirmed; `None` where all were. The answer of the manager is the same for those whom it knew
    /// already and for those whom it did not take.
    pub fn doubt(&self) -> Option<String> {
        let manager = self.manager.label();
        let (people, either) = match self.unconfirmed {
            0 => return None,
            1 => ("d’une personne".to_owned(), "elle y était déjà, ou n’a pas été acceptée"),
            count => (format!("de {count} personnes"), "elles y étaient déjà, ou n’ont pas été acceptées"),
        };
        Some(format!("{manager} n’a pas confirmé l’inscription {people}\u{a0}: {either}. Son équipe peut le dire."))
    }
}

/// An access that somebody must look at: its manager does not do what it is asked, or holds something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProvisioningIssue {
    /// The request.
    pub enrollment_id: i64,
    /// Its API.
    pub target_api: String,
    /// Its access.
    #[serde(flatten)]
    pub provisioning: Provisioning,
    /// How what the manager holds differs from what was granted; empty where it does not.
    pub drift: String,
    /// When the manager was last asked what it holds.
    pub checked_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(state: ProvisioningState, opened_at: Option<&str>) -> Provisioning {
        Provisioning {
            manager: Delivery::PisteApplication,
            state,
            link: String::new(),
            opened_at: opened_at.map(|at| at.parse().unwrap()),
            failing_since: None,
            error: String::new(),
            unconfirmed: 0,
        }
    }

    fn day(at: DateTime<Utc>) -> String {
        at.format("%d/%m/%Y").to_string()
    }

    #[test]
    fn an_access_says_where_it_stands() {
        let opened = Some("2026-03-03T10:00:00Z");
        let said = |state, opened_at| access(state, opened_at).sentence(day);
        assert_eq!(said(ProvisioningState::Pending, None), "accès en cours d’ouverture");
        assert_eq!(said(ProvisioningState::Pending, opened), "accès ouvert le 03/03/2026, en cours de mise à jour");
        assert_eq!(said(ProvisioningState::Open, opened), "accès ouvert le 03/03/2026");
        assert_eq!(said(ProvisioningState::Withdrawing, opened), "retrait en cours");
        assert_eq!(said(ProvisioningState::Withdrawn, opened), "accès retiré");
    }

    #[test]
    fn a_failure_and_a_doubt_are_told_where_there_is_one() {
        let right = access(ProvisioningState::Open, None);
        assert_eq!((right.failure(day), right.doubt()), (None, None));
        let since = "2026-03-03T10:00:00Z".parse().unwrap();
        let wrong =
            Provisioning { failing_since: Some(since), error: "503".to_owned(), unconfirmed: 1, ..right.clone() };
        assert_eq!(wrong.failure(day).as_deref(), Some("En échec depuis le 03/03/2026\u{a0}: 503"));
        let doubt = "PISTE n’a pas confirmé l’inscription d’une personne\u{a0}: elle y était déjà, ou n’a pas été acceptée. Son \
                     équipe peut le dire.";
        assert_eq!(wrong.doubt().as_deref(), Some(doubt));
        let several = Provisioning { unconfirmed: 2, ..right }.doubt().unwrap();
        assert!(several.contains("de 2 personnes\u{a0}: elles y étaient déjà"), "{several}");
    }
}
