//! The words that go with a decision: the templates of an API (« modèles de décision »), their variables, and what is offered to
//! who decides. What the mails around these words say is not here.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::ItemCode;
use crate::text;
use crate::wire_enum;
use crate::workflow::Action;

/// The decisions that come with a message to the applicant.
pub const DECISIONS: [Action; 5] =
    [Action::Validate, Action::RequestChanges, Action::OfferPartialGrant, Action::Refuse, Action::Revoke];

/// The most templates of an API.
pub const MAX_TEMPLATES: usize = 100;

/// The most characters of the name of a template.
pub const MAX_NAME: usize = 80;

/// From how many requests with the same words on these are offered.
pub const MIN_USES: usize = 2;

/// The most words of earlier decisions that are offered.
pub const MAX_USED: usize = 10;

wire_enum! {
    /// What stands for a value of the request in a template.
    pub enum Variable {
        /// Its number.
        Number = "numéro",
        /// Its title.
        Title = "intitulé",
        /// The name of its organisation.
        Organization = "organisation",
        /// The API that it is about.
        Api = "API",
    }
}

impl Variable {
    /// As a template writes it.
    pub fn written(self) -> String {
        format!("{{{{ {self} }}}}")
    }

    /// Whatever its capitals, and with or without accents.
    fn named(name: &str) -> Option<Self> {
        let plain = |name: &str| name.to_lowercase().replace('é', "e");
        Self::ALL.iter().copied().find(|variable| plain(variable.as_str()) == plain(name))
    }
}

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateFlaw {
    /// There is no such variable.
    Unknown(String),
    /// A variable has no end.
    Unclosed,
}

impl fmt::Display for TemplateFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => {
                let known: Vec<String> = Variable::ALL.iter().map(|variable| variable.written()).collect();
                write!(f, "La variable «\u{a0}{name}\u{a0}» n’existe pas\u{a0}: utilisez {}.", known.join(", "))
            }
            Self::Unclosed => {
                f.write_str("Une variable n’est pas fermée\u{a0}: ajoutez «\u{a0}}}\u{a0}» après son nom.")
            }
        }
    }
}

/// The text of a template with each variable replaced by its value, which is inserted as it is.
///
/// # Errors
/// A variable that is none.
pub fn filled<'a>(body: &str, value: impl Fn(Variable) -> &'a str) -> Result<String, TemplateFlaw> {
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or(TemplateFlaw::Unclosed)?;
        let name = name.trim();
        let variable =
            Variable::named(name).ok_or_else(|| TemplateFlaw::Unknown(name.chars().take(MAX_NAME).collect()))?;
        text.push_str(before);
        text.push_str(value(variable));
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// A template to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecisionTemplate {
    /// For which decision: `validate`, `request_changes`, `offer_partial_grant`, `refuse` or `revoke`.
    pub decision: Action,
    /// What it is called; of one API and decision, each name is used once.
    pub name: String,
    /// The message, with `{{ numéro }}`, `{{ intitulé }}`, `{{ organisation }}` and `{{ API }}`.
    pub body: String,
    /// The message begins with it.
    #[serde(default)]
    pub is_default: bool,
}

/// What is wrong with a template: the member as a JSON pointer, why for programs, and what to do.
pub type Wrong = (&'static str, ItemCode, String);

impl NewDecisionTemplate {
    /// As it is kept.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn checked(self) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        if !DECISIONS.contains(&self.decision) {
            let detail = "Choisissez une décision qui s’accompagne d’un message.".to_owned();
            wrong.push(("/decision", ItemCode::NotEligible, detail));
        }
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            wrong.push(("/name", ItemCode::Required, "Donnez un nom à ce modèle.".to_owned()));
        } else if name.chars().count() > MAX_NAME {
            let detail = format!("Raccourcissez ce nom à {MAX_NAME} caractères au plus.");
            wrong.push(("/name", ItemCode::TooLong, detail));
        } else if let Err(flaw) = text::tidied(&name) {
            wrong.push(("/name", flaw.code(), flaw.to_string()));
        }
        let body = match text::tidied(&self.body) {
            Ok(body) if body.is_empty() => {
                wrong.push(("/body", ItemCode::Required, "Écrivez le message de ce modèle.".to_owned()));
                body
            }
            Ok(body) => body,
            Err(flaw) => {
                wrong.push(("/body", flaw.code(), flaw.to_string()));
                String::new()
            }
        };
        if let Err(flaw) = filled(&body, |_| "") {
            wrong.push(("/body", ItemCode::Unknown, flaw.to_string()));
        }
        if wrong.is_empty() { Ok(Self { name, body, ..self }) } else { Err(wrong) }
    }
}

/// A template of an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecisionTemplate {
    /// Its number.
    pub id: i64,
    /// For which decision.
    pub decision: Action,
    /// What it is called.
    pub name: String,
    /// The message, with its variables.
    pub body: String,
    /// The message begins with it; one at most of each decision.
    pub is_default: bool,
}

/// A template, filled in for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferedTemplate {
    /// What it is called.
    pub name: String,
    /// The message.
    pub text: String,
    /// The message begins with it.
    pub is_default: bool,
}

/// What is offered to who decides on a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferedMessages {
    /// The templates for that decision, by name.
    pub templates: Vec<OfferedTemplate>,
    /// The words that were used most for that decision lately, in requests of that API that the caller instructs: most used first.
    pub used: Vec<String>,
}

/// The words that several requests were answered with, most used first. `comments` have the latest first, each request's once.
pub fn most_used(comments: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for comment in comments {
        match counted.iter_mut().find(|(text, _)| *text == comment) {
            Some((_, count)) => *count += 1,
            None => counted.push((comment, 1)),
        }
    }
    counted.retain(|(_, count)| *count >= MIN_USES);
    // Stable: of those that are used as often, the latest comes first.
    counted.sort_by(|(_, one), (_, other)| other.cmp(one));
    counted.into_iter().take(MAX_USED).map(|(text, _)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(variable: Variable) -> &'static str {
        match variable {
            Variable::Number => "12",
            Variable::Title => "Cantine {{ API }}",
            Variable::Organization => "Clamart <b>",
            Variable::Api => "API Particulier",
        }
    }

    #[test]
    fn variables_are_replaced_once_and_their_values_stay_text() {
        let body = "Demande {{numéro}} « {{ Intitule }} » de {{ organisation }} :\n{{ api }} }} fin";
        let expected = "Demande 12 « Cantine {{ API }} » de Clamart <b> :\nAPI Particulier }} fin";
        assert_eq!(filled(body, value).as_deref(), Ok(expected));
        assert_eq!(filled("Sans variable.", value).as_deref(), Ok("Sans variable."));
        for variable in Variable::ALL {
            assert!(filled(&variable.written(), value).is_ok(), "{variable}");
        }
    }

    #[test]
    fn a_variable_that_is_none_is_named() {
        assert_eq!(filled("{{ siret }}", value), Err(TemplateFlaw::Unknown("siret".to_owned())));
        assert_eq!(filled("a {{ numéro", value), Err(TemplateFlaw::Unclosed));
        let told = TemplateFlaw::Unknown("siret".to_owned()).to_string();
        assert!(told.contains("«\u{a0}siret\u{a0}»") && told.contains("{{ numéro }}, {{ intitulé }}"), "{told}");
        assert!(TemplateFlaw::Unclosed.to_string().contains("«\u{a0}}}\u{a0}»"));
    }

    #[test]
    fn a_template_is_kept_tidy_or_told_what_is_wrong() {
        let new = |decision, name: &str, body: &str| {
            NewDecisionTemplate { decision, name: name.to_owned(), body: body.to_owned(), is_default: true }.checked()
        };
        let kept = new(Action::Refuse, "  Hors \n périmètre ", " Non.\r\nDésolé. ").unwrap();
        assert_eq!((kept.name.as_str(), kept.body.as_str()), ("Hors périmètre", "Non.\nDésolé."));
        let places = |wrong: Vec<Wrong>| wrong.into_iter().map(|(place, code, _)| (place, code)).collect::<Vec<_>>();
        let wrong = new(Action::Archive, " ", "").unwrap_err();
        let all = [("/decision", ItemCode::NotEligible), ("/name", ItemCode::Required), ("/body", ItemCode::Required)];
        assert_eq!(places(wrong), all);
        assert_eq!(places(new(Action::Refuse, "x", "{{ nom }}").unwrap_err()), [("/body", ItemCode::Unknown)]);
        assert_eq!(places(new(Action::Refuse, "a\u{202e}b", "x").unwrap_err()), [("/name", ItemCode::Format)]);
        assert_eq!(places(new(Action::Refuse, &"é".repeat(81), "x").unwrap_err()), [("/name", ItemCode::TooLong)]);
        assert_eq!(places(new(Action::Refuse, "x", &"é".repeat(10_001)).unwrap_err()), [("/body", ItemCode::TooLong)]);
    }

    #[test]
    fn what_was_said_once_is_not_offered() {
        let said = |texts: &[&str]| most_used(texts.iter().map(|text| (*text).to_owned()));
        assert_eq!(said(&["a", "b", "c", "b", "c", "c", "d", "d"]), ["c", "b", "d"]);
        assert!(said(&["a", "b"]).is_empty());
        let many: Vec<String> = (0..20).flat_map(|number| [number.to_string(), number.to_string()]).collect();
        assert_eq!(most_used(many).len(), MAX_USED);
    }
}
