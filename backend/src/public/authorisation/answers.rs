//! What the document of an authorisation says to those who may read its request: conditions, people, files, accesses, and all
//! else that was answered.

use chrono::{DateTime, Utc};
use minijinja::{Value, context};
use shared::calendar::paris;
use shared::draft::{Answer, Draft};
use shared::enrollment::Authorisation;
use shared::field::Field;
use shared::policy::{ExtraFieldType, Policy, Section};
use shared::provisioning::{Provisioning, ProvisioningState};
use shared::team_member::TeamMember;

use super::is_web_address;
use crate::page::day;
use crate::public::grouped;

/// What the data may be used under.
const CONDITIONS: [Field; 5] = [
    Field::DataRecipients,
    Field::DataRetentionPeriod,
    Field::DataRetentionComment,
    Field::CguApproved,
    Field::DpoIsInformed,
];

/// What has a place of its own in the document.
const ELSEWHERE: [Field; 7] = [
    Field::Siret,
    Field::Demarche,
    Field::Intitule,
    Field::Description,
    Field::Scopes,
    Field::FondementJuridiqueTitle,
    Field::FondementJuridiqueUrl,
];

/// Recipients, retention, terms of use, the data protection officer who knows of it.
pub fn conditions(policy: &Policy, content: &Draft) -> Value {
    let asked = CONDITIONS.into_iter().filter(|field| policy.section_of(field).is_some());
    facts(policy, content, asked)
}

/// What else was answered, in the order of the form.
pub fn others(policy: &Policy, content: &Draft) -> Value {
    let of_section = |section: &Section| {
        let section = *section;
        let questions = policy.extra_fields.iter().filter(move |question| question.section == section);
        section.fields().iter().cloned().chain(questions.map(|question| Field::Additional(question.id.clone())))
    };
    let fields = policy.sections.iter().flat_map(of_section);
    facts(policy, content, fields.filter(|field| !CONDITIONS.contains(field) && !ELSEWHERE.contains(field)))
}

/// What each piece of data is for, where the form asks.
pub fn purposes(policy: &Policy, content: &Draft) -> Value {
    let granted = policy.scopes.iter().filter(|scope| policy.asks_purposes && content.scopes.contains(&scope.id));
    let purpose = |scope: &shared::policy::Scope| {
        let text = content.text(&Field::purpose_of(&scope.id)).map(str::trim).filter(|text| !text.is_empty())?;
        Some(context! { label => &scope.label, text })
    };
    granted.filter_map(purpose).collect()
}

fn facts(policy: &Policy, content: &Draft, fields: impl Iterator<Item = Field>) -> Value {
    let fact = |field: Field| {
        let text = text(policy, content, &field)?;
        let link = Some(text.trim()).filter(|text| is_web_address(text)).map(str::to_owned);
        Some(context! { label => policy.label_of(&field), text, link })
    };
    fields.filter_map(fact).collect()
}

/// An answer as a person reads it; `None` where there is none.
fn text(policy: &Policy, content: &Draft, field: &Field) -> Option<String> {
    match field {
        Field::TechnicalTeamType => content.technical_team_type.map(|kind| kind.label().to_owned()),
        Field::DataRetentionPeriod => content.data_retention_period.map(|months| format!("{months}\u{a0}mois")),
        Field::PreviousEnrollmentId => content.previous_enrollment_id.map(|id| format!("Demande n°\u{a0}{id}")),
        Field::CguApproved => content.cgu_approved.then(|| "Acceptées".to_owned()),
        Field::DpoIsInformed => content.dpo_is_informed.then(|| "Informé".to_owned()),
        Field::Additional(id) if matches!(content.additional_content.get(id), Some(Answer::Bool(_))) => {
            content.is_ticked(id).then(|| "Oui".to_owned())
        }
        _ => {
            let typed = content.text(field).map(str::trim).filter(|text| !text.is_empty())?;
            Some(worded(policy, field, typed).unwrap_or_else(|| typed.to_owned()))
        }
    }
}

/// The label of what was chosen, an editor by its name, a day as it is read in France.
fn worded(policy: &Policy, field: &Field, typed: &str) -> Option<String> {
    match field {
        Field::TechnicalTeamValue => {
            let editor = policy.editors.iter().find(|editor| editor.siret == typed)?;
            Some(format!("{} (SIRET {})", editor.name, grouped(&editor.siret)))
        }
        Field::Additional(id) => {
            let question = policy.extra_field(id)?;
            match question.kind {
                ExtraFieldType::Choice => {
                    question.options.iter().find(|option| option.id == typed).map(|option| option.label.clone())
                }
                ExtraFieldType::Date => {
                    typed.parse::<chrono::NaiveDate>().ok().map(|day| day.format("%d/%m/%Y").to_string())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The people, with the contact details that hold now where they were put right since.
pub fn people(policy: &Policy, whole: &Authorisation) -> Value {
    let of_kind = |contact: &shared::policy::Contact| {
        let kind = contact.kind;
        let label = contact.label.clone();
        let is_multiple = contact.multiple;
        whole.content.team_members_of(kind).enumerate().map(move |(place, member)| {
            let current =
                whole.current_contacts.iter().find(|current| current.member.kind == kind && current.place == place);
            let label = if is_multiple { format!("{label} {}", place + 1) } else { label.clone() };
            context! { label, granted => details(member), current => current.map(|current| details(&current.member)) }
        })
    };
    policy.contacts.iter().flat_map(of_kind).collect()
}

/// « Camille Exemple, secrétaire de mairie, camille@mairie.example, 01 23 45 67 89 ».
fn details(member: &TeamMember) -> String {
    let name = format!("{} {}", member.given_name, member.family_name);
    let details = [name.trim(), member.job.trim(), member.email.trim(), member.phone_number.trim()];
    details.into_iter().filter(|detail| !detail.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The files that were looked at, in the order of the policy.
pub fn files(policy: &Policy, whole: &Authorisation) -> Value {
    let (id, documents) = (whole.summary.id, &whole.documents);
    let mut files: Vec<_> = documents.iter().collect();
    let place = |kind| policy.documents.iter().position(|asked| asked.kind == kind);
    files.sort_by_key(|document| place(document.kind));
    let file = |document: &&shared::document::Document| {
        let kind = document.kind;
        context! {
            label => policy.label_of(&Field::Document(kind)),
            name => &document.filename,
            href => format!("/api/authorisations/{id}/documents/{kind}?document={}", document.id),
        }
    };
    files.iter().map(file).collect()
}

/// Where the access at a manager stands, what is wrong with it, and where its holder goes on.
pub fn access(found: &Provisioning) -> Value {
    let (state, failing, doubt) = (found.sentence(day), found.failure(time), found.doubt());
    let shows_link = found.state == ProvisioningState::Open && is_web_address(&found.link);
    let manager = found.manager.label();
    context! { manager, state, failing, doubt, link => shows_link.then(|| found.link.clone()) }
}

/// A time in Paris, as it is read in France.
fn time(at: DateTime<Utc>) -> String {
    format!("{} à {}", day(at), paris(at).format("%H\u{a0}h\u{a0}%M"))
}
