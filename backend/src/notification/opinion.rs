//! The mails about opinions: to those who are asked, and to who has asked.

use chrono::NaiveDate;
use minijinja::context;
use shared::api::Mail;
use shared::opinion::Verdict;

use super::{ENVIRONMENT, Notice, payloads};
use crate::error::{Error, Result};
use crate::models::outbox::Payload;

/// What such a mail tells.
#[derive(Clone, Copy, Debug)]
pub enum Told {
    /// An opinion is asked.
    Asked,
    /// It is expected tomorrow, or today.
    Recalled,
    /// It was given.
    Answered(Verdict),
}

impl Told {
    const fn template(self) -> &'static str {
        match self {
            Self::Asked => include_str!("../../templates/mails/opinion_asked.txt"),
            Self::Recalled => include_str!("../../templates/mails/opinion_recalled.txt"),
            Self::Answered(_) => include_str!("../../templates/mails/opinion_answered.txt"),
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
pub fn mails(notice: &Notice<'_>, told: Told, words: Words<'_>, recipients: &[String]) -> Result<Vec<Payload>> {
    let verdict = match told {
        Told::Answered(verdict) => verdict.label().to_lowercase(),
        Told::Asked | Told::Recalled => String::new(),
    };
    let values = context! {
        id => notice.id,
        intitule => &notice.content.intitule,
        label => &notice.policy.label,
        nom_raison_sociale => notice.nom_raison_sociale,
        author => words.author,
        question => words.question,
        due_on => words.due_on.format("%d/%m/%Y").to_string(),
        verdict => verdict,
        url => format!("{}/demandes/{}#avis", notice.public_url, notice.id),
    };
    let filled = ENVIRONMENT
        .render_str(told.template(), &values)
        .map_err(|error| Error::Internal(format!("mail {told:?} of {}: {error}", notice.policy.target_api)))?;
    let (subject, body) = filled.split_once("\n\n").unwrap_or((&filled, ""));
    let subject = subject.strip_prefix("Objet : ").unwrap_or(subject);
    let mail = |to: &String| Mail { to: to.clone(), subject: subject.to_owned(), body: body.trim().to_owned() };
    Ok(payloads(notice, recipients.iter().map(mail).collect()))
}
