//! What could not be delivered, as administrators see it. Its delivery is the server's.

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
