//! All that the request of an API will ask, in the order and in the words of its form, to be read or printed beforehand.

use std::collections::BTreeSet;

use minijinja::{Value, context};
use shared::draft::TechnicalTeamType;
use shared::field::Field;
use shared::policy::{Contact, DocumentRequest, ExtraField, Policy, Rule, Section};
use shared::team_member::{Attribute, TeamMemberType};
use shared::validation::required_fields;

/// How many details of a person one writes in a minute; every other question takes one.
const DETAILS_A_MINUTE: usize = 4;

/// One part of the form.
#[derive(Debug)]
pub struct Part {
    title: &'static str,
    advice: &'static str,
    questions: Vec<Question>,
    people: Vec<Person>,
}

/// One thing that is asked.
#[derive(Debug, Default)]
struct Question {
    /// What stands above it and those after it.
    heading: Option<String>,
    label: String,
    hint: String,
    optional: bool,
    /// The answers that one may choose from.
    options: Vec<Choice>,
    /// The data that one may ask for.
    groups: Vec<Group>,
}

/// An answer to choose.
#[derive(Debug)]
struct Choice {
    label: String,
    link: Option<String>,
}

/// Data that belongs together.
#[derive(Debug)]
struct Group {
    title: Option<String>,
    data: Vec<Datum>,
}

/// One piece of data.
#[derive(Debug)]
struct Datum {
    label: String,
    help: String,
    note: &'static str,
    link: Option<String>,
}

/// Somebody to name.
#[derive(Debug)]
struct Person {
    label: String,
    description: String,
    optional: bool,
    multiple: bool,
    /// What is asked of them; nothing of the applicant, whose account says it.
    details: Vec<String>,
}

/// The parts of the form, in its order.
pub fn parts(policy: &Policy) -> Vec<Part> {
    let required = required_fields(policy);
    policy.sections.iter().map(|section| part(policy, *section, &required)).collect()
}

/// The parts, for the template.
pub fn to_value(parts: &[Part]) -> Value {
    let part = |part: &Part| {
        context! {
            title => part.title,
            advice => part.advice,
            questions => part.questions.iter().map(Question::to_value).collect::<Value>(),
            people => part.people.iter().map(Person::to_value).collect::<Value>(),
        }
    };
    parts.iter().map(part).collect()
}

impl Question {
    fn to_value(&self) -> Value {
        let option = |choice: &Choice| context! { label => &choice.label, link => &choice.link };
        context! {
            heading => &self.heading,
            label => &self.label,
            hint => &self.hint,
            optional => self.optional,
            options => self.options.iter().map(option).collect::<Value>(),
            groups => self.groups.iter().map(Group::to_value).collect::<Value>(),
        }
    }
}

impl Group {
    fn to_value(&self) -> Value {
        let datum = |datum: &Datum| {
            context! { label => &datum.label, help => &datum.help, note => datum.note, link => &datum.link }
        };
        context! { title => &self.title, data => self.data.iter().map(datum).collect::<Value>() }
    }
}

impl Person {
    fn to_value(&self) -> Value {
        context! {
            label => &self.label,
            description => &self.description,
            optional => self.optional,
            multiple => self.multiple,
            details => &self.details,
        }
    }
}

/// How many questions there are: each detail of a person is one.
pub fn count(parts: &[Part]) -> usize {
    parts.iter().map(|part| part.questions.len() + details(part)).sum()
}

/// About how many minutes the answers take, by their number: a multiple of five.
pub fn minutes(parts: &[Part]) -> usize {
    let questions: usize = parts.iter().map(|part| part.questions.len()).sum();
    let details: usize = parts.iter().map(details).sum();
    (questions + details / DETAILS_A_MINUTE).next_multiple_of(5)
}

fn details(part: &Part) -> usize {
    part.people.iter().map(|person| person.details.len()).sum()
}

fn part(policy: &Policy, section: Section, required: &BTreeSet<Field>) -> Part {
    let own = section.fields().iter().filter(|field| is_asked(policy, field));
    let mut questions: Vec<Question> = own.map(|field| question(policy, field, required)).collect();
    let extra = policy.extra_fields.iter().filter(|field| field.section == section);
    let mut heading = None;
    for field in extra {
        let is_new = field.heading != heading;
        heading.clone_from(&field.heading);
        questions.push(extra_question(field, heading.clone().filter(|_| is_new)));
    }
    let files = policy.documents.iter().filter(|file| file.section == section && !file.read_only);
    questions.extend(files.map(|file| document(policy, file, required)));
    let people = policy.contacts.iter().filter(|contact| contact.section == section).map(person).collect();
    Part { title: section.label(), advice: section.advice(), questions, people }
}

/// A part of the form may be there without all of its usual questions.
fn is_asked(policy: &Policy, field: &Field) -> bool {
    match field {
        Field::Scopes => policy.scopes.iter().any(|scope| !scope.hidden),
        Field::Demarche => !policy.demarches.is_empty(),
        _ => true,
    }
}

fn question(policy: &Policy, field: &Field, required: &BTreeSet<Field>) -> Question {
    let plain = |label: &str| Choice { label: label.to_owned(), link: None };
    let (mut hint, mut options, mut groups) = (policy.hint_of(field), Vec::new(), Vec::new());
    match field {
        Field::TechnicalTeamType => {
            options.extend(TechnicalTeamType::ALL.iter().map(|kind| plain(kind.label())));
        }
        Field::TechnicalTeamValue => hint.push_str("Demandé si ce n’est pas votre propre équipe."),
        Field::Demarche => options.extend(
            policy
                .demarches
                .iter()
                .map(|demarche| Choice { label: demarche.label.clone(), link: demarche.about_url.clone() }),
        ),
        Field::Scopes => groups = data(policy),
        _ => {}
    }
    let optional = !required.contains(field) && !depends(policy, field);
    Question { label: policy.question_of(field), hint, optional, options, groups, heading: None }
}

/// Whether it hangs on other answers if that one is needed: its words say so.
fn depends(policy: &Policy, field: &Field) -> bool {
    match field {
        Field::TechnicalTeamValue | Field::DataRetentionComment | Field::PreviousEnrollmentId | Field::Siret => true,
        Field::FondementJuridiqueUrl => policy.rules.contains(&Rule::LegalBasis),
        _ => false,
    }
}

fn data(policy: &Policy) -> Vec<Group> {
    let groups = policy.shown_groups().into_iter().map(|(title, scopes)| Group {
        title: title.map(str::to_owned),
        data: scopes
            .into_iter()
            .filter(|scope| !scope.deprecated)
            .map(|scope| Datum {
                label: scope.label.clone(),
                help: scope.help.clone(),
                note: scope.note(),
                link: scope.link.clone(),
            })
            .collect(),
    });
    groups.filter(|group| !group.data.is_empty()).collect()
}

fn extra_question(field: &ExtraField, heading: Option<String>) -> Question {
    let choice = |label: &String| Choice { label: label.clone(), link: None };
    Question {
        heading,
        label: field.label.clone(),
        hint: field.hint.clone(),
        optional: !field.required,
        options: field.options.iter().map(|option| choice(&option.label)).collect(),
        groups: Vec::new(),
    }
}

fn document(policy: &Policy, file: &DocumentRequest, required: &BTreeSet<Field>) -> Question {
    let field = Field::Document(file.kind);
    Question {
        label: policy.label_of(&field),
        hint: file.help(),
        optional: !required.contains(&field),
        ..Question::default()
    }
}

fn person(contact: &Contact) -> Person {
    let detail = |attribute: &Attribute| match attribute {
        Attribute::PhoneNumber if contact.mobile_phone => "Numéro de téléphone mobile".to_owned(),
        other => other.label().to_owned(),
    };
    let is_applicant = contact.kind == TeamMemberType::Demandeur;
    Person {
        label: contact.label.clone(),
        description: contact.description.clone(),
        optional: !contact.required && !is_applicant,
        multiple: contact.multiple,
        details: contact.attributes.iter().filter(|_| !is_applicant).map(detail).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_question_is_told_in_the_order_of_the_form() {
        let policy: Policy = serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d", "support_email": "a@b.fr",
            "sections": ["description", "donnees", "cadre_juridique", "equipe"], "rules": ["project", "legal_basis"],
            "scopes": [
                {"id": "a", "label": "Adresse", "locked": true}, {"id": "b", "label": "Ancienne", "deprecated": true},
            ],
            "contacts": [
                {"type": "demandeur", "label": "Demandeur", "required": false},
                {"type": "responsable_technique", "label": "Technicien", "attributes": ["email", "job"]},
            ],
            "extra_fields": [
                {"id": "x", "section": "donnees", "type": "boolean", "label": "X", "heading": "Accès", "required": true},
                {"id": "y", "section": "donnees", "type": "boolean", "label": "Y", "heading": "Accès"},
            ],
            "documents": [{"type": "LegalBasis", "section": "cadre_juridique", "formats": ["pdf"]}],
        }))
        .unwrap();
        let parts = parts(&policy);
        let told: Vec<(&str, Option<&str>, bool)> = parts
            .iter()
            .flat_map(|part| &part.questions)
            .map(|question| (question.label.as_str(), question.heading.as_deref(), question.optional))
            .collect();
        assert_eq!(told.first(), Some(&("Nom du projet", None, false)));
        assert_eq!(told.get(8..10), Some([("X", Some("Accès"), false), ("Y", None, true)].as_slice()));
        assert_eq!(told.last(), Some(&("Document du cadre juridique", None, true)));
        let data = &parts[1].questions[0].groups;
        assert_eq!((data.len(), data[0].data.len()), (1, 1), "what is no longer offered is left out");
        assert!(data[0].data[0].note.starts_with("Toujours transmise"));
        let people: Vec<usize> = parts[3].people.iter().map(|person| person.details.len()).collect();
        assert_eq!(people, [0, 2], "the account says who the applicant is");
        assert_eq!((count(&parts), minutes(&parts)), (15, 15));
    }
}
