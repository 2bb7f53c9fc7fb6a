//! Groups differences by the sections of the form. No view here.

use shared::diff::Change;
use shared::field::Field;
use shared::policy::{Policy, Section};

use crate::pages::request::changes::{Difference, difference};

/// One part of the form, with what differs in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Title of the part.
    pub title: &'static str,
    /// Label of each field, and how it differs.
    pub lines: Vec<(String, Difference)>,
}

/// One policy with the words of both: the newer one’s, and of the older one what the newer one no longer knows.
pub fn united(mut newer: Policy, older: Policy) -> Policy {
    fn add<T>(own: &mut Vec<T>, others: Vec<T>, is_same: impl Fn(&T, &T) -> bool) {
        for other in others {
            if !own.iter().any(|one| is_same(one, &other)) {
                own.push(other);
            }
        }
    }
    add(&mut newer.sections, older.sections, |a, b| a == b);
    add(&mut newer.scopes, older.scopes, |a, b| a.id == b.id);
    add(&mut newer.demarches, older.demarches, |a, b| a.id == b.id);
    add(&mut newer.editors, older.editors, |a, b| a.siret == b.siret);
    add(&mut newer.contacts, older.contacts, |a, b| a.kind == b.kind);
    add(&mut newer.documents, older.documents, |a, b| a.kind == b.kind);
    add(&mut newer.extra_fields, older.extra_fields, |a, b| a.id == b.id);
    newer
}

/// What differs, by part, in the order of the form; what no part asks for comes last.
pub fn grouped(policy: &Policy, changes: &[Change]) -> Vec<Group> {
    let parts = policy.sections.iter().copied().map(Some).chain([None]);
    parts
        .filter_map(|section| {
            let mut own: Vec<&Change> =
                changes.iter().filter(|change| policy.section_of(&change.field) == section).collect();
            own.sort_by_key(|change| place(policy, section, &change.field));
            let lines: Vec<_> =
                own.into_iter().map(|change| (policy.label_of(&change.field), difference(policy, change))).collect();
            (!lines.is_empty()).then(|| Group { title: section.map_or("Autres informations", Section::label), lines })
        })
        .collect()
}

/// Where a field stands in its part: the usual fields, then the policy’s own questions, files and people.
fn place(policy: &Policy, section: Option<Section>, field: &Field) -> (u8, Option<usize>) {
    match field {
        Field::Additional(id) => (1, policy.extra_fields.iter().position(|question| question.id == *id)),
        Field::Document(kind) => (2, policy.documents.iter().position(|document| document.kind == *kind)),
        Field::TeamMember(kind, ..) => (3, policy.contacts.iter().position(|contact| contact.kind == *kind)),
        own => (0, section.and_then(|section| section.fields().iter().position(|field| field == own))),
    }
}

/// How much differs, in words.
pub fn count(changes: usize) -> String {
    match changes {
        0 => "Aucune différence".to_owned(),
        1 => "1 champ diffère".to_owned(),
        count => format!("{count} champs diffèrent"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pages::request::samples;

    fn change(field: &str, before: Value, after: Value) -> Change {
        Change { field: field.parse().unwrap(), before, after }
    }

    #[test]
    fn differences_stand_in_the_parts_and_the_order_of_the_form() {
        let changes = [
            change("intitule", json!("a"), json!("b")),
            change("scopes", json!(["name"]), json!(["birth"])),
            change("fondement_juridique_url", json!("a"), json!("b")),
            change("team_members.responsable_technique.email", json!(null), json!("b@c.fr")),
            change("documents.LegalBasis", json!(null), json!({"filename": "texte.pdf"})),
            change("additional_content.tested", json!(null), json!(true)),
            change("additional_content.removed_question", json!("a"), json!("b")),
        ];
        let groups = grouped(&samples::policy(), &changes);
        let told: Vec<(&str, Vec<&str>)> = groups
            .iter()
            .map(|group| (group.title, group.lines.iter().map(|(label, _)| label.as_str()).collect()))
            .collect();
        assert_eq!(
            told,
            [
                ("Projet", vec!["Nom du projet"]),
                ("Données", vec!["Données demandées"]),
                (
                    "Cadre juridique",
                    vec!["Adresse du texte juridique", "Essais terminés", "Document du cadre juridique"]
                ),
                ("Personnes impliquées", vec!["Responsable technique\u{a0}: adresse électronique"]),
                ("Autres informations", vec!["removed_question"]),
            ]
        );
    }

    #[test]
    fn words_come_from_whichever_policy_knows_them() {
        let older = samples::policy();
        let mut newer = samples::policy();
        newer.scopes.retain(|scope| scope.id != "income");
        newer.extra_fields.clear();
        newer.label = "Nouveau nom".to_owned();
        let policy = united(newer, older);
        assert_eq!((policy.label.as_str(), policy.scopes.len()), ("Nouveau nom", 3));
        assert_eq!(policy.label_of(&"additional_content.tested".parse().unwrap()), "Essais terminés");
    }

    #[test]
    fn differences_are_counted_in_words() {
        assert_eq!((count(0), count(1)), ("Aucune différence".to_owned(), "1 champ diffère".to_owned()));
        assert_eq!(count(2), "2 champs diffèrent");
    }
}
