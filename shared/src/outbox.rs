//! What could not be delivered, as administrators see it, and addresses that do not answer. Delivery is the server's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;

wire_enum! {
    /// Where a message that could not be delivered stands.
    pub enum OutboxState {
        /// It is tried again.
        Failing = "failing",
        /// It is tried no more, unless an administrator has it tried.
        GivenUp = "given_up",
    }
}

/// A message that could not be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutboxMessage {
    /// Its number: the same however often it is delivered.
    pub id: String,
    /// The enrollment it is about.
    pub enrollment_id: Option<i64>,
    /// To whom it goes.
    pub receiver: String,
    /// Its subject.
    pub subject: String,
    /// Whether it is tried again.
    pub state: OutboxState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it failed first.
    pub failing_since: DateTime<Utc>,
    /// When it is tried next; `null` once it is given up.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Why it failed last.
    pub error: String,
}

/// How many messages are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retried {
    /// That many.
    pub count: usize,
}

wire_enum! {
    /// Why mails do not reach an address, as the mail service says.
    pub enum MailRejection {
        /// They come back.
        Bounce = "bounce",
        /// The service holds them back: they came back before.
        Blocked = "blocked",
        /// Its owner called one unwanted.
        Spam = "spam",
    }
}

/// An address that mails do not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnreachableAddress {
    /// The address, lower case.
    pub email: String,
    /// Why.
    pub rejection: MailRejection,
    /// Whether it is so for good, as when there is no such address; a mailbox that is full may take mails another day.
    pub permanent: bool,
}

wire_enum! {
    /// Whether Mailjet delivers mails of a sender.
    pub enum SenderState {
        /// It does.
        Validated = "validated",
        /// Not before the owner of the address or of its domain has confirmed it.
        Pending = "pending",
        /// It does not: it does not know the sender, or no longer.
        Refused = "refused",
    }
}

/// A sender of our mails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailSender {
    /// Its address.
    pub address: String,
    /// Whether Mailjet delivers its mails.
    pub state: SenderState,
}
