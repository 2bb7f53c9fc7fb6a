//! Prefills part of the form from a use case (« démarche »).

use serde_json::Value;
use shared::draft::{Draft, TechnicalTeamType};
use shared::field::Field;
use shared::policy::{Demarche, Policy};

use super::merge::{changes, copy_field};

/// The draft once that use case is chosen; the empty id chooses none.
///
/// What the use case before had filled in and nobody has touched goes; then the new one fills its own fields.
pub fn applied(policy: &Policy, draft: &Draft, id: &str) -> Draft {
    let new = policy.new_draft();
    let mut result = without_previous(policy, draft);
    let filled = filled_in(policy, id);
    for change in changes(&new, &filled) {
        copy_field(&filled, &mut result, &change.field);
    }
    id.clone_into(&mut result.demarche);
    result
}

/// The fields that the user has filled in, and that choosing that use case would replace.
pub fn overwritten(policy: &Policy, draft: &Draft, id: &str) -> Vec<Field> {
    let reset = without_previous(policy, draft);
    let own: Vec<Field> = changes(&policy.new_draft(), &reset).into_iter().map(|change| change.field).collect();
    changes(&reset, &applied(policy, draft, id))
        .into_iter()
        .filter(|change| change.field != Field::Demarche && !change.before.is_null() && own.contains(&change.field))
        .map(|change| change.field)
        .collect()
}

/// The use cases to offer: those of the chosen editor, and those of no editor in particular.
pub fn offered<'a>(policy: &'a Policy, draft: &Draft, all: bool) -> Vec<&'a Demarche> {
    let editor = (!all && draft.technical_team_type == Some(TechnicalTeamType::SoftwareCompany))
        .then_some(draft.technical_team_value.as_str())
        .filter(|editor| !editor.is_empty());
    policy
        .demarches
        .iter()
        .filter(|demarche| match (editor, demarche.prefill.get("technical_team_value")) {
            (Some(editor), Some(Value::String(own))) => own == editor || demarche.id == draft.demarche,
            (None, _) | (Some(_), _) => true,
        })
        .collect()
}

/// What a use case fills in, in words: labels of fields, and how many boxes it ticks.
pub fn filled_words(policy: &Policy, id: &str) -> Vec<String> {
    let fields = filled_fields(policy, id);
    let labels = fields.iter().filter(|field| **field != Field::Scopes).map(|field| policy.label_of(field));
    let mut words: Vec<String> = labels.map(|label| with_small_initial(&label)).collect();
    let already = policy.new_draft().scopes;
    match filled_in(policy, id).scopes.difference(&already).count() {
        0 => {}
        1 => words.push("1 donnée demandée".to_owned()),
        count => words.push(format!("{count} données demandées")),
    }
    words
}

fn with_small_initial(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The fields that a use case fills in.
fn filled_fields(policy: &Policy, id: &str) -> Vec<Field> {
    changes(&policy.new_draft(), &filled_in(policy, id)).into_iter().map(|change| change.field).collect()
}

fn without_previous(policy: &Policy, draft: &Draft) -> Draft {
    let new = policy.new_draft();
    let filled = filled_in(policy, &draft.demarche);
    let touched: Vec<Field> = changes(&filled, draft).into_iter().map(|change| change.field).collect();
    let mut result = draft.clone();
    for change in changes(&new, &filled).into_iter().filter(|change| !touched.contains(&change.field)) {
        copy_field(&new, &mut result, &change.field);
    }
    result
}

/// A new draft with that use case, and the scopes that are always asked for.
fn filled_in(policy: &Policy, id: &str) -> Draft {
    let new = policy.new_draft();
    let Some(demarche) = policy.demarche(id) else { return new };
    let mut filled = new.merged(&demarche.prefill).unwrap_or_else(|_| new.clone());
    filled.scopes.extend(policy.scopes.iter().filter(|scope| scope.locked).map(|scope| scope.id.clone()));
    filled
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> Policy {
        serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d",
            "sections": ["demarche", "description", "donnees"], "rules": [], "support_email": "a@b.fr",
            "scopes": [{"id": "openid", "label": "openid", "locked": true}, {"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
            "demarches": [
                {"id": "cantine", "label": "Cantine", "prefill": {"intitule": "Tarifs de cantine", "scopes": ["a"]}},
                {"id": "creche", "label": "Crèche", "prefill": {
                    "intitule": "Tarifs de crèche", "description": "Calcul", "technical_team_value": "13002526500013"
                }},
            ],
        }))
        .unwrap()
    }

    #[test]
    fn a_use_case_fills_the_form_and_keeps_the_locked_scopes() {
        let draft = applied(&policy(), &policy().new_draft(), "cantine");
        assert_eq!(draft.demarche, "cantine");
        assert_eq!(draft.intitule, "Tarifs de cantine");
        assert_eq!(draft.scopes, ["a".to_owned(), "openid".to_owned()].into());
        assert!(overwritten(&policy(), &policy().new_draft(), "cantine").is_empty());
        assert_eq!(filled_words(&policy(), "cantine"), ["nom du projet", "1 donnée demandée"]);
    }

    #[test]
    fn changing_ones_mind_leaves_nothing_behind() {
        let cantine = applied(&policy(), &policy().new_draft(), "cantine");
        assert!(overwritten(&policy(), &cantine, "creche").is_empty(), "nothing of the user's is lost");
        let creche = applied(&policy(), &cantine, "creche");
        assert_eq!(creche.intitule, "Tarifs de crèche");
        assert_eq!(creche.scopes, ["openid".to_owned()].into(), "the first one's data is gone");
        assert_eq!(applied(&policy(), &creche, ""), policy().new_draft());
    }

    #[test]
    fn what_the_user_wrote_is_named_before_it_is_replaced() {
        let mut draft = applied(&policy(), &policy().new_draft(), "cantine");
        draft.intitule = "Ma cantine".to_owned();
        draft.description = "Mon projet".to_owned();
        assert_eq!(overwritten(&policy(), &draft, "creche"), [Field::Intitule, Field::Description]);
        assert!(overwritten(&policy(), &draft, "").is_empty());
        let none = applied(&policy(), &draft, "");
        assert_eq!((none.intitule.as_str(), none.description.as_str()), ("Ma cantine", "Mon projet"));
    }

    #[test]
    fn only_the_use_cases_of_the_chosen_editor_are_offered() {
        let ids = |draft: &Draft, all| offered(&policy(), draft, all).iter().map(|d| d.id.clone()).collect::<Vec<_>>();
        let mut draft = Draft::default();
        assert_eq!(ids(&draft, false), ["cantine", "creche"]);
        draft.technical_team_type = Some(TechnicalTeamType::SoftwareCompany);
        draft.technical_team_value = "21920023500014".to_owned();
        assert_eq!(ids(&draft, false), ["cantine"]);
        assert_eq!(ids(&draft, true), ["cantine", "creche"]);
    }
}
