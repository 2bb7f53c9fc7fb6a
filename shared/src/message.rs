//! What people write to one another about an enrollment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;

wire_enum! {
    /// Who reads a message.
    pub enum Audience {
        /// The applicant: an instructor wrote it.
        Applicant = "applicant",
        /// The instructors: the applicant wrote it.
        Instructors = "instructors",
        /// Instructors and reporters, never the applicant: a note.
        Administration = "administration",
    }
}

/// A message or a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Its number; grows with time.
    pub id: i64,
    /// Who reads it.
    pub audience: Audience,
    /// Who wrote it, as readers see them.
    pub author: String,
    /// What they wrote.
    pub body: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When its audience first read it.
    pub read_at: Option<DateTime<Utc>>,
}

/// A message or a note to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// The text: 1 to 10 000 characters.
    pub body: String,
    /// A note for the administration alone, not a message for the other side.
    #[serde(default)]
    pub note: bool,
}
