//! What one API asks for: the vocabulary of the policy files.
//!
//! A policy is data. A special case is a field here or a named [`Rule`]; code never compares a `target_api`. Who may do
//! what is not policy but [`crate::rights`]. Reading the files, with `extends`, is the server's business.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::document::DocumentType;
use crate::enrollment::Draft;
use crate::event::EventName;
use crate::field::Field;
use crate::team_member::TeamMemberType;
use crate::wire_enum;

/// What one API asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The slug: the file's name. Filled in by the loader.
    #[serde(default)]
    pub target_api: String,
    /// Hash of the content. Filled in by the loader.
    #[serde(default)]
    pub revision: String,
    /// Official name.
    pub label: String,
    /// Who exposes the API.
    pub provider: Provider,
    /// What the API is for, in one or two sentences, for the catalogue.
    pub description: String,
    /// What to know and prepare before one starts, shown at the top of the form. Paragraphs.
    #[serde(default)]
    pub introduction: Vec<String>,
    /// Where the API stands in its chain, when the right is given in several steps.
    #[serde(default)]
    pub stage: Option<PolicyStage>,
    /// The API of which a validated request of the same organisation is needed first.
    #[serde(default)]
    pub previous: Option<String>,
    /// No longer offered: existing requests stay readable.
    #[serde(default)]
    pub retired: bool,
    /// The form, in order.
    pub sections: Vec<Section>,
    /// The data that may be asked for, in order.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// How the data is grouped, in order.
    #[serde(default)]
    pub scope_groups: Vec<ScopeGroup>,
    /// Use cases that fill in part of the form.
    #[serde(default)]
    pub demarches: Vec<Demarche>,
    /// Software editors that are known for this API.
    #[serde(default)]
    pub editors: Vec<Editor>,
    /// The people who must be named, in order.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// The files.
    #[serde(default)]
    pub documents: Vec<DocumentRequest>,
    /// Questions that only this policy asks, in order.
    #[serde(default)]
    pub extra_fields: Vec<ExtraField>,
    /// What a new draft starts with: members of a draft.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub prefill: Map<String, Value>,
    /// What must hold at submission: named functions of `validation::rules`.
    pub rules: Vec<Rule>,
    /// Boxes that go, or do not go, together.
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    /// Beginnings of the activity codes (NAF) that normally have the right; another one only gets a warning.
    #[serde(default)]
    pub naf_prefixes: Vec<String>,
    /// Terms of use.
    #[serde(default)]
    pub cgu_url: Option<String>,
    /// Documentation of the API.
    #[serde(default)]
    pub documentation_url: Option<String>,
    /// Where applicants may ask: a service mailbox, never a person's.
    pub support_email: String,
    /// Where the holder of an authorisation goes on.
    #[serde(default)]
    pub next_step_url: Option<String>,
    /// Texts that differ from the common ones of a decision's mail.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, MailText>)]
    pub mails: BTreeMap<EventName, MailText>,
    /// Instructors may withdraw what was granted (otherwise only administrators).
    #[serde(default)]
    pub revocable_by_instructor: bool,
    /// What was granted may be updated.
    #[serde(default)]
    pub reopenable: bool,
    /// Applicant and instructors may write to each other.
    #[serde(default)]
    pub messaging: bool,
    /// Not offered as a filter of the public list.
    #[serde(default)]
    pub hidden_from_public_filters: bool,
}

/// Who exposes an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Short id.
    pub id: String,
    /// Official name.
    pub label: String,
}

wire_enum! {
    /// Where an API stands in its chain.
    pub enum PolicyStage {
        /// Test data only.
        Sandbox = "sandbox",
        /// Real data.
        Production = "production",
        /// Both in one request.
        Unique = "unique",
    }
}

impl PolicyStage {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sandbox => "Bac à sable",
            Self::Production => "Production",
            Self::Unique => "Bac à sable et production",
        }
    }
}

wire_enum! {
    /// One part of the form. The names are v1's.
    pub enum Section {
        /// The validated request that this one follows.
        PreviousEnrollment = "previous_enrollment",
        /// Who asks.
        Organisation = "organisation",
        /// Who builds the service.
        TechnicalTeam = "technical_team",
        /// The use case.
        Demarche = "demarche",
        /// The project.
        Description = "description",
        /// The data.
        Donnees = "donnees",
        /// FranceConnect: how strong the identification must be.
        NiveauGarantie = "niveau_garantie",
        /// The right to the data.
        CadreJuridique = "cadre_juridique",
        /// The people.
        Equipe = "equipe",
        /// The tests that were run before production.
        RecetteFonctionnelle = "recette_fonctionnelle",
        /// The decision that the system is secure enough.
        HomologationSecurite = "homologation_securite",
        /// How many calls.
        Volumetrie = "volumetrie",
        /// Terms of use.
        Cgu = "cgu",
    }
}

impl Section {
    /// The title a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PreviousEnrollment => "Habilitation préalable",
            Self::Organisation => "Organisation",
            Self::TechnicalTeam => "Équipe technique",
            Self::Demarche => "Cas d’usage",
            Self::Description => "Projet",
            Self::Donnees => "Données",
            Self::NiveauGarantie => "Niveau de garantie",
            Self::CadreJuridique => "Cadre juridique",
            Self::Equipe => "Personnes impliquées",
            Self::RecetteFonctionnelle => "Recette fonctionnelle",
            Self::HomologationSecurite => "Homologation de sécurité",
            Self::Volumetrie => "Volumétrie",
            Self::Cgu => "Engagements",
        }
    }

    /// The fields that every policy with this section shows in it, beside its contacts, files and own questions.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::PreviousEnrollment => &[Field::PreviousEnrollmentId],
            Self::Organisation => &[Field::Siret],
            Self::TechnicalTeam => &[Field::TechnicalTeamType, Field::TechnicalTeamValue],
            Self::Demarche => &[Field::Demarche],
            Self::Description => {
                &[Field::Intitule, Field::Description, Field::DateMiseEnProduction, Field::VolumetrieApproximative]
            }
            Self::Donnees => {
                &[Field::Scopes, Field::DataRecipients, Field::DataRetentionPeriod, Field::DataRetentionComment]
            }
            Self::CadreJuridique => &[Field::FondementJuridiqueTitle, Field::FondementJuridiqueUrl],
            Self::Cgu => &[Field::CguApproved, Field::DpoIsInformed],
            Self::NiveauGarantie
            | Self::Equipe
            | Self::RecetteFonctionnelle
            | Self::HomologationSecurite
            | Self::Volumetrie => &[],
        }
    }
}

/// One piece of data that may be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Its name in tokens.
    pub id: String,
    /// Official name.
    pub label: String,
    /// Its group.
    #[serde(default)]
    pub group: Option<String>,
    /// Always asked for: the box is ticked and cannot be unticked.
    #[serde(default)]
    pub locked: bool,
    /// What to think of before one ticks it.
    #[serde(default)]
    pub warning: Option<String>,
    /// Link to what it contains.
    #[serde(default)]
    pub link: Option<String>,
}

/// Scopes that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeGroup {
    /// Short id.
    pub id: String,
    /// Title.
    pub label: String,
    /// Reporters and subscribers may be limited to it.
    #[serde(default)]
    pub role_group: bool,
}

/// A use case that fills in part of the form (« démarche »).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Demarche {
    /// Short id.
    pub id: String,
    /// Title.
    pub label: String,
    /// Link to a description of the use case.
    #[serde(default)]
    pub about_url: Option<String>,
    /// What it fills in: members of a draft. Never people.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub prefill: Map<String, Value>,
}

/// A software editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Editor {
    /// Its name.
    pub name: String,
    /// Its SIRET.
    pub siret: String,
}

/// A person who must, or may, be named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// What they are to the request.
    #[serde(rename = "type")]
    pub kind: TeamMemberType,
    /// What the form calls them.
    pub label: String,
    /// Who that is, and what they will receive.
    #[serde(default)]
    pub description: String,
    /// Whether the request needs them.
    #[serde(default = "yes")]
    pub required: bool,
    /// The telephone must be a mobile one.
    #[serde(default)]
    pub mobile_phone: bool,
}

/// A file that must, or may, be joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentRequest {
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    /// The part of the form that asks for it.
    pub section: Section,
    /// File name endings, without the dot.
    pub formats: Vec<String>,
    /// Whether the request needs it.
    #[serde(default)]
    pub required: bool,
    /// What it should contain.
    #[serde(default)]
    pub hint: String,
}

/// A question that only some policies ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtraField {
    /// Its key in `additional_content`.
    pub id: String,
    /// The part of the form that asks it.
    pub section: Section,
    /// How it is asked.
    #[serde(rename = "type")]
    pub kind: ExtraFieldType,
    /// The question.
    pub label: String,
    /// Help.
    #[serde(default)]
    pub hint: String,
    /// Whether the request needs an answer; a box must then be ticked.
    #[serde(default)]
    pub required: bool,
    /// The answers one may choose from, for a choice.
    #[serde(default)]
    pub options: Vec<ChoiceOption>,
}

wire_enum! {
    /// How a question is asked.
    pub enum ExtraFieldType {
        /// One line.
        Text = "text",
        /// Several lines.
        LongText = "long_text",
        /// A box.
        Boolean = "boolean",
        /// A day, written `2026-03-31`.
        Date = "date",
        /// One of the options.
        Choice = "choice",
    }
}

/// One answer of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// What is kept.
    pub id: String,
    /// What a person reads.
    pub label: String,
}

wire_enum! {
    /// What must hold at submission. Each is one function of `validation::rules`.
    pub enum Rule {
        /// The project has a title and a description.
        Project = "project",
        /// Somebody is named who builds the service.
        TechnicalTeam = "technical_team",
        /// At least one scope.
        AtLeastOneScope = "at_least_one_scope",
        /// Recipients and retention of the data.
        DataUse = "data_use",
        /// A text that gives the right to the data, as an address or as a file.
        LegalBasis = "legal_basis",
        /// The terms of use are accepted.
        CguApproved = "cgu_approved",
        /// The data protection officer knows.
        DpoIsInformed = "dpo_is_informed",
    }
}

/// Boxes (scopes, or questions answered by yes) that go, or do not go, together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// Where the error is shown.
    pub field: Field,
    /// The constraint holds only where one of these is ticked; always, where there is none.
    #[serde(default)]
    pub when_any: Vec<String>,
    /// At least one of these must be ticked.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// None of these may be ticked.
    #[serde(default)]
    pub none_of: Vec<String>,
    /// The constraint is lifted when this file is joined.
    #[serde(default)]
    pub unless_document: Option<DocumentType>,
    /// What the applicant reads.
    pub message: String,
}

/// A mail's text. `{{ intitule }}`, `{{ label }}`, `{{ url }}`, `{{ next_step_url }}` and the other values of
/// `backend/templates/mails` may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailText {
    /// Subject; the common one where there is none.
    #[serde(default)]
    pub subject: Option<String>,
    /// Body; the common one where there is none.
    #[serde(default)]
    pub body: Option<String>,
}

const fn yes() -> bool {
    true
}

impl Policy {
    /// The scope of that id.
    pub fn scope(&self, id: &str) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.id == id)
    }

    /// The use case of that id.
    pub fn demarche(&self, id: &str) -> Option<&Demarche> {
        self.demarches.iter().find(|demarche| demarche.id == id)
    }

    /// The contact of that type.
    pub fn contact(&self, kind: TeamMemberType) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.kind == kind)
    }

    /// The file of that type.
    pub fn document(&self, kind: DocumentType) -> Option<&DocumentRequest> {
        self.documents.iter().find(|document| document.kind == kind)
    }

    /// The question of that id.
    pub fn extra_field(&self, id: &str) -> Option<&ExtraField> {
        self.extra_fields.iter().find(|field| field.id == id)
    }

    /// Whether the form has that part.
    pub fn has_section(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }

    /// What a new draft starts with: the policy's own prefill and the locked scopes.
    pub fn new_draft(&self) -> Draft {
        let mut draft = Draft::default().merged(&self.prefill).unwrap_or_default();
        draft.scopes.extend(self.scopes.iter().filter(|scope| scope.locked).map(|scope| scope.id.clone()));
        draft
    }

    /// The part of the form that shows a field, if this policy has it.
    pub fn section_of(&self, field: &Field) -> Option<Section> {
        let section = match field {
            Field::TeamMember(..) => Section::Equipe,
            Field::Document(kind) => self.document(*kind)?.section,
            Field::Additional(id) => self.extra_field(id)?.section,
            own => *Section::ALL.iter().find(|section| section.fields().contains(own))?,
        };
        self.has_section(section).then_some(section)
    }

    /// The label of a field, as this policy words it.
    pub fn label_of(&self, field: &Field) -> String {
        match field {
            Field::TeamMember(kind, attribute) => match self.contact(*kind) {
                Some(contact) => format!("{} : {}", contact.label, attribute.label().to_lowercase()),
                None => attribute.label().to_owned(),
            },
            Field::Additional(id) => self.extra_field(id).map_or_else(|| id.clone(), |field| field.label.clone()),
            own => own.label(),
        }
    }
}
