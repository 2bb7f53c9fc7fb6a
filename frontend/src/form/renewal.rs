//! What the applicant is told when a draft moves to a newer revision of its policy.

use shared::diff::Change;
use shared::draft::Draft;
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
    /// The consents to be given again: their text is another.
    pub to_confirm: Vec<String>,
}

impl Renewal {
    /// From the older form and draft to the newer ones.
    pub fn of(before: (&Policy, &Draft), after: (&Policy, &Draft)) -> Self {
        let stale = revision::stale_consents(before.0, after.0, before.1);
        Self {
            changes: revision::changes(before.0, after.0),
            lost: lost(before, after.1, &stale),
            to_confirm: stale.iter().map(|consent| after.0.label_of(consent)).collect(),
        }
    }

    /// Whether nothing of it concerns the applicant.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.lost.is_empty() && self.to_confirm.is_empty()
    }

    /// All of it in one text, where there is no room for lists.
    pub fn told(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let mut text = format!("Le formulaire a changé depuis. {}", self.changes.join(" "));
        for (title, labels) in [(TO_CONFIRM, &self.to_confirm), (LOST, &self.lost)] {
            if !labels.is_empty() {
                text.push_str(&format!(" {title} {}.", labels.join("\u{a0}; ")));
            }
        }
        text
    }
}

/// What stands above the consents to be given again.
pub const TO_CONFIRM: &str = "À lire et à accepter de nouveau, car le texte a changé\u{a0}:";
/// What stands above what is gone.
pub const LOST: &str = "Ce que vous aviez demandé ou écrit et qui n’a plus sa place dans la demande\u{a0}:";

/// The data that is no longer asked for, and the answers that are gone, but for consents that wait to be given again.
fn lost((policy, before): (&Policy, &Draft), after: &Draft, stale: &[Field]) -> Vec<String> {
    let scopes = before.scopes.difference(&after.scopes);
    let labels = scopes.map(|id| policy.scope(id).map_or_else(|| id.clone(), |scope| scope.label.clone()));
    let is_gone =
        |change: &Change| change.field != Field::Scopes && change.after.is_null() && !stale.contains(&change.field);
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

    #[test]
    fn a_consent_to_be_given_again_is_told_and_is_not_lost() {
        let policy = |url: &str| -> Policy {
            serde_json::from_value(json!({
                "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d", "sections": ["cgu"],
                "rules": [], "support_email": "a@b.fr", "cgu_url": url,
            }))
            .unwrap()
        };
        let (older, newer) = (policy("https://exemple.fr/1"), policy("https://exemple.fr/2"));
        let draft = Draft { cgu_approved: true, ..Draft::default() };
        let renewed = revision::renewed(&older, &newer, draft.clone());
        let renewal = Renewal::of((&older, &draft), (&newer, &renewed));
        assert!(renewal.lost.is_empty());
        assert_eq!(renewal.to_confirm, ["Conditions générales d’utilisation"]);
        assert!(renewal.told().ends_with("Conditions générales d’utilisation."), "{}", renewal.told());
        assert_eq!(Renewal::default().told(), "");
    }
}
