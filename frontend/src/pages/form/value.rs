//! Formats the value of a field.

use serde_json::Value;
use shared::field::Field;
use shared::policy::Policy;

use crate::pages::request::wording;

/// The value of a field, as a line of a diff holds it, in words.
pub fn shown(policy: &Policy, field: &Field, value: &Value) -> String {
    match value {
        Value::Null => "(vide)".to_owned(),
        Value::Bool(true) => "Oui".to_owned(),
        Value::Bool(false) => "Non".to_owned(),
        Value::Array(values) => {
            let labels: Vec<String> = values.iter().map(|value| shown(policy, field, value)).collect();
            labels.join(", ")
        }
        Value::String(id) if *field == Field::Scopes => wording::scope(policy, id),
        Value::String(text) => wording::text(policy, field, text),
        Value::Object(file) => file.get("filename").and_then(Value::as_str).unwrap_or_default().to_owned(),
        Value::Number(number) => number.to_string(),
    }
}
