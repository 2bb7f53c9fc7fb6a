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
