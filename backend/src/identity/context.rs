//! What a decision about an account needs besides its transaction.

use chrono::NaiveDateTime;

use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::Result;
use crate::notification::account::AccountMail;
use crate::outbox;
use crate::state::AppState;

/// The time, and what mails say of this server.
#[derive(Clone, Debug)]
pub struct Context {
    pub now: NaiveDateTime,
    public_url: String,
    mail_from: String,
}

impl Context {
    /// The context of a decision that is taken now.
    pub fn new(state: &AppState) -> Self {
        Self { now: now().naive_utc(), public_url: state.public_url.clone(), mail_from: state.config.mail_from.clone() }
    }

    /// Queues a mail in the transaction of the decision.
    pub fn send(&self, connection: &mut AnyConnection, mail: AccountMail<'_>, to: &str) -> Result<()> {
        outbox::post(connection, mail.render(to, &self.public_url, &self.mail_from)?)
    }
}
