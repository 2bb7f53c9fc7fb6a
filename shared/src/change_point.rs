//! The points of a request for changes: what an instructor wants to be changed, and what the applicant answers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::diff::Change;
use crate::draft::Draft;
use crate::field::Field;
use crate::policy::Policy;

/// The most points of one request for changes.
pub const MAX_POINTS: usize = 100;

/// What a point is about: a field, or one piece of the data that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The field.
    pub field: Field,
    /// The piece of data, where the field is `scopes` and the point is about that one alone.
    pub scope: Option<String>,
}

impl Target {
    /// A whole field.
    pub const fn field(field: Field) -> Self {
        Self { field, scope: None }
    }

    /// What a person reads.
    pub fn label(&self, policy: &Policy) -> String {
        let label = policy.label_of(&self.field);
        match &self.scope {
            Some(id) => {
                let scope = policy.scope(id).map_or(id.as_str(), |scope| scope.label.as_str());
                format!("{label}\u{a0}: {scope}")
            }
            None => label,
        }
    }

    /// Whether the form of that policy, filled in so, shows it.
    pub fn is_shown(&self, policy: &Policy, draft: &Draft) -> bool {
        let is_there = match &self.field {
            Field::TeamMember(kind, place, attribute) => {
                let is_asked = policy.contact(*kind).is_some_and(|contact| contact.attributes.contains(attribute));
                is_asked && *place < draft.team_members_of(*kind).count().max(1)
            }
            _ => true,
        };
        let fits = match &self.scope {
            Some(id) => self.field == Field::Scopes && policy.scope(id).is_some(),
            None => true,
        };
        is_there && fits && policy.section_of(&self.field).is_some()
    }

    /// The change of what it is about, among those of a whole request.
    pub fn change(&self, changes: &[Change]) -> Option<Change> {
        let change = changes.iter().find(|change| change.field == self.field)?;
        let Some(id) = &self.scope else { return Some(change.clone()) };
        let side = |value: &Value| {
            let is_in = value.as_array().is_some_and(|ids| ids.iter().any(|other| other.as_str() == Some(id)));
            if is_in { Value::from(vec![id.as_str()]) } else { Value::Null }
        };
        let (before, after) = (side(&change.before), side(&change.after));
        (before != after).then(|| Change { field: self.field.clone(), before, after })
    }
}

/// A point to send with a request for changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPoint {
    /// What it is about.
    pub field: Field,
    /// The piece of data, where the field is `scopes` and it is about that one alone.
    #[serde(default)]
    pub scope: Option<String>,
    /// What is wrong: 1 to 10 000 characters.
    pub comment: String,
}

impl NewPoint {
    /// What it is about.
    pub fn target(&self) -> Target {
        Target { field: self.field.clone(), scope: self.scope.clone() }
    }
}

/// A point, with its answer and what was changed since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChangePoint {
    /// Its number.
    pub id: i64,
    /// What it is about.
    pub field: Field,
    /// The piece of data, where the field is `scopes` and it is about that one alone.
    pub scope: Option<String>,
    /// What is wrong.
    pub comment: String,
    /// What the applicant answers; empty where they only said that it is done.
    pub answer: String,
    /// When the applicant answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// What was changed of it since; left out in the history.
    pub change: Option<Change>,
}

impl ChangePoint {
    /// What it is about.
    pub fn target(&self) -> Target {
        Target { field: self.field.clone(), scope: self.scope.clone() }
    }

    /// Whether the applicant did something about it: an answer, or a change.
    pub const fn is_settled(&self) -> bool {
        self.answered_at.is_some() || self.change.is_some()
    }
}

/// An answer to a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PointAnswer {
    /// The answer, at most 10 000 characters; empty for « it is done », `null` to take it back.
    pub answer: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> Policy {
        serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d", "rules": [],
            "sections": ["description", "donnees", "equipe"], "support_email": "a@b.fr",
            "scopes": [{"id": "a", "label": "Adresse"}, {"id": "b", "label": "Revenu"}],
            "contacts": [
                {"type": "responsable_technique", "label": "Responsable technique", "attributes": ["email"]},
                {"type": "aidant", "label": "Aidant", "multiple": true},
            ],
        }))
        .unwrap()
    }

    fn target(field: &str, scope: Option<&str>) -> Target {
        Target { field: field.parse().unwrap(), scope: scope.map(str::to_owned) }
    }

    #[test]
    fn a_point_is_about_something_that_the_form_shows() {
        let (policy, mut draft) = (policy(), Draft::default());
        draft.team_member_at(crate::team_member::TeamMemberType::Aidant, 0);
        draft.team_member_at(crate::team_member::TeamMemberType::Aidant, 1);
        for (field, scope) in [
            ("intitule", None),
            ("scopes", None),
            ("scopes", Some("a")),
            ("team_members.responsable_technique.email", None),
            ("team_members.aidant.1.job", None),
        ] {
            assert!(target(field, scope).is_shown(&policy, &draft), "{field}");
        }
        for (field, scope) in [
            ("siret", None),
            ("scopes", Some("c")),
            ("intitule", Some("a")),
            ("documents.LegalBasis", None),
            ("additional_content.other", None),
            ("team_members.responsable_technique.job", None),
            ("team_members.aidant.2.job", None),
            ("team_members.comptable.job", None),
        ] {
            assert!(!target(field, scope).is_shown(&policy, &draft), "{field}");
        }
    }

    #[test]
    fn one_piece_of_data_has_its_own_name_and_its_own_change() {
        assert_eq!(target("scopes", Some("a")).label(&policy()), "Données demandées\u{a0}: Adresse");
        let changes = [Change { field: Field::Scopes, before: json!(["a", "b"]), after: json!(["b"]) }];
        assert_eq!(target("scopes", None).change(&changes).as_ref(), changes.first());
        let own = target("scopes", Some("a")).change(&changes).unwrap();
        assert_eq!((own.before, own.after), (json!(["a"]), Value::Null));
        assert_eq!(target("scopes", Some("b")).change(&changes), None);
        assert_eq!(target("intitule", None).change(&changes), None);
    }
}
