//! A partial grant: the instructor offers the request without some of its data, and the applicant accepts or declines.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::draft::Draft;
use crate::field::Field;
use crate::policy::Policy;
use crate::problem::ItemCode;
use crate::validation::rules::always_sent;
use crate::validation::{FieldError, Input, Stage, validate};

/// An offer that the applicant has yet to answer: the request would be granted without that data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// The data that is taken out.
    pub struck: BTreeSet<String>,
    /// Why.
    pub reason: String,
    /// Who offers, as readers see them.
    pub author: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Whether a policy lets that data be taken out.
pub fn may_be_struck(policy: &Policy, id: &str) -> bool {
    policy.scope(id).is_none_or(|scope| !scope.locked)
}

/// The request without that data.
pub fn remaining(draft: &Draft, struck: &BTreeSet<String>) -> Draft {
    let mut draft = draft.clone();
    draft.scopes.retain(|id| !struck.contains(id));
    draft
}

/// Why that data cannot be taken out; empty where it can. What was wrong with the request before is not said again.
pub fn objections(policy: &Policy, input: Input<'_>, struck: &BTreeSet<String>) -> Vec<FieldError> {
    let refuse = |code, detail: &str| FieldError::new(Field::Scopes, code, detail);
    if struck.is_empty() {
        return vec![refuse(ItemCode::Required, "Choisissez au moins une donnée à retirer.")];
    }
    let mut objections = Vec::new();
    for id in struck {
        let label = policy.scope(id).map_or(id.as_str(), |scope| scope.label.as_str());
        if !input.draft.scopes.contains(id) {
            let message = format!("La donnée «\u{a0}{label}\u{a0}» n’est pas demandée.");
            objections.push(refuse(ItemCode::Unknown, &message));
        } else if !may_be_struck(policy, id) {
            objections.push(refuse(ItemCode::NotEligible, &always_sent(label)));
        }
    }
    let left = remaining(input.draft, struck);
    let before = validate(policy, input, Stage::Submit);
    let after = validate(policy, Input { draft: &left, ..input }, Stage::Submit);
    for error in after.into_iter().filter(|error| !before.contains(error)) {
        // What an applicant would read of a form is no help to who takes data out of it.
        let objection = if error.code == ItemCode::Required && left.scopes.is_empty() {
            refuse(ItemCode::Required, "Gardez au moins une donnée\u{a0}: sinon, refusez la demande.")
        } else {
            error
        };
        if !objections.contains(&objection) {
            objections.push(objection);
        }
    }
    objections
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn objected(struck: &[&str]) -> Vec<String> {
        let policy: Policy = serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d", "support_email": "a@b.fr",
            "sections": ["description", "donnees"], "rules": ["project", "at_least_one_scope"],
            "scopes": [
                {"id": "a", "label": "A"}, {"id": "b", "label": "B"}, {"id": "c", "label": "C"},
                {"id": "l", "label": "L", "locked": true},
            ],
            "constraints": [{"field": "scopes", "when_any": ["b"], "any_of": ["a"], "message": "B va avec A."}],
        }))
        .unwrap();
        let mut draft = Draft::default();
        draft.scopes.extend(["a", "b", "l"].map(str::to_owned));
        let input = Input::new(&draft, &[], "");
        let struck = struck.iter().map(|id| (*id).to_owned()).collect();
        objections(&policy, input, &struck).into_iter().map(|error| error.detail).collect()
    }

    #[test]
    fn what_is_left_must_still_be_a_request() {
        assert_eq!(objected(&["b"]), Vec::<String>::new(), "the missing title was not said before either");
        assert_eq!(objected(&["a", "b"]), Vec::<String>::new());
        assert_eq!(objected(&["a"]), ["B va avec A."]);
        assert!(objected(&[])[0].contains("au moins une"));
        assert!(objected(&["c"])[0].contains("n’est pas demandée"));
        let all = objected(&["a", "b", "l"]);
        assert!(all[0].contains("toujours transmise") && all[1].contains("Gardez au moins"), "{all:?}");
    }
}
