//! The mails of a policy: its own texts, those to other services, and when applicants are reminded.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::workflow::EventName;

/// A mail's text. `{{ intitule }}`, `{{ label }}`, `{{ url }}`, `{{ next_step_url }}` and the other values of
/// `backend/templates/mails` may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailText {
    /// Subject; the common one where there is none.
    #[serde(default)]
    pub subject: Option<String>,
    /// Body; the common one where there is none.
    #[serde(default)]
    pub body: Option<String>,
}

/// When applicants are reminded of a request that waits for them, in days. v1's delays, unless a policy says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Reminders {
    /// A draft that nobody touched for so long.
    pub draft_days: u32,
    /// A request whose changes nobody made for so long.
    pub changes_days: u32,
    /// How long after that second reminder the request is put away.
    pub archive_days: u32,
}

impl Reminders {
    /// Nothing is due before so many days without an event.
    pub fn shortest(self) -> u32 {
        self.draft_days.min(self.changes_days).min(self.archive_days)
    }
}

impl Default for Reminders {
    fn default() -> Self {
        Self { draft_days: 15, changes_days: 182, archive_days: 15 }
    }
}

/// A mail to a service that must know of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceNotice {
    /// Of what.
    pub event: EventName,
    /// A service mailbox.
    pub to: String,
    /// Subject, with the values of [`MailText`].
    pub subject: String,
    /// Body, with the values of [`MailText`].
    pub body: String,
}
