//! The mails about transfers: the applicant and the colleague both get one of each step.

use chrono::NaiveDate;
use minijinja::context;

use super::{Letter, Notice, filled};
use crate::error::Result;

/// What happened to a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferEvent {
    /// The applicant offers the request.
    Offered,
    /// A colleague asks for it.
    Asked,
    /// It has changed hands.
    Done,
    /// It stays where it was.
    Refused,
    /// Who began it has taken it back.
    Withdrawn,
}

impl TransferEvent {
    const fn template(self) -> &'static str {
        match self {
            Self::Offered => "mails/transfer_offered.txt",
            Self::Asked => "mails/transfer_asked.txt",
            Self::Done => "mails/transfer_done.txt",
            Self::Refused => "mails/transfer_refused.txt",
            Self::Withdrawn => "mails/transfer_withdrawn.txt",
        }
    }
}

/// The words of such a mail.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// Name of the applicant before.
    pub from: &'a str,
    /// Name, or e-mail address, of the colleague.
    pub to: &'a str,
    /// Who did it.
    pub author: &'a str,
    /// Why; may be empty.
    pub reason: &'a str,
    /// The last day on which the applicant alone answers.
    pub due_on: Option<NaiveDate>,
}

/// Who is told.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// It is the colleague, not the applicant.
    pub is_colleague: bool,
    /// They may know what the request is about.
    pub knows_content: bool,
}

/// Tells these people.
///
/// # Errors
/// A text that cannot be rendered.
pub fn mails(
    notice: &Notice<'_>,
    event: TransferEvent,
    words: Words<'_>,
    addressees: &[Addressee<'_>],
) -> Result<Vec<Letter>> {
    let letter = |addressee: &Addressee<'_>| -> Result<Letter> {
        let is_theirs = addressee.is_colleague == (event == TransferEvent::Done);
        let page = if is_theirs { "" } else { "/transfert" };
        let values = context! {
            id => notice.id.0,
            intitule => addressee.knows_content.then_some(&notice.content.intitule),
            label => addressee.knows_content.then_some(&notice.in_force.label),
            nom_raison_sociale => notice.nom_raison_sociale,
            from => words.from,
            to => words.to,
            author => words.author,
            reason => words.reason.trim(),
            due_on => words.due_on.map(|day| day.format("%d/%m/%Y").to_string()),
            is_colleague => addressee.is_colleague,
            url => format!("{}/demandes/{}{page}", notice.public_url, notice.id),
            support_email => &notice.in_force.support_email,
        };
        Ok(Letter::of(notice, filled(event.template(), values, addressee.email)?))
    };
    addressees.iter().map(letter).collect()
}
