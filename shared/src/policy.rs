//! What one API asks for: the vocabulary of the policy files.
//!
//! A policy is data. A special case is a field here or a named [`Rule`]; code never compares a `target_api`. Who may do
//! what is not policy but [`crate::rights`]. Reading the files, with `extends`, is the server's business.

mod delivery;
mod demarche;
mod form;
mod mails;
mod purpose;
pub mod revision;
mod rules;
mod topic;
mod wording;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use self::delivery::Delivery;
pub use self::demarche::Demarche;
pub use self::form::{ChoiceOption, Contact, DocumentRequest, ExtraField, ExtraFieldType, Mailbox, Section};
pub use self::mails::{MailText, Reminders, ServiceNotice};
pub use self::rules::{Constraint, Naf, Rule};
pub use self::topic::Topic;
use crate::document::DocumentType;
use crate::draft::Draft;
use crate::field::Field;
use crate::team_member::TeamMemberType;
use crate::wire_enum;
use crate::workflow::EventName;

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
    /// The sorts of data, or of use, under which the catalogue shows it; like the keywords, not in the revision nor the API.
    #[serde(default, skip_serializing_if = "topic::is_for_the_catalogue")]
    pub topics: Vec<Topic>,
    /// Words that people look for and that no other text has: « cantine ».
    #[serde(default, skip_serializing_if = "topic::is_for_the_catalogue")]
    pub keywords: Vec<String>,
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
    /// An organisation is granted each scope at most once, over all of its requests.
    #[serde(default)]
    pub each_scope_once: bool,
    /// Beside each piece of data that is ticked, the form asks what it is for.
    #[serde(default)]
    pub asks_purposes: bool,
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
    /// Sender of the mails, « Name <address> » or an address; the platform's where there is none.
    #[serde(default)]
    pub mail_from: Option<String>,
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
    /// The manager that a webhook of the API tells writes to applicants itself: where one is connected, DataPass leaves it
    /// the mails about what the webhook tells.
    #[serde(default)]
    pub applicant_mails_by_manager: bool,
    /// Instructors may withdraw what was granted (otherwise only administrators).
    #[serde(default)]
    pub revocable_by_instructor: bool,
    /// Instructors may put the content of a submitted or granted request right themselves.
    #[serde(default)]
    pub correctable_by_instructor: bool,
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
    /// What it contains, in a sentence or two; empty for none.
    #[serde(default)]
    pub help: String,
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

/// A software editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Editor {
    /// Its name.
    pub name: String,
    /// Its SIRET.
    pub siret: String,
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

    /// The name in tokens of the scope of that id.
    pub fn token_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.scope(id).and_then(|scope| scope.granted_as.as_deref()).unwrap_or(id)
    }

    /// What to think of before one ticks a scope.
    pub fn warning_of(&self, scope: &Scope) -> Option<&str> {
        self.warnings.get(scope.warning.as_ref()?).map(String::as_str)
    }

    /// The use case of that id.
    pub fn demarche(&self, id: &str) -> Option<&Demarche> {
        self.demarches.iter().find(|demarche| demarche.id == id)
    }

    /// The démarches that a request can count as.
    pub fn counted_demarches(&self) -> impl Iterator<Item = &Demarche> {
        self.demarches.iter().filter(|demarche| demarche.can_count())
    }

    /// The démarche that a request counts as: the one that it names, while its scopes and its legal basis are those that
    /// the démarche fills in; else `""`. A démarche that fills in neither counts as none.
    pub fn counts_as(&self, draft: &Draft) -> &str {
        let Some(demarche) = self.demarche(&draft.demarche) else { return "" };
        let Ok(filled) = draft.merged(&demarche.prefill) else { return "" };
        let is_chosen = |id: &&String| !self.scope(id).is_some_and(|scope| scope.locked);
        let is_same = filled.scopes.iter().filter(is_chosen).eq(draft.scopes.iter().filter(is_chosen))
            && filled.fondement_juridique_title == draft.fondement_juridique_title
            && filled.fondement_juridique_url == draft.fondement_juridique_url;
        if demarche.can_count() && is_same { &demarche.id } else { "" }
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

    /// Whether a new request can be made in DataPass.
    pub const fn can_be_started(&self) -> bool {
        !self.retired && !self.frozen && self.start_url.is_none()
    }

    /// Whether the form has that part.
    pub fn has_section(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }

    /// That draft with what is always asked for, whatever its writer left out.
    pub fn with_locked_scopes(&self, mut draft: Draft) -> Draft {
        draft.scopes.extend(self.scopes.iter().filter(|scope| scope.locked).map(|scope| scope.id.clone()));
        draft
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
            Field::Additional(id) if self.scope_of_purpose(id).is_some() => return self.section_of(&Field::Scopes),
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
            Field::Additional(id) => match (self.scope_of_purpose(id), self.extra_field(id)) {
                (Some(scope), _) => format!("À quoi sert «\u{a0}{}\u{a0}»", scope.label),
                (None, Some(field)) => field.label.clone(),
                (None, None) => id.clone(),
            },
            own => own.label(),
        }
    }
}
