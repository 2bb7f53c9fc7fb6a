//! Prefills part of the form: from a use case (« démarche »), or from the address with which a request is started.

use serde_json::Value;
use shared::draft::{Draft, TechnicalTeamType};
use shared::field::Field;
use shared::policy::{Demarche, Policy, Scope, Section};
use shared::validation::formats::is_web_address;
use shared::validation::max_length;

use super::merge::{changes, copy_field};
use crate::query::Query;

/// Between words for what is filled in: some labels hold commas.
pub const SEPARATOR: &str = "\u{a0}; ";

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
fn overwritten(policy: &Policy, draft: &Draft, id: &str) -> Vec<Field> {
    let reset = without_previous(policy, draft);
    let own = changed(&policy.new_draft(), &reset);
    changes(&reset, &applied(policy, draft, id))
        .into_iter()
        .filter(|change| change.field != Field::Demarche && !change.before.is_null() && own.contains(&change.field))
        .map(|change| change.field)
        .collect()
}

/// A use case that was just chosen: the draft before it, and with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Filling {
    before: Draft,
    after: Draft,
}

impl Filling {
    /// Chooses that use case. Where nothing was written since the `last` choice, that one was only looked at: the new one
    /// starts from what there was before it.
    pub fn new(policy: &Policy, draft: &Draft, last: Option<&Self>, id: &str) -> Self {
        let before = match last {
            Some(last) if changes(&last.after, draft).is_empty() => last.before.clone(),
            Some(_) | None => draft.clone(),
        };
        let after = if id == before.demarche { before.clone() } else { applied(policy, &before, id) };
        Self { before, after }
    }

    /// What there was before; for a draft in which the editor was changed since, that draft: use cases are offered by editor,
    /// and looking at one does not take the others away.
    pub fn before<'a>(&'a self, draft: &'a Draft) -> &'a Draft {
        if draft.technical_team_value == self.after.technical_team_value { &self.before } else { draft }
    }

    /// The draft with the use case.
    pub const fn after(&self) -> &Draft {
        &self.after
    }

    /// What the user had filled in, and is replaced.
    pub fn replaced(&self, policy: &Policy) -> Vec<Field> {
        let new = changed(&self.before, &self.after);
        let mut replaced = overwritten(policy, &self.before, &self.after.demarche);
        replaced.retain(|field| new.contains(field));
        replaced
    }

    /// That draft without the use case: what nobody has touched since is as it was before.
    pub fn undone(&self, draft: &Draft) -> Draft {
        let touched = changed(&self.after, draft);
        let mut result = draft.clone();
        for change in changes(&self.before, &self.after).iter().filter(|change| !touched.contains(&change.field)) {
            copy_field(&self.before, &mut result, &change.field);
        }
        result
    }
}

/// What an address may fill in of a new request: texts that the form shows, and data that nothing warns of. Nobody's name, no
/// commitment, and nothing that the form would refuse for its length; all else in the address is left aside.
pub fn from_address(policy: &Policy, draft: &Draft, query: &Query) -> Draft {
    let mut filled = draft.clone();
    for field in FROM_ADDRESS.iter().filter(|field| policy.section_of(field).is_some()) {
        let text = query.get(&field.to_string()).unwrap_or_default().trim();
        let is_wrong = *field == Field::FondementJuridiqueUrl && !is_web_address(text);
        if text.is_empty() || is_wrong || text.chars().count() > max_length(field) {
            continue;
        }
        if let Some(target) = filled.text_mut(field) {
            text.clone_into(target);
        }
    }
    if policy.section_of(&Field::Scopes).is_some() {
        let is_open = |scope: &&Scope| !scope.hidden && !scope.deprecated && scope.warning.is_none();
        let asked = query.list("scopes").filter_map(|id| policy.scope(id)).filter(is_open);
        filled.scopes.extend(asked.map(|scope| scope.id.clone()));
    }
    filled
}

/// The texts that an address may fill in.
const FROM_ADDRESS: &[Field] = &[
    Field::Intitule,
    Field::Description,
    Field::DateMiseEnProduction,
    Field::VolumetrieApproximative,
    Field::DataRecipients,
    Field::DataRetentionComment,
    Field::FondementJuridiqueTitle,
    Field::FondementJuridiqueUrl,
];

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

/// What a use case fills in, in words.
pub fn filled_words(policy: &Policy, id: &str) -> Vec<String> {
    words_of(policy, &filled_in(policy, id))
}

/// The other parts of the form where a use case fills in something.
pub fn filled_parts(policy: &Policy, id: &str) -> Vec<Section> {
    let fields = changed(&policy.new_draft(), &filled_in(policy, id));
    let is_filled = |section: &Section| fields.iter().any(|field| policy.section_of(field) == Some(*section));
    policy.sections.iter().copied().filter(|section| *section != Section::Demarche && is_filled(section)).collect()
}

/// What the use case of a draft has filled in of one part of the form, in words: what is still as it was filled in.
pub fn still_filled(policy: &Policy, draft: &Draft, section: Section) -> Vec<String> {
    let (new, filled) = (policy.new_draft(), filled_in(policy, &draft.demarche));
    let touched = changed(&filled, draft);
    let is_there = |field: &Field| policy.section_of(field) == Some(section);
    let fields = changed(&new, &filled).into_iter().filter(|field| is_there(field) && !touched.contains(field));
    let scopes = filled.scopes.difference(&new.scopes).filter(|id| draft.scopes.contains(*id)).count();
    in_words(policy, fields, if is_there(&Field::Scopes) { scopes } else { 0 })
}

/// What a draft has that a new one has not, in words.
pub fn words_of(policy: &Policy, filled: &Draft) -> Vec<String> {
    let new = policy.new_draft();
    let scopes = filled.scopes.difference(&new.scopes).count();
    in_words(policy, changed(&new, filled).into_iter(), scopes)
}

/// The labels of fields, and how many boxes are ticked.
fn in_words(policy: &Policy, fields: impl Iterator<Item = Field>, scopes: usize) -> Vec<String> {
    let texts = fields.filter(|field| !matches!(field, Field::Scopes | Field::Demarche));
    let mut words: Vec<String> = texts.map(|field| with_small_initial(&policy.label_of(&field))).collect();
    match scopes {
        0 => {}
        1 => words.push("1 donnée demandée".to_owned()),
        count => words.push(format!("{count} données demandées")),
    }
    words
}

/// The fields that differ.
fn changed(before: &Draft, after: &Draft) -> Vec<Field> {
    changes(before, after).into_iter().map(|change| change.field).collect()
}

fn with_small_initial(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn without_previous(policy: &Policy, draft: &Draft) -> Draft {
    let new = policy.new_draft();
    let filled = filled_in(policy, &draft.demarche);
    let touched = changed(&filled, draft);
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
    fn each_part_of_the_form_tells_what_the_use_case_has_filled_in_there() {
        let policy = policy();
        assert_eq!(filled_parts(&policy, "cantine"), [Section::Description, Section::Donnees]);
        assert!(filled_parts(&policy, "").is_empty());
        let mut draft = applied(&policy, &policy.new_draft(), "cantine");
        assert_eq!(still_filled(&policy, &draft, Section::Description), ["nom du projet"]);
        assert_eq!(still_filled(&policy, &draft, Section::Donnees), ["1 donnée demandée"]);
        draft.intitule = "Ma cantine".to_owned();
        draft.scopes.insert("b".to_owned());
        assert!(still_filled(&policy, &draft, Section::Description).is_empty(), "it is the user's own");
        assert_eq!(still_filled(&policy, &draft, Section::Donnees), ["1 donnée demandée"]);
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
    fn a_choice_is_taken_back_but_for_what_was_written_since() {
        let policy = policy();
        let own = Draft { intitule: "Ma cantine".to_owned(), ..policy.new_draft() };
        let cantine = Filling::new(&policy, &own, None, "cantine");
        assert_eq!(cantine.replaced(&policy), [Field::Intitule]);
        assert_eq!(cantine.undone(cantine.after()), own);
        let written =
            Draft { intitule: "Autre".to_owned(), description: "Texte".to_owned(), ..cantine.after().clone() };
        let undone = cantine.undone(&written);
        assert_eq!((undone.intitule.as_str(), undone.description.as_str()), ("Autre", "Texte"));
        assert_eq!((undone.demarche.as_str(), &undone.scopes), ("", &own.scopes));
    }

    #[test]
    fn use_cases_that_are_only_looked_at_replace_nothing() {
        let policy = policy();
        let own = Draft { intitule: "Ma cantine".to_owned(), ..policy.new_draft() };
        let cantine = Filling::new(&policy, &own, None, "cantine");
        let creche = Filling::new(&policy, cantine.after(), Some(&cantine), "creche");
        assert_eq!(creche.after().intitule, "Tarifs de crèche");
        let none = Filling::new(&policy, creche.after(), Some(&creche), "");
        assert_eq!(none.after(), &own, "back where one was");
        assert!(none.replaced(&policy).is_empty());
        // What was written in between is kept.
        let written = Draft { description: "Texte".to_owned(), ..cantine.after().clone() };
        let creche = Filling::new(&policy, &written, Some(&cantine), "creche");
        assert_eq!(creche.undone(creche.after()), written);
    }

    #[test]
    fn an_address_fills_in_texts_that_the_form_shows_and_nothing_else() {
        let policy = policy();
        let read = |address: &str| from_address(&policy, &policy.new_draft(), &Query::parse(address));
        let filled = read("intitule=Cantine+%26+garderie&description=Texte&scopes=a,inconnue,b&autre=x");
        assert_eq!((filled.intitule.as_str(), filled.description.as_str()), ("Cantine & garderie", "Texte"));
        assert_eq!(filled.scopes, ["a", "b", "openid"].map(str::to_owned).into());
        assert_eq!(words_of(&policy, &filled), ["nom du projet", "description du projet", "2 données demandées"]);
        let long = "x".repeat(max_length(&Field::Intitule) + 1);
        for ignored in [
            "",
            "cgu_approved=true&dpo_is_informed=true",
            "team_members=x&team_members.responsable_technique.email=a@b.fr",
            "siret=13002526500013&previous_enrollment_id=1",
            "fondement_juridique_title=Article",
            "scopes=inconnue",
            "intitule=+",
            &format!("intitule={long}"),
        ] {
            assert_eq!(read(ignored), policy.new_draft(), "{ignored}");
        }
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
