//! Opinions (« avis ») that instructors ask, on a request, of those who report on it. Instructors and reporters read them
//! ([`Action::Annotate`](crate::workflow::Action::Annotate)), nobody else does.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::ItemCode;
use crate::text::MAX_LENGTH;
use crate::user::{Demarches, Role, User};
use crate::{UnknownName, string_schema, wire_enum};

wire_enum! {
    /// What somebody thinks of a request.
    pub enum Verdict {
        /// For it.
        Favourable = "favourable",
        /// For it, under conditions.
        WithReservations = "favourable_with_reservations",
        /// Against it.
        Unfavourable = "unfavourable",
    }
}

impl Verdict {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Favourable => "Favorable",
            Self::WithReservations => "Favorable avec réserves",
            Self::Unfavourable => "Défavorable",
        }
    }

    /// Whether one must say why.
    pub const fn needs_text(self) -> bool {
        !matches!(self, Self::Favourable)
    }
}

/// Who is asked: `user-3`, or everybody who reports on one group of data: `group-cnaf`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Recipient {
    /// One person, by their number.
    User(i64),
    /// Those who report on that group of data: any of them answers for all.
    Group(String),
}

impl Recipient {
    /// Whether it is that user, for a request of that API that counts as that démarche.
    pub fn includes(&self, user: &User, target_api: &str, demarche: &str) -> bool {
        match self {
            Self::User(id) => *id == user.id,
            Self::Group(group) => {
                let asked = Self::role(target_api, group);
                let holds = |role: &Role| role.demarches().include(demarche) && role.name() == asked.name();
                user.roles.iter().any(holds)
            }
        }
    }

    /// The role of those who report on a group of data.
    pub fn role(target_api: &str, group: &str) -> Role {
        Role::Reporter { target_api: target_api.to_owned(), group: Some(group.to_owned()), demarches: Demarches::All }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user-{id}"),
            Self::Group(group) => write!(f, "group-{group}"),
        }
    }
}

impl FromStr for Recipient {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name.split_once('-') {
            Some(("user", id)) => id.parse().map(Self::User).ok(),
            Some(("group", group)) if !group.is_empty() => Some(Self::Group(group.to_owned())),
            _ => None,
        }
        .ok_or_else(|| UnknownName(name.to_owned()))
    }
}

string_schema!(Recipient, "Who is asked: one person, or all who read the data of a group.", "group-cnaf");

impl TryFrom<String> for Recipient {
    type Error = UnknownName;

    fn try_from(name: String) -> Result<Self, UnknownName> {
        name.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}

/// Somebody who may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// Who.
    pub recipient: Recipient,
    /// What people call them.
    pub label: String,
}

/// An opinion that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Opinion {
    /// Its number; grows with time.
    pub id: i64,
    /// Who was asked.
    pub recipient: Recipient,
    /// What people call them.
    pub recipient_label: String,
    /// What was asked.
    pub question: String,
    /// The last day to answer.
    pub due_on: NaiveDate,
    /// Who asked.
    pub author: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The answer, once there is one.
    pub answer: Option<OpinionAnswer>,
    /// The caller is asked and has still to answer.
    pub is_expected_of_me: bool,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpinionAnswer {
    /// For or against.
    pub verdict: Verdict,
    /// Why.
    pub text: String,
    /// Who answered.
    pub author: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// An opinion that the caller has still to give, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExpectedOpinion {
    /// The request.
    pub enrollment_id: i64,
    /// Its API.
    pub target_api: String,
    /// Its title.
    pub intitule: String,
    /// Name of its organisation.
    pub nom_raison_sociale: String,
    /// What is asked.
    pub opinion: Opinion,
}

/// An opinion to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOpinion {
    /// Of whom: one of the candidates.
    pub recipient: Recipient,
    /// What: 1 to 10 000 characters.
    pub question: String,
    /// The last day to answer: today or later, a year at most.
    pub due_on: NaiveDate,
}

/// An answer to give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// For or against.
    pub verdict: Verdict,
    /// Why; may be empty only where it is favourable. 10 000 characters at most.
    #[serde(default)]
    pub text: String,
}

/// What is wrong with a question, a day or an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing is asked.
    NoQuestion,
    /// The reasons are missing.
    NoReason,
    /// The text is too long.
    TooLong,
    /// The day has passed.
    Past,
    /// The day is too far away.
    TooFar,
}

impl Flaw {
    /// The same for programs.
    pub const fn code(self) -> ItemCode {
        match self {
            Self::NoQuestion | Self::NoReason => ItemCode::Required,
            Self::TooLong => ItemCode::TooLong,
            Self::Past | Self::TooFar => ItemCode::OutOfRange,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoQuestion => f.write_str("Écrivez ce que vous demandez."),
            Self::NoReason => f.write_str("Expliquez vos réserves ou votre avis défavorable."),
            Self::TooLong => write!(f, "Ce texte dépasse {MAX_LENGTH} caractères."),
            Self::Past => f.write_str("Choisissez une échéance à partir d’aujourd’hui."),
            Self::TooFar => f.write_str("Choisissez une échéance dans l’année qui vient."),
        }
    }
}

/// What is wrong with a question.
pub fn question_flaw(question: &str) -> Option<Flaw> {
    match question.trim().chars().count() {
        0 => Some(Flaw::NoQuestion),
        length => (length > MAX_LENGTH).then_some(Flaw::TooLong),
    }
}

/// What is wrong with the last day to answer.
pub fn due_flaw(due_on: NaiveDate, today: NaiveDate) -> Option<Flaw> {
    let last = today.checked_add_months(Months::new(12)).unwrap_or(NaiveDate::MAX);
    if due_on < today { Some(Flaw::Past) } else { (due_on > last).then_some(Flaw::TooFar) }
}

/// What is wrong with the text of an answer.
pub fn text_flaw(verdict: Verdict, text: &str) -> Option<Flaw> {
    match text.trim().chars().count() {
        0 => verdict.needs_text().then_some(Flaw::NoReason),
        length => (length > MAX_LENGTH).then_some(Flaw::TooLong),
    }
}

/// Whether those who were asked and have not answered are reminded today: from the day before the last one, unless they
/// were asked no earlier than that.
pub fn is_reminder_due(asked_on: NaiveDate, due_on: NaiveDate, today: NaiveDate) -> bool {
    let eve = due_on.checked_sub_days(Days::new(1)).unwrap_or(NaiveDate::MIN);
    asked_on < eve && (eve..=due_on).contains(&today)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn who_is_asked_has_one_name() {
        for name in ["user-3", "group-cnaf", "group-a-b"] {
            assert_eq!(name.parse::<Recipient>().map(|one| one.to_string()).as_deref(), Ok(name));
        }
        for wrong in ["", "user-", "user-x", "group-", "group", "role-3"] {
            assert!(wrong.parse::<Recipient>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_question_is_asked_for_a_day_of_the_coming_year() {
        assert_eq!(question_flaw(" \n"), Some(Flaw::NoQuestion));
        assert_eq!(question_flaw(&"é".repeat(MAX_LENGTH)), None);
        assert_eq!(question_flaw(&"é".repeat(MAX_LENGTH + 1)), Some(Flaw::TooLong));
        let today = day("2026-02-28");
        let flaw = |due_on| due_flaw(day(due_on), today);
        assert_eq!(flaw("2026-02-27"), Some(Flaw::Past));
        assert_eq!(flaw("2026-02-28"), None);
        assert_eq!(flaw("2027-02-28"), None);
        assert_eq!(flaw("2027-03-01"), Some(Flaw::TooFar));
    }

    #[test]
    fn only_a_favourable_opinion_needs_no_reason() {
        for &verdict in Verdict::ALL {
            let missing = (verdict != Verdict::Favourable).then_some(Flaw::NoReason);
            assert_eq!(text_flaw(verdict, " "), missing);
            assert_eq!(text_flaw(verdict, "Parce que."), None);
            assert_eq!(text_flaw(verdict, &"é".repeat(MAX_LENGTH + 1)), Some(Flaw::TooLong));
        }
    }

    #[test]
    fn one_is_reminded_the_day_before_unless_one_was_asked_just_then() {
        let due = |asked, today| is_reminder_due(day(asked), day("2026-03-10"), day(today));
        assert!(!due("2026-03-01", "2026-03-08"));
        assert!(due("2026-03-01", "2026-03-09"));
        assert!(due("2026-03-01", "2026-03-10"), "the server was down the day before");
        assert!(!due("2026-03-01", "2026-03-11"), "too late");
        assert!(!due("2026-03-09", "2026-03-09") && !due("2026-03-09", "2026-03-10"));
    }
}
