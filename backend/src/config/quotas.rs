//! How much one person may do in a while, and keep: what nobody needs and everybody else would pay for.

use anyhow::{Context as _, Result};

use super::variable;

/// What one person may do. Reaching one of these is answered 409 or 429, with what to do.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// `QUOTA_DRAFTS`: drafts at once.
    pub drafts: i64,
    /// `QUOTA_NEW_REQUESTS`: new requests in a day, copies included.
    pub new_requests: i64,
    /// `QUOTA_DOCUMENTS_MB`: megabytes of documents, those that others replaced included.
    pub documents_mb: i64,
    /// `QUOTA_UPLOADS`: documents sent in a day.
    pub uploads: i64,
    /// `QUOTA_MESSAGES`: messages in an hour.
    pub messages: i64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { drafts: 50, new_requests: 200, documents_mb: 500, uploads: 300, messages: 100 }
    }
}

impl Quotas {
    pub(super) fn from_env() -> Result<Self> {
        let default = Self::default();
        Ok(Self {
            drafts: number("QUOTA_DRAFTS", default.drafts)?,
            new_requests: number("QUOTA_NEW_REQUESTS", default.new_requests)?,
            documents_mb: number("QUOTA_DOCUMENTS_MB", default.documents_mb)?,
            uploads: number("QUOTA_UPLOADS", default.uploads)?,
            messages: number("QUOTA_MESSAGES", default.messages)?,
        })
    }
}

fn number(name: &str, default: i64) -> Result<i64> {
    let Some(text) = variable(name) else { return Ok(default) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("{name} doit être un nombre entier positif, pas «\u{a0}{text}\u{a0}»"))
}
