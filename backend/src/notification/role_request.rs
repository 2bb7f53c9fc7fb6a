//! The mails about roles that people ask for: to those who give them, and to who asked.

use minijinja::context;
use shared::role_request::RoleRequest;

use super::filled;
use crate::error::Result;
use crate::models::outbox::Payload;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleRequestEvent {
    /// Somebody asks.
    Asked,
    /// The role was given.
    Given,
    /// It was refused.
    Refused,
}

impl RoleRequestEvent {
    const fn template(self) -> &'static str {
        match self {
            Self::Asked => "mails/role_asked.txt",
            Self::Given => "mails/role_given.txt",
            Self::Refused => "mails/role_refused.txt",
        }
    }
}

/// The words of such a mail.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The role, as a person reads it.
    pub role: &'a str,
    /// Where browsers reach us.
    pub public_url: &'a str,
    /// Sender of the mails.
    pub mail_from: &'a str,
}

/// The mail to that address, as the outbox takes it.
///
/// # Errors
/// A text that cannot be rendered.
pub fn mail(event: RoleRequestEvent, request: &RoleRequest, words: Words<'_>, to: &str) -> Result<Payload> {
    let values = context! {
        role => words.role,
        name => &request.name,
        email => &request.email,
        organizations => &request.organizations,
        reason => &request.reason,
        manager_email => &request.manager_email,
        answer => &request.answer,
        author => &request.answered_by,
        public_url => words.public_url,
    };
    let mail = filled(event.template(), values, to)?;
    Ok(Payload::Mail { from: words.mail_from.to_owned(), reply_to: String::new(), unsubscribe: String::new(), mail })
}
