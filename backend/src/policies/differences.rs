//! What differs between two policies, value by value, in the words of their files.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::policy::Policy;
use shared::policy_file::PolicyDifference;

use super::source::NAMED_LISTS;

/// How the second differs from the first, in the order of the keys; the first may not exist.
pub fn between(before: Option<&Policy>, after: &Policy) -> Vec<PolicyDifference> {
    let before = before.map(values).unwrap_or_default();
    let mut after = values(after);
    let mut differences: Vec<PolicyDifference> = before
        .into_iter()
        .map(|(path, before)| PolicyDifference { after: after.remove(&path).unwrap_or_default(), path, before })
        .collect();
    let new = after.into_iter().map(|(path, after)| PolicyDifference { path, before: String::new(), after });
    differences.extend(new);
    differences.retain(|difference| difference.before != difference.after);
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    differences
}

/// Every value that says something, by its path.
fn values(policy: &Policy) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut policy_value = serde_json::to_value(policy).unwrap_or_default();
    if let Some(members) = policy_value.as_object_mut() {
        members.remove("target_api");
        members.remove("revision");
        // They are the catalogue's alone, and not written.
        members.insert("topics".to_owned(), policy.topics.iter().map(|topic| Value::from(topic.as_str())).collect());
        members.insert("keywords".to_owned(), policy.keywords.iter().map(|word| Value::from(word.as_str())).collect());
        for (key, value) in members {
            let name = NAMED_LISTS.iter().find(|(list, _)| list == key).map(|(_, name)| *name);
            collect(key, value, name, &mut found);
        }
    }
    found
}

/// `name`: the key by which the elements of a list are told apart.
fn collect(path: &str, value: &Value, name: Option<&str>, found: &mut BTreeMap<String, String>) {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("true".to_owned()),
        Value::Bool(false) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                collect(&format!("{path}.{key}"), member, None, found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let named: Vec<String> = items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    name.and_then(|name| text(item.get(name)?)).unwrap_or_else(|| (index + 1).to_string())
                })
                .collect();
            for (item, own) in items.iter().zip(&named) {
                collect(&format!("{path}.{own}"), item, None, found);
            }
            if name.is_some() {
                found.insert(path.to_owned(), named.join(", "));
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let separator = if path == "introduction" { "\n" } else { ", " };
            found.insert(path.to_owned(), items.iter().filter_map(text).collect::<Vec<_>>().join(separator));
        }
        other => {
            if let Some(text) = text(other).filter(|text| !text.is_empty()) {
                found.insert(path.to_owned(), text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(change: impl Fn(&mut Value)) -> Policy {
        let mut value = serde_json::json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d",
            "sections": ["description", "donnees"], "rules": [], "support_email": "a@b.fr",
            "scopes": [{"id": "x", "label": "X"}, {"id": "y", "label": "Y", "locked": true}],
        });
        change(&mut value);
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_difference_is_named_as_the_file_names_it() {
        let before = policy(|_| {});
        assert_eq!(between(Some(&before), &before), []);
        let after = policy(|value| {
            value["scopes"] = serde_json::json!([{"id": "y", "label": "Y"}, {"id": "x", "label": "X2"}]);
            value["sections"] = serde_json::json!(["donnees"]);
            value["topics"] = serde_json::json!(["social"]);
        });
        let told: Vec<(String, String, String)> =
            between(Some(&before), &after).into_iter().map(|one| (one.path, one.before, one.after)).collect();
        let one = |path: &str, before: &str, after: &str| (path.to_owned(), before.to_owned(), after.to_owned());
        assert_eq!(
            told,
            [
                one("scopes", "x, y", "y, x"),
                one("scopes.x.label", "X", "X2"),
                one("scopes.y.locked", "true", ""),
                one("sections", "description, donnees", "donnees"),
                one("topics", "", "social"),
            ]
        );
        assert!(between(None, &after).iter().all(|difference| difference.before.is_empty()));
    }
}
