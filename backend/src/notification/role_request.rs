//! The mails about roles: to those who give one that is asked for, and to whoever gets or loses one.

use minijinja::{Value, context};
use shared::role_request::RoleRequest;
use shared::user::Person;

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
        is_asked => true,
        has_account => true,
        public_url => words.public_url,
    };
    posted(event.template(), values, words, to)
}

/// The mail to somebody who gets or loses a role without having asked.
///
/// # Errors
/// A text that cannot be rendered.
pub fn changed(person: &Person, granted: bool, author: &str, words: Words<'_>) -> Result<Payload> {
    let template = if granted { "mails/role_given.txt" } else { "mails/role_taken.txt" };
    let values = context! {
        role => words.role,
        email => &person.email,
        has_account => person.has_account,
        author,
        public_url => words.public_url,
    };
    posted(template, values, words, &person.email)
}

fn posted(template: &str, values: Value, words: Words<'_>, to: &str) -> Result<Payload> {
    let mail = filled(template, values, to)?;
    Ok(Payload::Mail { from: words.mail_from.to_owned(), reply_to: String::new(), unsubscribe: String::new(), mail })
}
