//! How much one person, and one address of visitors, may do in a while and keep: beyond it is what nobody needs and everybody
//! else would pay for.

use anyhow::{Context as _, Result};

use super::variable;

/// What one person or one address may do. Reaching one of these is answered 409 or 429, with what to do.
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
    /// `QUOTA_CALLS`: calls in a minute, of all sessions and tools of a person.
    pub calls: i64,
    /// `QUOTA_SEARCHES`: searches in a minute, of a person or of an address of visitors.
    pub searches: i64,
    /// `QUOTA_VISITOR_CALLS`: calls in a minute from one address, of those that are not signed in.
    pub visitor_calls: i64,
    /// `QUOTA_SIGN_IN_PAGES`: sign-ins begun in a minute from one address.
    pub sign_in_pages: i64,
    /// `QUOTA_SIGN_UPS`: accounts asked for in an hour from one address.
    pub sign_ups: i64,
    /// `QUOTA_MAILS`: codes and links that visitors have sent to one e-mail address, in an hour.
    pub mails: i64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            drafts: 50,
            new_requests: 200,
            documents_mb: 500,
            uploads: 300,
            messages: 100,
            calls: 600,
            searches: 60,
            visitor_calls: 120,
            sign_in_pages: 20,
            sign_ups: 5,
            mails: 5,
        }
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
            calls: number("QUOTA_CALLS", default.calls)?,
            searches: number("QUOTA_SEARCHES", default.searches)?,
            visitor_calls: number("QUOTA_VISITOR_CALLS", default.visitor_calls)?,
            sign_in_pages: number("QUOTA_SIGN_IN_PAGES", default.sign_in_pages)?,
            sign_ups: number("QUOTA_SIGN_UPS", default.sign_ups)?,
            mails: number("QUOTA_MAILS", default.mails)?,
        })
    }
}

fn number(name: &str, default: i64) -> Result<i64> {
    let Some(text) = variable(name) else { return Ok(default) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("{name} doit être un nombre entier positif, pas «\u{a0}{text}\u{a0}»"))
}
