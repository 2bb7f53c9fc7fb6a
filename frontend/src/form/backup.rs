//! What was typed and is not yet on the server, kept in this browser: a lost network, a closed tab or an ended session
//! loses nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::enrollment::{Draft, Enrollment};

use super::patch::patch;
use crate::{browser, json};

/// Beginning of the keys; the number of the request follows.
pub const PREFIX: &str = "datapass.draft.";

/// What is kept: the version it builds on, so that the changes of others since then are noticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backup {
    /// Version of the request that `base` is.
    pub version: i64,
    /// What the server had.
    pub base: Draft,
    /// What the user has made of it.
    pub draft: Draft,
    /// When.
    pub kept_at: DateTime<Utc>,
}

/// Keeps a draft. Whether the browser could.
pub fn keep(enrollment: &Enrollment, draft: &Draft) -> bool {
    let backup = Backup {
        version: enrollment.version,
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
    format!("{PREFIX}{id}")
}
