//! What differs between two versions of a request, by field.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::document::Document;
use crate::draft::{Answer, Draft};
use crate::field::Field;
use crate::team_member::Attribute;

/// One field that differs. An empty value (no text, no box ticked) is `null` on its side. A file is its name and hash;
/// several of one type are a list of these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// What.
    pub field: Field,
    /// Its value in the older version.
    pub before: Value,
    /// Its value in the newer version.
    pub after: Value,
}

/// A whole version of a request: what is compared, and what a submission keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// What the applicant wrote.
    pub content: Draft,
    /// The files, by their hash.
    pub documents: Vec<Document>,
}

/// The fields that differ, in the order of the form.
pub fn diff(before: &Version, after: &Version) -> Vec<Change> {
    let (before, after) = (values(before), values(after));
    let fields: BTreeSet<&Field> = before.keys().chain(after.keys()).collect();
    fields
        .into_iter()
        .filter_map(|field| {
            let (before, after) = (before.get(field), after.get(field));
            (before != after).then(|| Change {
                field: field.clone(),
                before: before.cloned().unwrap_or_default(),
                after: after.cloned().unwrap_or_default(),
            })
        })
        .collect()
}

/// Two series of changes told as one: what the first started from, what the second ended with, and nothing of a field
/// that came back to where it was.
pub fn merge(earlier: &[Change], later: &[Change]) -> Vec<Change> {
    let mut merged: BTreeMap<Field, (Value, Value)> = BTreeMap::new();
    for change in earlier.iter().chain(later) {
        merged
            .entry(change.field.clone())
            .and_modify(|(_, after)| *after = change.after.clone())
            .or_insert_with(|| (change.before.clone(), change.after.clone()));
    }
    merged
        .into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|(field, (before, after))| Change { field, before, after })
        .collect()
}

/// Every field that has a value.
fn values(version: &Version) -> BTreeMap<Field, Value> {
    let content = &version.content;
    let mut values = BTreeMap::new();
    for (field, _) in Field::OWN {
        let value = match field {
            Field::Siret => content.siret.as_ref().map(|siret| siret.as_str().into()),
            Field::PreviousEnrollmentId => content.previous_enrollment_id.map(Value::from),
            Field::TechnicalTeamType => content.technical_team_type.map(|kind| kind.as_str().into()),
            Field::Scopes => (!content.scopes.is_empty()).then(|| content.scopes.iter().map(String::as_str).collect()),
            Field::DataRetentionPeriod => content.data_retention_period.map(Value::from),
            Field::CguApproved => content.cgu_approved.then_some(Value::Bool(true)),
            Field::DpoIsInformed => content.dpo_is_informed.then_some(Value::Bool(true)),
            text => content.text(text).filter(|text| !text.is_empty()).map(Value::from),
        };
        values.extend(value.map(|value| (field.clone(), value)));
    }
    for (place, member) in content.placed_team_members() {
        for &attribute in Attribute::ALL {
            let text = member.get(attribute);
            if !text.is_empty() {
                values.insert(Field::TeamMember(member.kind, place, attribute), text.into());
            }
        }
    }
    for (id, answer) in &content.additional_content {
        let value = match answer {
            Answer::Bool(false) => continue,
            Answer::Bool(true) => Value::Bool(true),
            Answer::Text(text) if text.is_empty() => continue,
            Answer::Text(text) => text.as_str().into(),
        };
        values.insert(Field::Additional(id.clone()), value);
    }
    let mut files: Vec<&Document> = version.documents.iter().collect();
    files.sort_by_key(|file| (&file.filename, &file.sha256));
    for file in files {
        let value = serde_json::json!({"filename": file.filename, "sha256": file.sha256});
        let all = values.entry(Field::Document(file.kind)).or_insert(Value::Null);
        *all = match all.take() {
            Value::Null => value,
            Value::Array(others) => others.into_iter().chain([value]).collect(),
            other => Value::Array(vec![other, value]),
        };
    }
    values
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::team_member::TeamMemberType;

    #[test]
    fn only_what_differs_and_in_the_order_of_the_form() {
        let before = Version {
            content: Draft {
                intitule: "Cantine".to_owned(),
                description: "Même texte".to_owned(),
                scopes: BTreeSet::from(["a".to_owned(), "b".to_owned()]),
                cgu_approved: true,
                ..Draft::default()
            },
            documents: Vec::new(),
        };
        let mut after = before.clone();
        after.content.intitule = "Crèche".to_owned();
        after.content.scopes.remove("b");
        after.content.cgu_approved = false;
        after.content.team_member_mut(TeamMemberType::ResponsableTechnique).email = "tech@exemple.fr".to_owned();
        after.content.additional_content.insert("eidas_level".to_owned(), Answer::Text("2".to_owned()));

        let changes = diff(&before, &after);
        assert_eq!(
            serde_json::to_value(changes).unwrap(),
            json!([
                {"field": "intitule", "before": "Cantine", "after": "Crèche"},
                {"field": "scopes", "before": ["a", "b"], "after": ["a"]},
                {"field": "cgu_approved", "before": true, "after": null},
                {"field": "team_members.responsable_technique.email", "before": null, "after": "tech@exemple.fr"},
                {"field": "additional_content.eidas_level", "before": null, "after": "2"},
            ])
        );
        assert!(diff(&after, &after).is_empty());
    }

    #[test]
    fn several_files_of_a_type_are_a_list_whatever_their_order() {
        let file = |name: &str| -> Document {
            serde_json::from_value(json!({
                "id": 1, "type": "LegalBasis", "filename": name, "size": 1, "sha256": name,
                "created_at": "2026-01-02T03:04:05Z",
            }))
            .unwrap()
        };
        let of = |names: &[&str]| Version {
            content: Draft::default(),
            documents: names.iter().map(|name| file(name)).collect(),
        };
        assert!(diff(&of(&["a", "b"]), &of(&["b", "a"])).is_empty());
        let one = |name: &str| json!({"filename": name, "sha256": name});
        let changes = diff(&of(&["a"]), &of(&["c", "a", "b"]));
        assert_eq!(
            serde_json::to_value(changes).unwrap(),
            json!([{"field": "documents.LegalBasis", "before": one("a"), "after": [one("a"), one("b"), one("c")]}])
        );
    }

    #[test]
    fn two_series_are_told_as_one() {
        let change = |field: &str, before: Value, after: Value| Change { field: field.parse().unwrap(), before, after };
        let earlier = [change("intitule", json!("a"), json!("b")), change("demarche", Value::Null, json!("x"))];
        let later = [change("demarche", json!("x"), Value::Null), change("intitule", json!("b"), json!("c"))];
        assert_eq!(merge(&earlier, &later), [change("intitule", json!("a"), json!("c"))]);
    }

    #[test]
    fn an_empty_value_is_no_value() {
        let mut empty = Version::default();
        empty.content.additional_content.insert("acces_spi".to_owned(), Answer::Bool(false));
        empty.content.team_member_mut(TeamMemberType::ResponsableTechnique);
        assert!(diff(&Version::default(), &empty).is_empty());
    }
}
