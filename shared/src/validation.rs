//! (policy, request, stage) → every error, by field. The browser runs it as one types, the server before it accepts.
//!
//! It collects all errors and never stops at the first. Facts from elsewhere (the organisation's name, the previous
//! request) are arguments.

pub mod formats;
pub mod rules;

use std::collections::BTreeSet;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::document::{Document, DocumentType, INFECTED};
use crate::draft::{Answer, Draft};
use crate::field::Field;
use crate::organization::{Establishment, Siret};
use crate::policy::{ExtraFieldType, Policy};
use crate::problem::{ErrorItem, ItemCode, Place};
use crate::team_member::{Attribute, TeamMemberType};
use crate::workflow::Status;

/// When the check is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Every save: what must never be stored (too long, not of this policy).
    Save,
    /// Submission: `Save`, and everything that the policy asks for.
    Submit,
}

/// What is validated: a draft, with what is known of it from elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What the applicant wrote.
    pub draft: &'a Draft,
    /// The files.
    pub documents: &'a [Document],
    /// Name of the draft's organisation; empty where it could not be found.
    pub nom_raison_sociale: &'a str,
    /// What the register says of it; `None` where that is not known, which is never held against anybody.
    pub establishment: Option<&'a Establishment>,
    /// Another request of the same organisation and API that is granted, for policies with `one_per_organisation`.
    pub granted: Option<i64>,
    /// What other requests of the same organisation and API were granted, for policies with `each_scope_once`.
    pub granted_scopes: &'a [GrantedScope],
    /// The request that `draft.previous_enrollment_id` names; `None` where it does not exist.
    pub previous: Option<&'a PreviousEnrollment>,
    /// Domains of its people's addresses, in lower case, that take no mail; those of which nothing is known are not here.
    pub mailless_domains: &'a [String],
}

impl<'a> Input<'a> {
    /// What stands in a request, with nothing known from elsewhere but the name of its organisation.
    pub const fn new(draft: &'a Draft, documents: &'a [Document], nom_raison_sociale: &'a str) -> Self {
        Self {
            draft,
            documents,
            nom_raison_sociale,
            establishment: None,
            granted: None,
            granted_scopes: &[],
            previous: None,
            mailless_domains: &[],
        }
    }
}

/// A scope that an organisation was granted, and is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GrantedScope {
    /// Its id.
    pub scope: String,
    /// The request that it was granted to.
    pub enrollment_id: i64,
    /// The authorisation; `null` for those who may not read it.
    pub authorisation_id: Option<i64>,
}

/// What must be known of the previous request of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreviousEnrollment {
    /// Its number.
    pub id: i64,
    /// Its API.
    pub target_api: String,
    /// Its organisation.
    pub siret: Siret,
    /// Its title.
    pub intitule: String,
    /// Where it stands.
    pub status: Status,
    /// It has an authorisation in force, whatever becomes of an update of it.
    pub in_force: bool,
}

/// One error, tied to its field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Where.
    pub field: Field,
    /// Why, for programs.
    pub code: ItemCode,
    /// What to do, in French.
    pub detail: String,
}

impl FieldError {
    /// An error of that field.
    pub fn new(field: Field, code: ItemCode, detail: impl Into<String>) -> Self {
        Self { field, code, detail: detail.into() }
    }

    /// As it travels, in a request with that content. Of somebody who is not there yet, the text says who it is.
    pub fn to_item(&self, draft: &Draft) -> ErrorItem {
        let mut detail = self.detail.clone();
        if let Field::TeamMember(kind, place, _) = &self.field
            && draft.team_members_of(*kind).nth(*place).is_none()
        {
            detail.push_str(&format!(" Personne à ajouter\u{a0}: {}.", kind.label().to_lowercase()));
        }
        ErrorItem::new(Place::Pointer(self.field.pointer(draft)), self.code, detail)
    }

    /// Reads what [`Self::to_item`] wrote; `None` where the place is no field of that content.
    pub fn from_item(item: &ErrorItem, draft: &Draft) -> Option<Self> {
        let field = Field::from_pointer(item.pointer()?, draft)?;
        Some(Self::new(field, item.code, &item.detail))
    }
}

/// The most characters that a text may have. v1 had no limit anywhere.
pub const fn max_length(field: &Field) -> usize {
    match field {
        Field::Description | Field::DataRecipients | Field::DataRetentionComment | Field::FondementJuridiqueTitle => {
            10_000
        }
        Field::FondementJuridiqueUrl => 2_000,
        Field::Intitule => 300,
        Field::Additional(_) => 5_000,
        Field::TeamMember(.., Attribute::PhoneNumber) => 40,
        Field::TeamMember(.., Attribute::Email) => 254,
        _ => 250,
    }
}

/// The longest retention, in months (v1: a hundred years).
pub const MAX_RETENTION_MONTHS: u32 = 1_200;

/// The most people in one request.
pub const MAX_TEAM_MEMBERS: usize = 100;

/// Every error of a request, in the order of the form.
pub fn validate(policy: &Policy, input: Input<'_>, stage: Stage) -> Vec<FieldError> {
    let mut errors = Vec::new();
    lengths(input.draft, &mut errors);
    known_to(policy, input.draft, &mut errors);
    if stage == Stage::Submit {
        rules::organization(policy, input, &mut errors);
        rules::second_grant(policy, input, &mut errors);
        rules::duration(input.draft, &mut errors);
        rules::previous_enrollment(policy, input, &mut errors);
        rules::locked_scopes(policy, input.draft, &mut errors);
        rules::deprecated_scopes(policy, input.draft, &mut errors);
        for rule in &policy.rules {
            rules::check(*rule, policy, input, &mut errors);
        }
        rules::constraints(policy, input, &mut errors);
        rules::contacts(policy, input.draft, &mut errors);
        rules::mail_domains(policy, input, &mut errors);
        rules::documents(policy, input.documents, &mut errors);
        infected_files(policy, input.documents, &mut errors);
        rules::extra_fields(policy, input.draft, &mut errors);
    }
    errors.sort_by_key(|error| position(policy, &error.field));
    errors
}

/// The fields that an empty request lacks. What a file may stand in for is not among them.
pub fn required_fields(policy: &Policy) -> BTreeSet<Field> {
    let lacking = |documents: &[Document]| {
        let draft = Draft::default();
        validate(policy, Input::new(&draft, documents, ""), Stage::Submit)
            .into_iter()
            .filter(|error| error.code == ItemCode::Required)
    };
    let every_file: Vec<Document> = policy.documents.iter().map(|request| some_file(request.kind)).collect();
    let mut required = BTreeSet::new();
    required.extend(lacking(&every_file).map(|error| error.field));
    required.extend(lacking(&[]).map(|error| error.field).filter(|field| matches!(field, Field::Document(_))));
    required
}

/// No file with a virus, whether one is required or not. What the antivirus has not looked at yet is as good as any.
fn infected_files(policy: &Policy, documents: &[Document], errors: &mut Vec<FieldError>) {
    let is_asked = |kind| policy.document(kind).is_some_and(|request| !request.read_only);
    let infected = documents.iter().filter(|document| document.is_infected() && is_asked(document.kind));
    errors.extend(infected.map(|file| FieldError::new(Field::Document(file.kind), ItemCode::NotEligible, INFECTED)));
}

fn some_file(kind: DocumentType) -> Document {
    let (filename, sha256) = (String::new(), String::new());
    Document { id: 0, kind, filename, size: 0, sha256, created_at: DateTime::UNIX_EPOCH, scan: None }
}

/// Place of a field in the form of that policy: by section, then by field.
fn position(policy: &Policy, field: &Field) -> (usize, Field) {
    let section = policy.section_of(field);
    let index = section.and_then(|section| policy.sections.iter().position(|other| *other == section));
    (index.unwrap_or(usize::MAX), field.clone())
}

fn lengths(draft: &Draft, errors: &mut Vec<FieldError>) {
    let own = Field::OWN.iter().map(|(field, _)| field.clone());
    let members = draft.placed_team_members().flat_map(|(place, member)| {
        Attribute::ALL.iter().map(move |attribute| Field::TeamMember(member.kind, place, *attribute))
    });
    let additional = draft.additional_content.keys().cloned().map(Field::Additional);
    for field in own.chain(members).chain(additional) {
        let limit = max_length(&field);
        if let Some(text) = draft.text(&field)
            && text.chars().count() > limit
        {
            let message = format!("Ce texte dépasse la limite de {limit} caractères\u{a0}: raccourcissez-le.");
            errors.push(FieldError::new(field, ItemCode::TooLong, message));
        }
    }
    if draft.data_retention_period.is_some_and(|months| months > MAX_RETENTION_MONTHS) {
        let message = format!("Indiquez une durée d’au plus {MAX_RETENTION_MONTHS} mois.");
        errors.push(FieldError::new(Field::DataRetentionPeriod, ItemCode::TooLong, message));
    }
    if let Some(member) = draft.team_members.get(MAX_TEAM_MEMBERS) {
        let message = format!("Une demande nomme au plus {MAX_TEAM_MEMBERS} personnes.");
        errors.push(FieldError::new(Field::TeamMember(member.kind, 0, Attribute::Email), ItemCode::TooLong, message));
    }
}

/// What the policy does not know is refused at once, rather than dropped without a word as v1 did.
fn known_to(policy: &Policy, draft: &Draft, errors: &mut Vec<FieldError>) {
    for id in draft.scopes.iter().filter(|id| policy.scope(id).is_none()) {
        let message = format!("La donnée «\u{a0}{id}\u{a0}» n’est pas proposée par {}.", policy.label);
        errors.push(FieldError::new(Field::Scopes, ItemCode::Unknown, message));
    }
    if !draft.demarche.is_empty() && policy.demarche(&draft.demarche).is_none() {
        errors.push(FieldError::new(Field::Demarche, ItemCode::Unknown, "Ce cas d’usage n’existe pas."));
    }
    for (id, answer) in &draft.additional_content {
        let field = Field::Additional(id.clone());
        let question = policy.extra_field(id);
        let is_purpose = policy.scope_of_purpose(id).is_some();
        if question.is_none() && !is_purpose {
            let message = format!("La question «\u{a0}{id}\u{a0}» n’est pas posée par {}.", policy.label);
            errors.push(FieldError::new(field, ItemCode::Unknown, message));
            continue;
        }
        let is_box = question.is_some_and(|question| question.kind == ExtraFieldType::Boolean);
        match answer {
            Answer::Bool(_) if is_box => {}
            Answer::Text(_) if !is_box => {}
            Answer::Bool(_) => {
                errors.push(FieldError::new(field, ItemCode::Format, "Une réponse écrite est attendue."))
            }
            Answer::Text(_) => {
                errors.push(FieldError::new(field, ItemCode::Format, "Une case cochée ou non est attendue."));
            }
        }
    }
    for (place, member) in draft.placed_team_members() {
        let message = match policy.contact(member.kind) {
            Some(contact) if place == 0 || contact.multiple => continue,
            Some(contact) => format!("{}\u{a0}: {} ne demande qu’une personne.", contact.label, policy.label),
            None if member.kind == TeamMemberType::Demandeur && place == 0 => continue,
            None => format!("{} ne demande pas ce contact.", policy.label),
        };
        errors.push(FieldError::new(
            Field::TeamMember(member.kind, place, Attribute::Email),
            ItemCode::Unknown,
            message,
        ));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::ScanState;

    fn policy() -> Policy {
        serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d",
            "sections": ["organisation", "description", "cadre_juridique"], "rules": ["project", "legal_basis"],
            "support_email": "a@b.fr",
            "documents": [
                {"type": "LegalBasis", "section": "cadre_juridique", "formats": ["pdf"]},
                {"type": "MaquetteProjet", "section": "description", "formats": ["pdf"], "required": true},
            ],
        }))
        .unwrap()
    }

    #[test]
    fn a_file_with_a_virus_is_to_be_replaced_and_one_that_is_not_looked_at_yet_is_there() {
        for (kind, scan, found) in [
            (DocumentType::MaquetteProjet, Some(ScanState::Pending), None),
            (DocumentType::MaquetteProjet, Some(ScanState::Clean), None),
            (DocumentType::MaquetteProjet, Some(ScanState::Infected), Some(ItemCode::NotEligible)),
            (DocumentType::LegalBasis, Some(ScanState::Infected), Some(ItemCode::NotEligible)),
        ] {
            let mut errors = Vec::new();
            let joined = [some_file(DocumentType::MaquetteProjet), Document { scan, ..some_file(kind) }];
            let joined = if kind == DocumentType::MaquetteProjet { &joined[1..] } else { &joined[..] };
            rules::documents(&policy(), joined, &mut errors);
            infected_files(&policy(), joined, &mut errors);
            assert_eq!(errors.first().map(|error| error.code), found, "{kind} {scan:?}");
            assert!(errors.iter().all(|error| error.field == Field::Document(kind)), "{errors:?}");
        }
    }

    #[test]
    fn an_address_that_a_file_may_replace_is_not_marked_as_required() {
        let required: Vec<String> = required_fields(&policy()).iter().map(ToString::to_string).collect();
        assert_eq!(
            required,
            ["siret", "intitule", "description", "fondement_juridique_title", "documents.MaquetteProjet"]
        );
    }
}
