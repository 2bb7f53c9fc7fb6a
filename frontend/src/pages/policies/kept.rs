//! A policy being written, kept in this browser until it is published or one signs out.

use serde_json::{Value, json};

use crate::browser::{self, DRAFT_PREFIX};
use crate::json;

/// A text, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The number of the last change that was known when it was begun.
    pub latest: Option<i64>,
    pub text: String,
}

/// What is kept for that API.
pub fn stored_draft(target_api: &str) -> Option<Written> {
    browser::stored(&key(target_api)).and_then(|kept| json::parse(&kept)).and_then(|kept| read(&kept))
}

/// Keeps a text for that API.
pub fn keep(target_api: &str, latest: Option<i64>, text: &str) {
    browser::store(&key(target_api), &json::print(&json!({ "latest": latest, "text": text })));
}

/// Forgets it.
pub fn forget(target_api: &str) {
    browser::forget(&key(target_api));
}

fn key(target_api: &str) -> String {
    format!("{DRAFT_PREFIX}policy.{target_api}")
}

fn read(kept: &Value) -> Option<Written> {
    let text = kept.get("text")?.as_str()?.to_owned();
    Some(Written { latest: kept.get("latest").and_then(Value::as_i64), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_with_the_version_that_it_comes_from() {
        let written = |latest| Some(Written { latest, text: "label = 1".to_owned() });
        assert_eq!(read(&json!({ "latest": 3, "text": "label = 1" })), written(Some(3)));
        assert_eq!(read(&json!({ "latest": null, "text": "label = 1" })), written(None));
        assert_eq!(read(&json!("label = 1")), None);
    }
}
