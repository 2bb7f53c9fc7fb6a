//! A draft that moves to a newer version of its form: what the applicant is told.

use shared::diff::Change;
use shared::enrollment::Draft;
use shared::field::Field;
use shared::policy::{Policy, revision};

use super::merge::changes;

/// What changed since the draft was last open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewal {
    /// What the form asks for now, and what it no longer does.
    pub changes: Vec<String>,
    /// What the draft lost, as the older form called it.
    pub lost: Vec<String>,
}

impl Renewal {
    /// From the older form and draft to the newer ones.
    pub fn of(before: (&Policy, &Draft), after: (&Policy, &Draft)) -> Self {
        Self { changes: revision::changes(before.0, after.0), lost: lost(before.0, before.1, after.1) }
    }

    /// Whether nothing of it concerns the applicant.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.lost.is_empty()
    }
}

/// The data that is no longer asked for, and the answers that are gone.
fn lost(policy: &Policy, before: &Draft, after: &Draft) -> Vec<String> {
    let scopes = before.scopes.difference(&after.scopes);
    let labels = scopes.map(|id| policy.scope(id).map_or_else(|| id.clone(), |scope| scope.label.clone()));
    let is_gone = |change: &Change| change.field != Field::Scopes && change.after.is_null();
    let answers = changes(before, after).into_iter().filter(is_gone).map(|change| policy.label_of(&change.field));
    labels.chain(answers).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_draft_loses_is_named_as_the_older_form_did() {
        let policy = |scopes: serde_json::Value, questions: serde_json::Value| -> Policy {
            serde_json::from_value(json!({
                "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d", "sections": [],
                "rules": [], "support_email": "a@b.fr", "scopes": scopes, "extra_fields": questions,
            }))
            .unwrap()
        };
        let question = json!([{"id": "q", "section": "donnees", "type": "text", "label": "Pourquoi"}]);
        let older = policy(json!([{"id": "a", "label": "Adresse"}, {"id": "b", "label": "B"}]), question);
        let newer = policy(json!([{"id": "b", "label": "B"}, {"id": "c", "label": "C", "locked": true}]), json!([]));
        let draft: Draft = serde_json::from_value(json!({
            "intitule": "Cantine", "scopes": ["a", "b"], "additional_content": {"q": "Parce que"},
        }))
        .unwrap();
        let fitted = revision::fitted(&newer, draft.clone());
        let renewal = Renewal::of((&older, &draft), (&newer, &fitted));
        assert_eq!(renewal.lost, ["Adresse", "Pourquoi"]);
        assert_eq!(renewal.changes.len(), 3);
        assert!(Renewal::of((&newer, &fitted), (&newer, &fitted)).is_empty());
    }
}
