//! The differences between two versions of a request, as text. No view here.

use serde_json::Value;
use shared::diff::Change;
use shared::field::Field;
use shared::policy::Policy;

use crate::pages::request::word_diff::{Piece, compare};
use crate::pages::request::wording;

/// Beyond that many characters, or on several lines, the two versions of a text stand one above the other.
const INLINE_LENGTH: usize = 80;

/// How one field differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Two short texts; empty where there was, or is, no answer.
    Inline {
        /// The older.
        before: String,
        /// The newer.
        after: String,
    },
    /// Two long texts, with the words that differ marked.
    Stacked {
        /// The older.
        before: Vec<Piece>,
        /// The newer.
        after: Vec<Piece>,
    },
    /// Data that is asked for.
    Scopes {
        /// Asked for since.
        added: Vec<String>,
        /// No longer asked for.
        removed: Vec<String>,
    },
}

/// How a field differs, in this policy's words.
pub fn difference(policy: &Policy, change: &Change) -> Difference {
    if change.field == Field::Scopes {
        let (before, after) = (scopes(&change.before), scopes(&change.after));
        let only_in = |these: &[&str], others: &[&str]| {
            these.iter().filter(|id| !others.contains(id)).map(|id| wording::scope(policy, id)).collect()
        };
        return Difference::Scopes { added: only_in(&after, &before), removed: only_in(&before, &after) };
    }
    let before = text_of(policy, &change.field, &change.before);
    let mut after = text_of(policy, &change.field, &change.after);
    if before == after {
        // Another file under the same name.
        after.push_str(" (nouvelle version)");
    }
    let is_short = |text: &str| text.chars().count() <= INLINE_LENGTH && !text.contains('\n');
    if is_short(&before) && is_short(&after) {
        Difference::Inline { before, after }
    } else {
        let (before, after) = compare(&before, &after);
        Difference::Stacked { before, after }
    }
}

/// A value as a person reads it; empty where there is none.
fn text_of(policy: &Policy, field: &Field, value: &Value) -> String {
    match (field, value) {
        (_, Value::Null) => String::new(),
        (_, Value::Bool(true)) => "Oui".to_owned(),
        (_, Value::Bool(false)) => "Non".to_owned(),
        (Field::DataRetentionPeriod, Value::Number(months)) => wording::months(months),
        (Field::PreviousEnrollmentId, Value::Number(id)) => format!("Demande n°\u{a0}{id}"),
        (Field::Document(_), Value::Object(file)) => {
            file.get("filename").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        (Field::Document(_), Value::Array(files)) => {
            let names: Vec<String> = files.iter().map(|file| text_of(policy, field, file)).collect();
            names.join(", ")
        }
        (field, Value::String(text)) => wording::text(policy, field, text),
        (_, other) => other.to_string(),
    }
}

fn scopes(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::document::DocumentType;

    use super::*;
    use crate::pages::request::samples;

    fn of(field: Field, before: Value, after: Value) -> Difference {
        difference(&samples::policy(), &Change { field, before, after })
    }

    fn inline(before: &str, after: &str) -> Difference {
        Difference::Inline { before: before.to_owned(), after: after.to_owned() }
    }

    #[test]
    fn short_values_are_shown_side_by_side_in_words() {
        assert_eq!(of(Field::Intitule, json!("Cantine"), json!("Crèche")), inline("Cantine", "Crèche"));
        assert_eq!(of(Field::Intitule, json!(null), json!("Crèche")), inline("", "Crèche"));
        assert_eq!(of(Field::DataRetentionPeriod, json!(6), json!(36)), inline("6\u{a0}mois", "36\u{a0}mois"));
        assert_eq!(of(Field::CguApproved, json!(true), json!(null)), inline("Oui", ""));
        assert_eq!(
            of(Field::Additional("eidas_level".to_owned()), json!("eidas_1"), json!("eidas_2")),
            inline("Faible", "Substantiel")
        );
    }

    #[test]
    fn a_file_replaced_under_its_name_is_a_new_version() {
        let file = |hash: &str| json!({"filename": "texte.pdf", "sha256": hash});
        assert_eq!(
            of(Field::Document(DocumentType::LegalBasis), file("a"), file("b")),
            inline("texte.pdf", "texte.pdf (nouvelle version)")
        );
    }

    #[test]
    fn several_files_are_named_one_after_the_other() {
        let file = |name: &str| json!({"filename": name, "sha256": name});
        assert_eq!(
            of(Field::Document(DocumentType::LegalBasis), file("a.pdf"), json!([file("a.pdf"), file("b.pdf")])),
            inline("a.pdf", "a.pdf, b.pdf")
        );
    }

    #[test]
    fn data_is_added_or_removed_by_its_label() {
        assert_eq!(
            of(Field::Scopes, json!(["name", "gone"]), json!(["name", "birth"])),
            Difference::Scopes { added: vec!["Date de naissance".to_owned()], removed: vec!["gone".to_owned()] }
        );
        assert_eq!(
            of(Field::Scopes, json!(null), json!(["name"])),
            Difference::Scopes { added: vec!["Nom".to_owned()], removed: Vec::new() }
        );
    }

    #[test]
    fn long_texts_stand_one_above_the_other() {
        let long = "mot ".repeat(40);
        let Difference::Stacked { before, after } =
            of(Field::Description, json!(format!("{long}fin")), json!(format!("{long}suite")))
        else {
            panic!("not stacked")
        };
        assert_eq!(before.iter().map(|piece| piece.changed).collect::<Vec<_>>(), [false, true]);
        assert_eq!(after.last().map(|piece| piece.text.as_str()), Some("suite"));
    }
}
