//! Backs the draft up in local storage until the server has it, so that no lost network, closed tab or expired session
//! loses it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::draft::Draft;
use shared::enrollment::Enrollment;

use super::patch::patch;
use crate::browser::{self, DRAFT_PREFIX};
use crate::json;

/// What is kept: the version it builds on, so that the changes of others since then are noticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    /// Version of the request that `base` is.
    pub version: i64,
    /// The revision of the form that it was written in.
    #[serde(default)]
    pub policy_revision: String,
    /// What the server had.
    pub base: Draft,
    /// What the user has made of it.
    pub draft: Draft,
    pub kept_at: DateTime<Utc>,
}

/// Keeps a draft. Whether the browser could.
pub fn keep(enrollment: &Enrollment, draft: &Draft) -> bool {
    let backup = Backup {
        version: enrollment.version,
        policy_revision: enrollment.policy_revision.clone(),
        base: enrollment.content.clone(),
        draft: draft.clone(),
        kept_at: browser::now(),
    };
    serde_json::to_value(&backup).is_ok_and(|value| browser::store(&key(enrollment.id), &json::print(&value)))
}

/// What is kept of that request.
pub fn kept(id: i64) -> Option<Backup> {
    serde_json::from_value(json::parse(&browser::stored(&key(id))?)?).ok()
}

/// Forgets what is kept, once the server has all of it.
pub fn settle(enrollment: &Enrollment) {
    if kept(enrollment.id).is_none_or(|backup| patch(&enrollment.content, &backup.draft).is_empty()) {
        forget(enrollment.id);
    }
}

/// Forgets what is kept.
pub fn forget(id: i64) {
    browser::forget(&key(id));
}

fn key(id: i64) -> String {
    format!("{DRAFT_PREFIX}{id}")
}
