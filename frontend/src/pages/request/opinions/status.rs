//! The status of an opinion, and what is still expected, as text. No view here.

use chrono::NaiveDate;
use shared::opinion::Opinion;

use crate::components::date;

/// Whether an opinion is given, or still in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpinionStatus {
    /// There is time to answer.
    Expected,
    /// The last day to answer has passed.
    Late,
    /// It was given.
    Given,
}

impl OpinionStatus {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Expected => "Attendu",
            Self::Late => "En retard",
            Self::Given => "Rendu",
        }
    }
}

/// The status of an opinion on that day.
pub fn status(opinion: &Opinion, today: NaiveDate) -> OpinionStatus {
    match &opinion.answer {
        Some(_) => OpinionStatus::Given,
        None if opinion.due_on < today => OpinionStatus::Late,
        None => OpinionStatus::Expected,
    }
}

/// What is still expected, and until when; nothing where everything was given.
pub fn expected(opinions: &[Opinion], today: NaiveDate) -> Option<String> {
    let waiting: Vec<&Opinion> = opinions.iter().filter(|opinion| opinion.answer.is_none()).collect();
    let last = waiting.iter().map(|opinion| opinion.due_on).max()?;
    let count = match waiting.len() {
        1 => "1 avis attendu".to_owned(),
        count => format!("{count} avis attendus"),
    };
    let until = if last < today { "l’échéance était le" } else { "jusqu’au" };
    let separator = if last < today { "\u{a0}: " } else { " " };
    Some(format!("{count}{separator}{until} {}.", date::day(last)))
}

/// « 2 avis vous sont demandés ».
pub fn asked_of_you(count: usize) -> String {
    match count {
        1 => "Un avis vous est demandé".to_owned(),
        count => format!("{count} avis vous sont demandés"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn opinion(due_on: &str, is_given: bool) -> Opinion {
        let answer = serde_json::json!({
            "verdict": "favourable", "text": "", "author": "A", "created_at": "2026-03-01T03:04:05Z",
        });
        serde_json::from_value(serde_json::json!({
            "id": 1, "recipient": "user-1", "recipient_label": "A", "question": "?", "due_on": due_on, "author": "B",
            "created_at": "2026-03-01T03:04:05Z", "is_expected_of_me": false,
            "answer": if is_given { answer } else { serde_json::Value::Null },
        }))
        .unwrap()
    }

    #[test]
    fn an_opinion_is_late_from_the_day_after() {
        let today = day("2026-03-10");
        assert_eq!(status(&opinion("2026-03-10", false), today), OpinionStatus::Expected);
        assert_eq!(status(&opinion("2026-03-09", false), today), OpinionStatus::Late);
        assert_eq!(status(&opinion("2026-03-09", true), today), OpinionStatus::Given);
    }

    #[test]
    fn who_decides_is_told_what_is_expected() {
        let told = |opinions: &[Opinion]| expected(opinions, day("2026-03-10"));
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[opinion("2026-03-12", true)]), None);
        assert_eq!(told(&[opinion("2026-03-12", false)]).as_deref(), Some("1 avis attendu jusqu’au 12 mars 2026."));
        assert_eq!(
            told(&[opinion("2026-03-12", false), opinion("2026-03-11", false), opinion("2026-03-20", true)]).as_deref(),
            Some("2 avis attendus jusqu’au 12 mars 2026.")
        );
        assert_eq!(
            told(&[opinion("2026-03-01", false)]).as_deref(),
            Some("1 avis attendu\u{a0}: l’échéance était le 1er mars 2026.")
        );
    }
}
