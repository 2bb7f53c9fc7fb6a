//! The outline of a request: the sections of its policy in order, each with its questions, answers and people. No view
//! here.

use shared::diff::Change;
use shared::document::Document;
use shared::draft::{Answer, Draft};
use shared::enrollment::Enrollment;
use shared::field::Field;
use shared::outbox::{MailRejection, UnreachableAddress};
use shared::policy::{Contact, Policy, Section};
use shared::team_member::{Attribute, TeamMember, TeamMemberType};

use crate::components::siret;
use crate::pages::request::changes::{Difference, difference};
use crate::pages::request::wording;

/// One part of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub section: Section,
    /// What it asks, in order.
    pub entries: Vec<Entry>,
    /// The people it names.
    pub people: Vec<Person>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What is asked.
    pub field: Field,
    /// The question, as the policy words it.
    pub label: String,
    pub value: Shown,
    /// What changed since the submission before.
    pub difference: Option<Difference>,
}

/// An answer, by the way it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Missing,
    /// Text; its line ends count.
    Text(String),
    /// An address on the web.
    Link(String),
    /// Data, by group; a group without title comes last.
    Scopes(Vec<(Option<String>, Vec<ScopeLine>)>),
    /// Files; there is at least one.
    Files(Vec<Document>),
    /// Another request.
    Previous(i64),
}

/// One piece of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeLine {
    /// Its name in tokens.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// What it contains; empty for what nobody described.
    pub help: String,
    /// What to think of.
    pub warning: Option<String>,
    /// Link to what it contains.
    pub link: Option<String>,
}

/// What to think of, once per text, with the labels of the data that it is about.
pub fn notes(groups: &[(Option<String>, Vec<ScopeLine>)]) -> Vec<(String, Vec<String>)> {
    let mut notes: Vec<(String, Vec<String>)> = Vec::new();
    for line in groups.iter().flat_map(|(_, lines)| lines) {
        let Some(warning) = &line.warning else { continue };
        match notes.iter_mut().find(|(text, _)| text == warning) {
            Some((_, labels)) => labels.push(line.label.clone()),
            None => notes.push((warning.clone(), vec![line.label.clone()])),
        }
    }
    notes
}

/// One of the people whom a policy asks to name.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// What they are to the request, as the policy words it; with their number where there are several.
    pub label: String,
    /// The same, for programs.
    pub kind: TeamMemberType,
    /// Their place among the people of that kind, from 0.
    pub place: usize,
    /// What is asked of them.
    pub attributes: Vec<Attribute>,
    /// Who was named, if somebody was.
    pub member: Option<TeamMember>,
    /// Why mails do not reach them, where that is known.
    pub rejection: Option<MailRejection>,
    /// What changed since the submission before.
    pub differences: Vec<(Attribute, Difference)>,
}

/// What is gone through: a request, or what was granted.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    nom_raison_sociale: &'a str,
    content: &'a Draft,
    documents: &'a [Document],
    changes: &'a [Change],
    unreachable: &'a [UnreachableAddress],
}

impl<'a> From<&'a Enrollment> for Answers<'a> {
    fn from(enrollment: &'a Enrollment) -> Self {
        let Enrollment { nom_raison_sociale, content, documents, changes, unreachable, .. } = enrollment;
        Self { nom_raison_sociale, content, documents, changes, unreachable }
    }
}

/// One line of the box that lists what changed: where it is in the page, if it is, and its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLink {
    /// The id of the answer.
    pub anchor: Option<String>,
    /// The question.
    pub label: String,
}

/// The id of an answer in the page.
pub fn anchor(field: &Field) -> String {
    format!("champ-{}", field.to_string().replace('.', "-"))
}

/// The id of a part in the page.
pub fn section_anchor(section: Section) -> String {
    format!("section-{section}")
}

/// The whole request, or what was granted, in the order of its policy. A part with nothing to show is left out.
pub fn outline<'a>(policy: &Policy, answers: impl Into<Answers<'a>>) -> Vec<Part> {
    let answers = &answers.into();
    policy
        .sections
        .iter()
        .map(|&section| Part {
            section,
            entries: entries(policy, answers, section),
            people: people(policy, answers, section),
        })
        .filter(|part| !part.entries.is_empty() || !part.people.is_empty())
        .collect()
}

/// What changed since the submission before, in the order of the form.
pub fn change_links(policy: &Policy, changes: &[Change]) -> Vec<ChangeLink> {
    changes
        .iter()
        .map(|change| ChangeLink {
            anchor: policy.section_of(&change.field).is_some().then(|| anchor(&change.field)),
            label: policy.label_of(&change.field),
        })
        .collect()
}

fn entries(policy: &Policy, answers: &Answers<'_>, section: Section) -> Vec<Entry> {
    let own = section.fields().iter().flat_map(|field| {
        let scopes = policy.scopes.iter().filter(move |_| *field == Field::Scopes && policy.asks_purposes);
        std::iter::once(field.clone()).chain(scopes.map(|scope| Field::purpose_of(&scope.id)))
    });
    let questions = policy.extra_fields.iter().filter(|question| question.section == section);
    let documents = policy.documents.iter().filter(|document| document.section == section);
    own.chain(questions.map(|question| Field::Additional(question.id.clone())))
        .chain(documents.map(|document| Field::Document(document.kind)))
        .filter_map(|field| entry(policy, answers, field))
        .collect()
}

/// `None` for a question that was not asked: its answer depends on another one.
fn entry(policy: &Policy, answers: &Answers<'_>, field: Field) -> Option<Entry> {
    let difference = change_of(answers, &field).map(|change| difference(policy, change));
    let value = shown(policy, answers, &field);
    let is_past =
        matches!(field, Field::Document(kind) if policy.document(kind).is_some_and(|document| document.read_only));
    // What unticked data was for is of no interest, unless that changed.
    let purpose = match &field {
        Field::Additional(id) => policy.scope_of_purpose(id),
        _ => None,
    };
    if purpose.is_some_and(|scope| !answers.content.scopes.contains(&scope.id)) && difference.is_none() {
        return None;
    }
    let is_optional = is_past
        || purpose.is_some()
        || field == Field::TechnicalTeamValue
        || (field == Field::DataRetentionComment && !has_long_retention(policy, answers));
    let is_needed = !is_optional || value != Shown::Missing || difference.is_some();
    is_needed.then(|| Entry { label: policy.label_of(&field), field, value, difference })
}

fn has_long_retention(policy: &Policy, answers: &Answers<'_>) -> bool {
    answers.content.data_retention_period.is_some_and(|months| months > policy.longest_retention)
}

fn shown(policy: &Policy, answers: &Answers<'_>, field: &Field) -> Shown {
    let content = answers.content;
    match field {
        Field::Siret => match &content.siret {
            Some(siret) => Shown::Text(organisation(answers.nom_raison_sociale, siret.as_str())),
            None => Shown::Missing,
        },
        Field::PreviousEnrollmentId => content.previous_enrollment_id.map_or(Shown::Missing, Shown::Previous),
        Field::TechnicalTeamType => {
            content.technical_team_type.map_or(Shown::Missing, |kind| Shown::Text(kind.label().to_owned()))
        }
        Field::Scopes if content.scopes.is_empty() => Shown::Missing,
        Field::Scopes => Shown::Scopes(scopes_by_group(policy, answers)),
        Field::DataRetentionPeriod => {
            content.data_retention_period.map_or(Shown::Missing, |months| Shown::Text(wording::months(months)))
        }
        Field::Demarche if content.demarche.is_empty() => Shown::Text("Aucun cas d’usage prédéfini".to_owned()),
        Field::CguApproved => ticked(content.cgu_approved, "Acceptées"),
        Field::DpoIsInformed => ticked(content.dpo_is_informed, "Informé"),
        Field::Document(kind) => {
            let files: Vec<Document> =
                answers.documents.iter().filter(|document| document.kind == *kind).cloned().collect();
            if files.is_empty() { Shown::Missing } else { Shown::Files(files) }
        }
        Field::Additional(id) if matches!(content.additional_content.get(id), Some(Answer::Bool(_))) => {
            ticked(content.is_ticked(id), "Oui")
        }
        Field::FondementJuridiqueUrl if is_web_address(&content.fondement_juridique_url) => {
            Shown::Link(content.fondement_juridique_url.trim().to_owned())
        }
        Field::TechnicalTeamValue
        | Field::Demarche
        | Field::Intitule
        | Field::Description
        | Field::DateMiseEnProduction
        | Field::VolumetrieApproximative
        | Field::DataRecipients
        | Field::DataRetentionComment
        | Field::FondementJuridiqueTitle
        | Field::FondementJuridiqueUrl
        | Field::TeamMember(..)
        | Field::Additional(_) => match content.text(field) {
            Some(text) if !text.trim().is_empty() => Shown::Text(wording::text(policy, field, text)),
            Some(_) | None => Shown::Missing,
        },
    }
}

fn organisation(name: &str, siret: &str) -> String {
    let siret = siret::grouped(siret);
    if name.is_empty() { format!("SIRET {siret}") } else { format!("{name}\nSIRET {siret}") }
}

fn ticked(is_ticked: bool, label: &str) -> Shown {
    if is_ticked { Shown::Text(label.to_owned()) } else { Shown::Missing }
}

/// Only these become links: an address that an applicant typed must not run anything.
fn is_web_address(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    text.starts_with("https://") || text.starts_with("http://")
}

/// The data that is asked for, by group; a group without title comes last.
pub fn data_by_group<'a>(policy: &Policy, answers: impl Into<Answers<'a>>) -> Vec<(Option<String>, Vec<ScopeLine>)> {
    scopes_by_group(policy, &answers.into())
}

fn scopes_by_group(policy: &Policy, answers: &Answers<'_>) -> Vec<(Option<String>, Vec<ScopeLine>)> {
    let asked = &answers.content.scopes;
    let lines = |group: Option<&str>| -> Vec<ScopeLine> {
        let of_group = |scope: &&shared::policy::Scope| scope.group.as_deref() == group && asked.contains(&scope.id);
        policy
            .scopes
            .iter()
            .filter(of_group)
            .map(|scope| ScopeLine {
                id: scope.id.clone(),
                label: scope.label.clone(),
                help: scope.help.clone(),
                warning: policy.warning_of(scope).map(str::to_owned),
                link: scope.link.clone(),
            })
            .collect()
    };
    let mut groups: Vec<(Option<String>, Vec<ScopeLine>)> =
        policy.scope_groups.iter().map(|group| (Some(group.label.clone()), lines(Some(&group.id)))).collect();
    let mut others = lines(None);
    let unknown = asked.iter().filter(|id| policy.scope(id).is_none());
    others.extend(unknown.map(|id| ScopeLine {
        id: id.clone(),
        label: id.clone(),
        help: String::new(),
        warning: None,
        link: None,
    }));
    let title = (!groups.is_empty()).then(|| "Autres données".to_owned());
    groups.push((title, others));
    groups.retain(|(_, lines)| !lines.is_empty());
    groups
}

fn people(policy: &Policy, answers: &Answers<'_>, section: Section) -> Vec<Person> {
    let of_section = policy.contacts.iter().filter(|contact| contact.section == section);
    of_section.flat_map(|contact| people_of(policy, answers, contact)).collect()
}

/// The people of one kind. Those who were taken out show by what changed; where nobody was ever named, one line says so.
fn people_of(policy: &Policy, answers: &Answers<'_>, contact: &Contact) -> Vec<Person> {
    let kind = contact.kind;
    let members: Vec<&TeamMember> = answers.content.team_members_of(kind).collect();
    let changed = answers.changes.iter().filter_map(|change| match change.field {
        Field::TeamMember(of, place, _) if of == kind => Some(place + 1),
        _ => None,
    });
    let places = changed.chain([members.len(), 1]).max().unwrap_or(1);
    let mut people: Vec<Person> = (0..places)
        .map(|place| Person {
            label: contact.label.clone(),
            kind,
            place,
            attributes: contact.attributes.clone(),
            member: members.get(place).filter(|member| !member.is_empty()).copied().cloned(),
            rejection: members.get(place).and_then(|member| rejection_of(answers, &member.email)),
            differences: Attribute::ALL
                .iter()
                .filter_map(|&attribute| {
                    let change = change_of(answers, &Field::TeamMember(kind, place, attribute))?;
                    Some((attribute, difference(policy, change)))
                })
                .collect(),
        })
        .collect();
    people.retain(|person| person.place == 0 || person.member.is_some() || !person.differences.is_empty());
    if people.len() > 1 {
        for person in &mut people {
            person.label = format!("{} {}", contact.label, person.place + 1);
        }
    }
    people
}

fn rejection_of(answers: &Answers<'_>, email: &str) -> Option<MailRejection> {
    let email = email.to_lowercase();
    answers.unreachable.iter().find(|address| address.email == email).map(|address| address.rejection)
}

fn change_of<'a>(answers: &Answers<'a>, field: &Field) -> Option<&'a Change> {
    answers.changes.iter().find(|change| change.field == *field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::request::samples;

    fn parts() -> Vec<Part> {
        outline(&samples::policy(), &samples::enrollment())
    }

    fn value(field: &str) -> Shown {
        let field: Field = field.parse().unwrap();
        let entry = parts().into_iter().flat_map(|part| part.entries).find(|entry| entry.field == field);
        entry.map(|entry| entry.value).unwrap()
    }

    #[test]
    fn the_parts_follow_the_policy() {
        let fields: Vec<String> = parts()
            .iter()
            .map(|part| {
                let fields: Vec<String> = part.entries.iter().map(|entry| entry.field.to_string()).collect();
                format!("{} [{}] {}", part.section, fields.join(" "), part.people.len())
            })
            .collect();
        assert_eq!(
            fields,
            [
                "organisation [siret] 0",
                "technical_team [technical_team_type] 0",
                "demarche [demarche] 0",
                "description [intitule description date_mise_en_production volumetrie_approximative] 0",
                "donnees [scopes data_recipients data_retention_period] 0",
                "niveau_garantie [additional_content.eidas_level] 0",
                "cadre_juridique [fondement_juridique_title fondement_juridique_url additional_content.date_homologation \
                 additional_content.tested documents.LegalBasis] 0",
                "equipe [] 2",
                "cgu [cgu_approved dpo_is_informed] 0",
            ]
        );
    }

    #[test]
    fn answers_are_given_in_words() {
        let text = |text: &str| Shown::Text(text.to_owned());
        assert_eq!(value("siret"), text("Commune d’Essai\nSIRET 219\u{a0}200\u{a0}235\u{a0}00014"));
        assert_eq!(value("demarche"), text("Cas général"));
        assert_eq!(value("description"), text("Première ligne\nSeconde ligne"));
        assert_eq!(value("data_recipients"), Shown::Missing);
        assert_eq!(value("cgu_approved"), text("Acceptées"));
        assert_eq!(value("dpo_is_informed"), Shown::Missing);
        assert_eq!(value("additional_content.tested"), text("Oui"));
        assert_eq!(value("additional_content.eidas_level"), Shown::Missing);
        assert_eq!(value("fondement_juridique_url"), Shown::Link("https://www.legifrance.gouv.fr/".to_owned()));
    }

    #[test]
    fn data_stands_in_its_group_and_what_the_policy_lost_is_still_shown() {
        let Shown::Scopes(groups) = value("scopes") else { panic!("no scopes") };
        let groups: Vec<(Option<&str>, Vec<&str>)> = groups
            .iter()
            .map(|(title, lines)| (title.as_deref(), lines.iter().map(|line| line.label.as_str()).collect()))
            .collect();
        assert_eq!(
            groups,
            [(Some("Identité"), vec!["Date de naissance"]), (Some("Autres données"), vec!["Revenu", "gone"])]
        );
    }

    #[test]
    fn what_ticked_data_is_for_stands_below_it() {
        let (mut policy, mut enrollment) = (samples::policy(), samples::enrollment());
        policy.asks_purposes = true;
        for scope in ["birth", "name"] {
            if let Some(text) = enrollment.content.text_mut(&Field::purpose_of(scope)) {
                "Vérifier l’âge".clone_into(text);
            }
        }
        let part = outline(&policy, &enrollment).into_iter().find(|part| part.section == Section::Donnees).unwrap();
        let fields: Vec<String> = part.entries.iter().map(|entry| entry.field.to_string()).collect();
        assert_eq!(
            fields,
            ["scopes", "additional_content.usage_birth", "data_recipients", "data_retention_period"],
            "« name » is not asked for"
        );
    }

    #[test]
    fn who_is_not_reached_is_told_beside_them() {
        let (policy, mut enrollment) = (samples::policy(), samples::enrollment());
        let technician = TeamMemberType::ResponsableTechnique;
        enrollment.content.team_member_at(technician, 0).email = "Tech@exemple.fr".to_owned();
        enrollment.content.team_member_at(technician, 1).email = "autre@exemple.fr".to_owned();
        let email = "tech@exemple.fr".to_owned();
        let rejection = MailRejection::Bounce;
        enrollment.unreachable = vec![UnreachableAddress { email, rejection, permanent: true }];
        let people = outline(&policy, &enrollment).into_iter().flat_map(|part| part.people);
        let told: Vec<_> = people.filter(|one| one.kind == technician).map(|one| one.rejection).collect();
        assert_eq!(told, [Some(rejection), None]);
    }

    #[test]
    fn several_people_are_numbered_and_one_who_was_taken_out_still_shows() {
        let (policy, mut enrollment) = (samples::policy(), samples::enrollment());
        let technician = TeamMemberType::ResponsableTechnique;
        let seen = |enrollment: &Enrollment| -> Vec<(String, bool)> {
            let people = outline(&policy, enrollment).into_iter().flat_map(|part| part.people);
            let of_kind = people.filter(|person| person.kind == technician);
            of_kind.map(|person| (person.label, person.member.is_some())).collect()
        };
        let label = |number: &str| format!("Responsable technique{number}");
        assert_eq!(seen(&enrollment), [(label(""), false)]);
        for place in 0..2 {
            enrollment.content.team_member_at(technician, place).job = "Ingénieure".to_owned();
        }
        // Somebody of whom nothing is known yet.
        enrollment.content.team_member_at(technician, 2);
        assert_eq!(seen(&enrollment), [(label(" 1"), true), (label(" 2"), true)]);
        enrollment.content.team_members.clear();
        enrollment.changes.push(Change {
            field: Field::TeamMember(technician, 1, Attribute::Job),
            before: "Ingénieure".into(),
            after: serde_json::Value::Null,
        });
        assert_eq!(seen(&enrollment), [(label(" 1"), false), (label(" 2"), false)]);
    }

    #[test]
    fn a_part_with_nothing_to_show_is_left_out() {
        let (mut policy, enrollment) = (samples::policy(), samples::enrollment());
        policy.extra_fields.retain(|question| question.section != Section::NiveauGarantie);
        assert!(outline(&policy, &enrollment).iter().all(|part| part.section != Section::NiveauGarantie));
    }

    #[test]
    fn a_warning_that_several_data_share_is_noted_once() {
        let line = |label: &str, warning: Option<&str>| ScopeLine {
            id: label.to_owned(),
            help: String::new(),
            label: label.to_owned(),
            warning: warning.map(str::to_owned),
            link: None,
        };
        let groups = [
            (Some("Identité".to_owned()), vec![line("Sexe", Some("Sensible.")), line("Nom", None)]),
            (None, vec![line("Adresse", Some("Autre.")), line("Ville", Some("Sensible."))]),
        ];
        assert_eq!(
            notes(&groups),
            [
                ("Sensible.".to_owned(), vec!["Sexe".to_owned(), "Ville".to_owned()]),
                ("Autre.".to_owned(), vec!["Adresse".to_owned()]),
            ]
        );
    }

    #[test]
    fn only_web_addresses_become_links() {
        let mut enrollment = samples::enrollment();
        enrollment.content.fondement_juridique_url = "javascript:alert(1)".to_owned();
        let shown = shown(&samples::policy(), &Answers::from(&enrollment), &Field::FondementJuridiqueUrl);
        assert_eq!(shown, Shown::Text("javascript:alert(1)".to_owned()));
    }

    #[test]
    fn what_changed_is_shown_where_it_is_and_listed_with_links() {
        let parts = parts();
        let changed: Vec<&Field> = parts
            .iter()
            .flat_map(|part| &part.entries)
            .filter(|entry| entry.difference.is_some())
            .map(|entry| &entry.field)
            .collect();
        assert_eq!(changed, [&Field::Intitule]);
        let named = parts.iter().flat_map(|part| &part.people).find(|person| !person.differences.is_empty());
        assert_eq!(named.map(|person| person.differences.len()), Some(1));

        let links = change_links(&samples::policy(), &samples::enrollment().changes);
        let anchors: Vec<Option<&str>> = links.iter().map(|link| link.anchor.as_deref()).collect();
        assert_eq!(anchors, [Some("champ-intitule"), Some("champ-team_members-demandeur-given_name"), None]);
    }
}
