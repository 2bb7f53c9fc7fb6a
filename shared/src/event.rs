//! What happened to an enrollment: its history.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::change_point::ChangePoint;
use crate::diff::Change;
use crate::workflow::EventName;

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its number; grows with time.
    pub id: i64,
    /// What happened.
    pub name: EventName,
    /// What the actor wrote about it; empty where nothing was asked.
    pub comment: String,
    /// What changed in the content; for an offer, what would change.
    pub changes: Vec<Change>,
    /// A version that was handed over again just as it was before, or an update that changes nothing.
    #[serde(default)]
    pub without_changes: bool,
    /// The points that it made, with their answers.
    #[serde(default)]
    pub points: Vec<ChangePoint>,
    /// Who did it, as readers see them.
    pub author: String,
    /// When.
    pub created_at: DateTime<Utc>,
}
