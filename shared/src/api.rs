//! What travels over the REST API and belongs to no other room: pages, lists, requests that both sides write.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::draft::Draft;
use crate::mail::MailKind;
use crate::policy::{Policy, PolicyKind, PolicyStage, Provider};
use crate::queue::Assignee;
use crate::team_member::TeamMember;
use crate::user::{Impersonation, User};
use crate::wire_enum;
use crate::workflow::Status;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to pass as `cursor` for the next page; `null` on the last.
    pub next: Option<String>,
}

/// The most rows of a list that are counted.
pub const MAX_COUNTED: i64 = 1_000;

/// How many rows a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Total {
    /// That many, at most a thousand.
    pub total: i64,
    /// There are more than that.
    pub has_more: bool,
}

impl Total {
    /// Of a list of which no more than one row beyond the most was counted.
    pub fn of(counted: i64) -> Self {
        Self { total: counted.min(MAX_COUNTED), has_more: counted > MAX_COUNTED }
    }
}

wire_enum! {
    /// What a list of enrollments is sorted by.
    pub enum SortKey {
        /// Last change.
        UpdatedAt = "updated_at",
        /// Number, which is the order of creation.
        Id = "id",
        /// Name of the organisation.
        NomRaisonSociale = "nom_raison_sociale",
        /// Title.
        Intitule = "intitule",
        /// Status, by its name.
        Status = "status",
        /// Last submission; those that were never submitted come last.
        SubmittedAt = "submitted_at",
        /// How long it has waited for the administration, longest first; those that do not wait come last.
        WaitingFrom = "waiting_from",
    }
}

/// One row of a list of enrollments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnrollmentRow {
    /// Its number.
    pub id: i64,
    /// Its API.
    pub target_api: String,
    /// Where it stands.
    pub status: Status,
    /// It updates an authorisation, which stays in force meanwhile.
    pub reopening: bool,
    /// Its organisation.
    pub siret: Option<String>,
    /// Name of the organisation.
    pub nom_raison_sociale: String,
    /// Its title.
    pub intitule: String,
    /// The démarche that it counted as when it was last submitted; `""` before, and for none.
    #[serde(default)]
    pub counts_as: String,
    /// User number of the applicant.
    pub demandeur_id: i64,
    /// E-mail address of the applicant, as it was when they filed it.
    pub demandeur_email: String,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was last handed to the instructors.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Messages to the caller's side that nobody there has read.
    pub unread: i64,
    /// It is back after changes were asked for.
    pub resubmitted: bool,
    /// The applicant has a partial grant to accept or to decline.
    #[serde(default)]
    pub offered: bool,
    /// The request that it renews; left out where it renews none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<i64>,
    /// Points of the request for changes about which nothing was done when it was handed over again; 0 for those who do
    /// not instruct it, too.
    #[serde(default)]
    pub unanswered_points: i64,
    /// While it waits for the administration: when it would have begun to, had it waited without a break.
    pub waiting_from: Option<DateTime<Utc>>,
    /// Who takes care of it; `null` for those who may not know, too.
    pub assigned_to: Option<Assignee>,
}

/// A request of an organisation that is under way or granted, as all verified members of the organisation see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganizationEnrollment {
    /// Its number.
    pub id: i64,
    /// The API.
    pub target_api: String,
    /// Where it stands: `draft`, `submitted`, `changes_requested` or `validated`.
    pub status: Status,
    /// It updates an authorisation that is in force.
    pub reopening: bool,
    /// When it was granted last; before that, when it was handed over; before that, when it was begun.
    pub since: DateTime<Utc>,
    /// Number of the authorisation in force.
    pub authorisation: Option<i64>,
    /// First and last name of who filed it.
    pub demandeur: String,
    /// The caller filed it.
    pub is_own: bool,
    /// The page where its applicant reads it, and where a colleague asks for it.
    pub url: String,
}

/// One API of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicySummary {
    /// The slug.
    pub target_api: String,
    /// Official name.
    pub label: String,
    /// What one asks for.
    pub kind: PolicyKind,
    /// Who exposes the API.
    pub provider: Provider,
    /// What it is for.
    pub description: String,
    /// Its place in a chain.
    pub stage: Option<PolicyStage>,
    /// The API whose authorisation is needed first.
    pub previous: Option<String>,
    /// No longer offered.
    pub retired: bool,
    /// The APIs that took the place of a retired one.
    pub replaced_by: Vec<String>,
    /// Requests can only be read.
    pub frozen: bool,
    /// New requests are made at this address, outside DataPass.
    pub start_url: Option<String>,
    /// Not offered as a filter of the public list.
    pub hidden_from_public_filters: bool,
}

impl From<&Policy> for PolicySummary {
    fn from(policy: &Policy) -> Self {
        Self {
            target_api: policy.target_api.clone(),
            label: policy.label.clone(),
            kind: policy.kind,
            provider: policy.provider.clone(),
            description: policy.description.clone(),
            stage: policy.stage,
            previous: policy.previous.clone(),
            retired: policy.retired,
            replaced_by: policy.replaced_by.clone(),
            frozen: policy.frozen,
            start_url: policy.start_url.clone(),
            hidden_from_public_filters: policy.hidden_from_public_filters,
        }
    }
}

/// The APIs to go through before that one, itself, and those after it as long as there is only one way on.
pub fn chain(policies: &[PolicySummary], target_api: &str) -> Vec<PolicySummary> {
    let find = |slug: &str| policies.iter().find(|policy| policy.target_api == slug);
    // A chain in a circle would be a fault of the files; it must not hang the page.
    let is_new = |chain: &[PolicySummary], slug: &str| chain.iter().all(|seen| seen.target_api != slug);
    let Some(present) = find(target_api) else { return Vec::new() };
    let mut chain = vec![present.clone()];
    let mut step = present.previous.as_deref().and_then(find);
    while let Some(policy) = step.filter(|policy| is_new(&chain, &policy.target_api)) {
        chain.insert(0, policy.clone());
        step = policy.previous.as_deref().and_then(find);
    }
    let mut step = next(policies, target_api);
    while let Some(policy) = step.filter(|policy| is_new(&chain, &policy.target_api)) {
        chain.push(policy.clone());
        step = next(policies, &policy.target_api);
    }
    chain
}

/// The API that follows, where only one does.
fn next<'a>(policies: &'a [PolicySummary], target_api: &str) -> Option<&'a PolicySummary> {
    let mut following =
        policies.iter().filter(|policy| !policy.retired && policy.previous.as_deref() == Some(target_api));
    following.next().filter(|_| following.next().is_none())
}

/// Who is signed in, and what the page needs to know of the place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// The signed-in user; `null` for a visitor.
    pub user: Option<User>,
    /// The administrator who acts for them, if one does.
    pub impersonation: Option<Impersonation>,
    /// This is a demonstration: sample data, accounts whose password is their identifier.
    pub demo: bool,
    /// Mails are kept here and can be read at `/mailbox`.
    pub mailbox: bool,
    /// The page of the identity provider where one changes one's details, if there is one.
    pub account_url: Option<String>,
    /// The page of the identity provider where one joins an organisation, if there is one; `return_to` says where one
    /// goes on afterwards.
    pub join_url: Option<String>,
    /// They have roles, which open nothing until they have signed in with a second factor (`REQUIRE_MFA`).
    #[serde(default)]
    pub lacks_second_factor: bool,
    /// Why their account was suspended while they were signed in here; `null` for everybody else.
    #[serde(default)]
    pub suspension: Option<String>,
    /// How many people wait for the decision of an administrator on joining an organisation; 0 for everybody else.
    #[serde(default)]
    pub awaited_memberships: i64,
}

/// Body of `POST /api/enrollments/{id}/correction`: members of the content, put right by an instructor. Who files the
/// request, for which organisation and after which other request stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContentCorrection {
    /// Why; the applicant reads it.
    pub reason: String,
    /// What is to change.
    #[serde(flatten)]
    #[schema(value_type = Draft)]
    pub members: Map<String, Value>,
}

/// Body of `POST /api/enrollments/{id}/contacts`: the contact details of one person, put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactCorrection {
    /// The place of the person among those of their type, from 0.
    #[serde(default)]
    pub place: usize,
    /// All of their details, as they should be.
    pub member: TeamMember,
    /// Why; the applicant reads it.
    pub reason: String,
}

/// Body of the answer to `POST /api/enrollments/{id}/mail_preview`: the mail that a decision would send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Body, plain text.
    pub body: String,
}

/// A mail of an API, filled in with sample values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailSample {
    /// What happened, as a person reads it.
    pub when: String,
    /// From whom.
    pub from: String,
    /// Where answers go.
    pub reply_to: String,
    /// What its reader may do without; `null` for what is about their own part.
    pub kind: Option<MailKind>,
    /// The mail.
    #[serde(flatten)]
    pub mail: Mail,
}

/// A mail that was sent while mails are kept here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailboxMessage {
    /// Its number: the same however often it is delivered.
    pub id: String,
    /// The enrollment it is about.
    pub enrollment_id: Option<i64>,
    /// From whom.
    pub from: String,
    /// The mail.
    #[serde(flatten)]
    pub mail: Mail,
    /// When it was delivered.
    pub sent_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(slug: &str, previous: Option<&str>, retired: bool) -> PolicySummary {
        serde_json::from_value(json!({
            "target_api": slug, "label": slug, "kind": "api", "provider": {"id": "p", "label": "P"},
            "description": "d", "stage": null, "previous": previous, "retired": retired, "replaced_by": [],
            "frozen": false, "start_url": null, "hidden_from_public_filters": false,
        }))
        .unwrap()
    }

    fn slugs(policies: &[PolicySummary], target_api: &str) -> Vec<String> {
        chain(policies, target_api).into_iter().map(|policy| policy.target_api).collect()
    }

    #[test]
    fn a_chain_is_told_from_its_first_step_to_its_last() {
        let policies = [
            policy("production", Some("sandbox"), false),
            policy("ancienne", Some("sandbox"), true),
            policy("sandbox", Some("franceconnect"), false),
            policy("unique", Some("franceconnect"), false),
            policy("franceconnect", None, false),
        ];
        for step in ["production", "sandbox"] {
            assert_eq!(slugs(&policies, step), ["franceconnect", "sandbox", "production"]);
        }
        assert_eq!(slugs(&policies, "unique"), ["franceconnect", "unique"]);
        assert_eq!(slugs(&policies, "franceconnect"), ["franceconnect"], "two ways lead on");
        assert!(slugs(&policies, "inconnue").is_empty());
    }

    #[test]
    fn a_circle_ends() {
        let circle = [policy("a", Some("b"), false), policy("b", Some("a"), false)];
        assert_eq!(slugs(&circle, "a"), ["b", "a"]);
    }
}
