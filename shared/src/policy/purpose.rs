//! What each piece of data is for, where a policy asks it: an answer of `additional_content` beside each scope.

use super::{Policy, Scope};
use crate::field::Field;

/// What stands before the id of the scope in the key of the answer.
const PREFIX: &str = "usage_";

impl Field {
    /// What the data of that scope is for.
    pub fn purpose_of(scope: &str) -> Self {
        Self::Additional(format!("{PREFIX}{scope}"))
    }
}

impl Policy {
    /// The scope whose purpose has that key, if this policy asks for purposes.
    pub fn scope_of_purpose(&self, key: &str) -> Option<&Scope> {
        let id = key.strip_prefix(PREFIX).filter(|_| self.asks_purposes)?;
        self.scope(id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::draft::{Answer, Draft};
    use crate::policy::{Section, revision};
    use crate::validation::{Input, Stage, validate};

    fn policy(asks_purposes: bool) -> Policy {
        serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d", "asks_purposes": asks_purposes,
            "sections": ["donnees"], "rules": [], "support_email": "a@b.fr", "scopes": [{"id": "a", "label": "Adresse"}],
        }))
        .unwrap()
    }

    fn draft(key: &str, answer: Answer) -> Draft {
        Draft { additional_content: [(key.to_owned(), answer)].into(), ..Draft::default() }
    }

    #[test]
    fn a_purpose_is_asked_beside_its_data_where_the_policy_asks_for_it() {
        let (field, text) = (Field::purpose_of("a"), Answer::Text("Vérifier l’adresse".to_owned()));
        assert_eq!(field.to_string().parse(), Ok(field.clone()));
        let refused = |policy: &Policy, key: &str, answer: Answer| {
            let draft = draft(key, answer);
            !validate(policy, Input::new(&draft, &[], ""), Stage::Save).is_empty()
        };
        let asking = policy(true);
        assert_eq!(asking.section_of(&field), Some(Section::Donnees));
        assert_eq!(asking.label_of(&field), "À quoi sert «\u{a0}Adresse\u{a0}»");
        assert_eq!(asking.question_of(&field), "À quoi sert «\u{a0}Adresse\u{a0}»\u{a0}?");
        assert!(!refused(&asking, "usage_a", text.clone()));
        assert!(refused(&asking, "usage_a", Answer::Bool(true)));
        assert!(refused(&asking, "usage_b", text.clone()), "no such data");
        assert_eq!(revision::fitted(&asking, draft("usage_a", text.clone())), draft("usage_a", text.clone()));
        let other = policy(false);
        assert_eq!(other.section_of(&field), None);
        assert!(refused(&other, "usage_a", text.clone()));
        assert!(revision::fitted(&other, draft("usage_a", text)).additional_content.is_empty());
    }
}
