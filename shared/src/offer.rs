//! A partial grant: the instructor takes some of the data out, and the applicant says whether that will do.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::enrollment::Draft;
use crate::field::Field;
use crate::policy::Policy;
use crate::validation::{Candidate, FieldError, Problem, Stage, validate};

/// An offer that stands: what would be granted is the request without that data.
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
pub fn objections(policy: &Policy, candidate: Candidate<'_>, struck: &BTreeSet<String>) -> Vec<FieldError> {
    let refuse = |problem, message: &str| FieldError::new(Field::Scopes, problem, message);
    if struck.is_empty() {
        return vec![refuse(Problem::Required, "Choisissez au moins une donnée à retirer.")];
    }
    let mut objections = Vec::new();
    for id in struck {
        let label = policy.scope(id).map_or(id.as_str(), |scope| scope.label.as_str());
        if !candidate.draft.scopes.contains(id) {
            let message = format!("La donnée «\u{a0}{label}\u{a0}» n’est pas demandée.");
            objections.push(refuse(Problem::Unknown, &message));
        } else if !may_be_struck(policy, id) {
            let message =
                format!("La donnée «\u{a0}{label}\u{a0}» est toujours transmise\u{a0}: elle ne peut pas être retirée.");
            objections.push(refuse(Problem::NotEligible, &message));
        }
    }
    let left = remaining(candidate.draft, struck);
    let before = validate(policy, candidate, Stage::Submit);
    let after = validate(policy, Candidate { draft: &left, ..candidate }, Stage::Submit);
    objections.extend(after.into_iter().filter(|error| !before.contains(error)).map(|error| {
        // What an applicant would read of a form is no help to who takes data out of it.
        if error.problem == Problem::Required && left.scopes.is_empty() {
            refuse(Problem::Required, "Gardez au moins une donnée\u{a0}: sinon, refusez la demande.")
        } else {
            error
        }
    }));
    objections.dedup();
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
        let candidate = Candidate {
            draft: &draft,
            documents: &[],
            nom_raison_sociale: "",
            establishment: None,
            granted: None,
            previous: None,
        };
        let struck = struck.iter().map(|id| (*id).to_owned()).collect();
        objections(&policy, candidate, &struck).into_iter().map(|error| error.message).collect()
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
