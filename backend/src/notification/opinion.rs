//! The mails about opinions: to those who are asked, and to who has asked.

use chrono::NaiveDate;
use minijinja::context;
use shared::api::Mail;
use shared::mail::MailKind;
use shared::opinion::Verdict;

use super::{Letter, Notice, filled};
use crate::error::Result;

/// What happened to an opinion.
#[derive(Clone, Copy, Debug)]
pub enum OpinionEvent {
    /// An opinion is asked.
    Asked,
    /// It is expected tomorrow, or today.
    Reminder,
    /// It was given.
    Answered(Verdict),
}

impl OpinionEvent {
    const fn template(self) -> &'static str {
        match self {
            Self::Asked => "mails/opinion_asked.txt",
            Self::Reminder => "mails/opinion_reminder.txt",
            Self::Answered(_) => "mails/opinion_answered.txt",
        }
    }
}

/// The words of such a mail.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// Who asked, or who answered.
    pub author: &'a str,
    /// What was asked.
    pub question: &'a str,
    /// The last day to answer.
    pub due_on: NaiveDate,
}

/// Tells these people.
///
/// # Errors
/// A text that cannot be rendered.
pub fn mails(notice: &Notice<'_>, event: OpinionEvent, words: Words<'_>, recipients: &[String]) -> Result<Vec<Letter>> {
    let verdict = match event {
        OpinionEvent::Answered(verdict) => verdict.label().to_lowercase(),
        OpinionEvent::Asked | OpinionEvent::Reminder => String::new(),
    };
    let values = context! {
        id => notice.id.0,
        intitule => &notice.content.intitule,
        label => &notice.in_force.label,
        nom_raison_sociale => notice.nom_raison_sociale,
        author => words.author,
        question => words.question,
        due_on => words.due_on.format("%d/%m/%Y").to_string(),
        verdict => verdict,
        url => format!("{}/demandes/{}#avis", notice.public_url, notice.id),
    };
    let mail = filled(event.template(), values, "")?;
    let kind = matches!(event, OpinionEvent::Reminder).then_some(MailKind::OpinionReminders);
    let letter = |to: &String| Letter { kind, ..Letter::of(notice, Mail { to: to.clone(), ..mail.clone() }) };
    Ok(recipients.iter().map(letter).collect())
}
