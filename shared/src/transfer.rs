//! Transfers: a request passes to a colleague of the same organisation, who is its applicant from then on.
//!
//! The applicant offers it, a colleague asks for it, or an administrator moves it. Who may do which is not decided here (see
//! [`crate::rights`]), nor from which status (see [`crate::workflow`]).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::after_working_days;
use crate::wire_enum;

/// How many working days the applicant has to answer a colleague.
pub const WORKING_DAYS_TO_ANSWER: usize = 10;

wire_enum! {
    /// How a transfer begins.
    pub enum TransferKind {
        /// The applicant offers the request to a colleague, who accepts or declines.
        Offer = "offer",
        /// A colleague asks for it, and the applicant accepts or refuses.
        Ask = "ask",
        /// An administrator gives it to somebody at once.
        Move = "move",
    }
}

wire_enum! {
    /// How a transfer ended.
    pub enum TransferOutcome {
        /// The request has changed hands.
        Accepted = "accepted",
        /// It stays where it was.
        Refused = "refused",
        /// Who began it has taken it back.
        Withdrawn = "withdrawn",
        /// The request has changed hands in another way meanwhile.
        Superseded = "superseded",
    }
}

wire_enum! {
    /// What somebody may do about the transfer of a request.
    pub enum TransferStep {
        /// Offer the request to a colleague.
        Offer = "offer",
        /// Ask for it.
        Ask = "ask",
        /// Give it to somebody at once.
        Move = "move",
        /// Accept what waits.
        Accept = "accept",
        /// Refuse it.
        Refuse = "refuse",
        /// Take back what one has begun.
        Withdraw = "withdraw",
    }
}

/// Body of `POST /api/enrollments/{id}/transfer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTransfer {
    /// What one does.
    pub kind: TransferKind,
    /// To whom, by e-mail address: to offer and to move.
    #[serde(default)]
    pub email: String,
    /// Why: to ask and to move; may be empty for an offer.
    #[serde(default)]
    pub reason: String,
}

/// Body of `PUT /api/enrollments/{id}/transfer`: the answer to what waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferAnswer {
    /// Whether the request changes hands.
    pub accept: bool,
    /// Why. Those who decide in the place of the applicant must say it.
    #[serde(default)]
    pub reason: String,
}

/// A transfer that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingTransfer {
    /// How it began: it was offered, or asked for.
    pub kind: TransferKind,
    /// Name of the applicant.
    pub from: String,
    /// Name of who would have the request; the e-mail address of who it is offered to.
    pub to: String,
    /// Why; may be empty for an offer.
    pub reason: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// Of what was asked: the last day on which the applicant alone answers. `null` for an offer.
    pub due_on: Option<NaiveDate>,
}

/// Where the transfer of a request stands, for the caller. Who does not read the request learns nothing of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Transfer {
    /// Number of the request.
    pub enrollment_id: i64,
    /// Title of the request, for those who read it and for who it is offered to; `null` for who may only ask for it.
    pub intitule: Option<String>,
    /// What waits for an answer; `null` where nothing does, and for whom it does not concern.
    pub waiting: Option<WaitingTransfer>,
    /// What the caller may do now.
    pub steps: Vec<TransferStep>,
    /// The request is offered to the caller, who does not yet speak for its organisation as it must be to accept: verified.
    pub needs_membership: bool,
}

/// A transfer that the caller is to answer: of a request that is offered to them, or that a colleague asks them for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AwaitedTransfer {
    /// Number of the request.
    pub enrollment_id: i64,
    /// Its API.
    pub target_api: String,
    /// Its title.
    pub intitule: String,
    /// Name of its organisation.
    pub nom_raison_sociale: String,
    /// What waits.
    pub waiting: WaitingTransfer,
}

impl Transfer {
    /// Whether the caller may take that step now.
    pub fn allows(&self, step: TransferStep) -> bool {
        self.steps.contains(&step)
    }
}

/// The last day on which the applicant alone answers what was asked on that day.
pub fn due_on(asked_on: NaiveDate) -> NaiveDate {
    after_working_days(asked_on, WORKING_DAYS_TO_ANSWER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_applicant_has_ten_working_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(due_on(day("2026-11-30")), day("2026-12-14"));
        assert_eq!(due_on(day("2026-12-18")), day("2027-01-05"));
    }
}
