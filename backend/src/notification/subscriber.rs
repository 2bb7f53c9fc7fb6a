//! The mails to subscribers. Some of them may not open the request: theirs say what it is.

use std::collections::BTreeSet;

use minijinja::{Value, context};
use shared::mail::MailKind;

use super::{Letter, Notice, render, scope_lines};
use crate::error::Result;

/// Somebody who asked to be told of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// E-mail address.
    pub email: String,
    /// Another role lets them read the request.
    pub may_open: bool,
    /// They have signed in at least once.
    pub has_account: bool,
    /// They have a part in what happens, and cannot do without its mail.
    pub takes_part: bool,
    /// The data that they are told of, by id: all of it, or that of their group.
    pub scopes: BTreeSet<String>,
}

/// The letters that a template makes for each of them.
///
/// # Errors
/// A text that cannot be rendered.
pub(super) fn letters(
    notice: &Notice<'_>,
    template: &str,
    kind: MailKind,
    subscribers: &[Subscriber],
) -> Result<Vec<Letter>> {
    let letter = |subscriber: &Subscriber| -> Result<Letter> {
        let mail = render(notice, template, &subscriber.email, &values(notice, subscriber))?;
        Ok(Letter { kind: (!subscriber.takes_part).then_some(kind), ..Letter::of(notice, mail) })
    };
    subscribers.iter().map(letter).collect()
}

fn values(notice: &Notice<'_>, subscriber: &Subscriber) -> Value {
    context! {
        may_open => subscriber.may_open,
        has_account => subscriber.has_account,
        takes_part => subscriber.takes_part,
        scopes => scope_lines(notice.policy, &subscriber.scopes),
    }
}
