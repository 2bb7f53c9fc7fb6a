//! What one API asks for: the vocabulary of the policy files.
//!
//! A policy is data. A special case is a field here or a named [`Rule`]; code never compares a `target_api`. Who may do
//! what is not policy but [`crate::rights`]. Reading the files, with `extends`, is the server's business.

mod form;
pub mod revision;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use self::form::{ChoiceOption, Contact, DocumentRequest, ExtraField, ExtraFieldType, Mailbox, Section};
use crate::document::DocumentType;
use crate::enrollment::Draft;
use crate::event::EventName;
use crate::field::Field;
use crate::organization::Establishment;
use crate::team_member::TeamMemberType;
use crate::wire_enum;

/// What one API asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Policy {
    /// The slug: the file's name. Filled in by the loader.
    #[serde(default)]
    pub target_api: String,
    /// Hash of the content. Filled in by the loader.
    #[serde(default)]
    pub revision: String,
    /// Official name.
    pub label: String,
    /// What one asks for: data through an API, or the use of a service.
    #[serde(default)]
    pub kind: PolicyKind,
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
    /// The APIs that took the place of a retired one.
    #[serde(default)]
    pub replaced_by: Vec<String>,
    /// Requests can be read, and nothing else: no start, no change, no decision.
    #[serde(default)]
    pub frozen: bool,
    /// New requests are made at this address, outside DataPass.
    #[serde(default)]
    pub start_url: Option<String>,
    /// An organisation has at most one granted request.
    #[serde(default)]
    pub one_per_organisation: bool,
    /// The form, in order.
    pub sections: Vec<Section>,
    /// The data that may be asked for, in order.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// How the data is grouped, in order.
    #[serde(default)]
    pub scope_groups: Vec<ScopeGroup>,
    /// What to think of before one ticks some scopes, by the name that `Scope::warning` gives.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub warnings: BTreeMap<String, String>,
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
    /// Retention above this many months needs a reason.
    #[serde(default = "default_retention")]
    pub longest_retention: u32,
    /// The activities of the organisations that normally have the right.
    #[serde(default)]
    pub naf: Option<Naf>,
    /// Terms of use.
    #[serde(default)]
    pub cgu_url: Option<String>,
    /// Documentation of the API.
    #[serde(default)]
    pub documentation_url: Option<String>,
    /// Where applicants may ask: a service mailbox, never a person's.
    pub support_email: String,
    /// Where answers to the mails go; `support_email` where there is none.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Where the holder of an authorisation goes on.
    #[serde(default)]
    pub next_step_url: Option<String>,
    /// Texts that differ from the common ones of a decision's mail.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, MailText>)]
    pub mails: BTreeMap<EventName, MailText>,
    /// When applicants are reminded of a request that waits for them.
    #[serde(default)]
    pub reminders: Reminders,
    /// Mails to services that must know of an event, for instance the support of FranceConnect.
    #[serde(default)]
    pub notices: Vec<ServiceNotice>,
    /// How what was granted reaches the API manager.
    #[serde(default)]
    pub deliveries: Vec<Delivery>,
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

wire_enum! {
    /// What one asks for.
    #[derive(Default)]
    pub enum PolicyKind {
        /// Data through an API.
        #[default]
        Api = "api",
        /// The use of a service.
        Service = "service",
    }
}

wire_enum! {
    /// How what was granted reaches the API manager.
    pub enum Delivery {
        /// A signed call to the address that the operator has set.
        Webhook = "webhook",
        /// A subscription at `HubEE`.
        HubeeSubscription = "hubee_subscription",
        /// An organisation at Aidants Connect.
        AidantsConnectOrganisation = "aidants_connect_organisation",
        /// An application at PISTE, the State's API manager.
        PisteApplication = "piste_application",
    }
}

/// The activities of the organisations that normally have the right, by their NAF code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Naf {
    /// Beginnings of the codes.
    pub prefixes: Vec<String>,
    /// Another activity is refused at submission; otherwise it only gets a warning.
    #[serde(default)]
    pub refuses: bool,
    /// What the applicant then reads.
    pub message: String,
}

impl Naf {
    /// Whether an establishment's activity is among them. An unknown one is.
    pub fn accepts(&self, establishment: Option<&Establishment>) -> bool {
        let code = establishment.map_or("", |known| known.activity.as_str());
        code.is_empty() || self.prefixes.iter().any(|prefix| code.starts_with(prefix.as_str()))
    }
}

/// When applicants are reminded of a request that waits for them, in days. v1's delays, unless a policy says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Reminders {
    /// A draft that nobody touched for so long.
    pub draft_days: u32,
    /// A request whose changes nobody made for so long.
    pub changes_days: u32,
    /// How long after that second reminder the request is put away.
    pub archive_days: u32,
}

impl Reminders {
    /// Nothing is due before so many days without an event.
    pub fn shortest(self) -> u32 {
        self.draft_days.min(self.changes_days).min(self.archive_days)
    }
}

impl Default for Reminders {
    fn default() -> Self {
        Self { draft_days: 15, changes_days: 182, archive_days: 15 }
    }
}

/// A mail to a service that must know of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceNotice {
    /// Of what.
    pub event: EventName,
    /// A service mailbox.
    pub to: String,
    /// Subject, with the values of [`MailText`].
    pub subject: String,
    /// Body, with the values of [`MailText`].
    pub body: String,
}

/// Who exposes an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// One piece of data that may be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// Ticked in a new request; it can be unticked.
    #[serde(default)]
    pub checked: bool,
    /// No longer offered: it can only be unticked, and keeps a request from being submitted.
    #[serde(default)]
    pub deprecated: bool,
    /// Not shown in the form.
    #[serde(default)]
    pub hidden: bool,
    /// The name, in `Policy::warnings`, of what to think of before one ticks it.
    #[serde(default)]
    pub warning: Option<String>,
    /// Its name in tokens, where that is not its id: several scopes may share one.
    #[serde(default)]
    pub granted_as: Option<String>,
    /// Link to what it contains.
    #[serde(default)]
    pub link: Option<String>,
}

/// Scopes that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
pub struct Editor {
    /// Its name.
    pub name: String,
    /// Its SIRET.
    pub siret: String,
}

wire_enum! {
    /// What must hold at submission. Each is one function of `validation::rules`.
    pub enum Rule {
        /// The project has a title and a description.
        Project = "project",
        /// Somebody is named who builds the service.
        TechnicalTeam = "technical_team",
        /// The project has a description.
        Description = "description",
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
pub struct MailText {
    /// Subject; the common one where there is none.
    #[serde(default)]
    pub subject: Option<String>,
    /// Body; the common one where there is none.
    #[serde(default)]
    pub body: Option<String>,
}

/// Retention above this many months needs a reason, unless a policy says otherwise (v1).
const fn default_retention() -> u32 {
    36
}

impl Policy {
    /// The scope of that id.
    pub fn scope(&self, id: &str) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.id == id)
    }

    /// What to think of before one ticks a scope.
    pub fn warning_of(&self, scope: &Scope) -> Option<&str> {
        self.warnings.get(scope.warning.as_ref()?).map(String::as_str)
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
        draft
            .scopes
            .extend(self.scopes.iter().filter(|scope| scope.locked || scope.checked).map(|scope| scope.id.clone()));
        draft
    }

    /// The part of the form that shows a field, if this policy has it.
    pub fn section_of(&self, field: &Field) -> Option<Section> {
        let section = match field {
            Field::TeamMember(kind, ..) => self.contact(*kind)?.section,
            Field::Document(kind) => self.document(*kind)?.section,
            Field::Additional(id) => self.extra_field(id)?.section,
            own => *self.sections.iter().find(|section| section.fields().contains(own))?,
        };
        self.has_section(section).then_some(section)
    }

    /// The label of a field, as this policy words it.
    pub fn label_of(&self, field: &Field) -> String {
        match field {
            Field::TeamMember(kind, place, attribute) => match self.contact(*kind) {
                Some(contact) if contact.multiple => {
                    format!("{} {}\u{a0}: {}", contact.label, place + 1, attribute.label().to_lowercase())
                }
                Some(contact) => format!("{}\u{a0}: {}", contact.label, attribute.label().to_lowercase()),
                None => attribute.label().to_owned(),
            },
            Field::Document(kind) => {
                let own = self.document(*kind).and_then(|document| document.label.clone());
                own.unwrap_or_else(|| kind.label().to_owned())
            }
            Field::Additional(id) => self.extra_field(id).map_or_else(|| id.clone(), |field| field.label.clone()),
            own => own.label(),
        }
    }
}
