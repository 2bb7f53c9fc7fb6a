//! What travels over the REST API and belongs to no other room: errors, pages, lists, requests that both sides write.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::change_point::NewPoint;
use crate::policy::{Policy, PolicyKind, PolicyStage, Provider};
use crate::queue::Assignee;
use crate::team_member::TeamMember;
use crate::user::{Impersonation, User};
use crate::validation::FieldError;
use crate::wire_enum;
use crate::workflow::{Action, Status};

wire_enum! {
    /// Why a call failed, for programs. The status code says the same, more coarsely.
    pub enum ErrorCode {
        /// 400: the request cannot be read.
        BadRequest = "bad_request",
        /// 401: nobody is signed in.
        Unauthorized = "unauthorized",
        /// 403: the caller may not do that.
        Forbidden = "forbidden",
        /// 404: there is no such thing, or the caller may not know of it.
        NotFound = "not_found",
        /// 405: that address does not take that method.
        MethodNotAllowed = "method_not_allowed",
        /// 409: somebody else changed it first.
        StaleVersion = "stale_version",
        /// 409: the workflow has no such step from the present status.
        WrongStatus = "wrong_status",
        /// 413: the body is too large.
        PayloadTooLarge = "payload_too_large",
        /// 415: the body is of a type that is not read here.
        UnsupportedMediaType = "unsupported_media_type",
        /// 422: the content is not acceptable; `fields` says where.
        Invalid = "invalid",
        /// 429: too many calls.
        TooManyRequests = "too_many_requests",
        /// 502: another service did not answer as it should.
        BadGateway = "bad_gateway",
        /// 500: our fault.
        Internal = "internal",
    }
}

/// The body of every error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// Why, for programs.
    pub code: ErrorCode,
    /// What happened and what to do, in French.
    pub message: String,
    /// For `invalid`: every error, by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to pass as `cursor` for the next page; `null` on the last.
    pub next: Option<String>,
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
    /// E-mail address of the applicant.
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
    /// While it waits for the administration: when it would have begun to, had it waited without a break.
    pub waiting_from: Option<DateTime<Utc>>,
    /// Who takes care of it; `null` for those who may not know, too.
    pub assigned_to: Option<Assignee>,
}

/// One row of the public list: an authorisation in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicRow {
    /// Number of the authorisation, written H and these digits.
    pub id: i64,
    /// Its API.
    pub target_api: String,
    /// Name of the API.
    pub label: String,
    /// The organisation that may use the data.
    pub siret: String,
    /// Name of the organisation.
    pub nom_raison_sociale: String,
    /// What for.
    pub intitule: String,
    /// The data controller: first and last name (public by CRPA article L114-8).
    pub responsable_traitement: String,
    /// When it was granted.
    pub validated_at: DateTime<Utc>,
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
}

/// Body of `PATCH /api/enrollments/{id}/change_state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeState {
    /// What to do.
    pub event: Action,
    /// Why; needed to validate, refuse, revoke and offer a partial grant, and to request changes without points.
    #[serde(default)]
    pub comment: String,
    /// To request changes: what about, point by point; at most 100.
    #[serde(default)]
    pub points: Vec<NewPoint>,
    /// To offer a partial grant: the data that is taken out.
    #[serde(default)]
    pub struck: BTreeSet<String>,
}

impl ChangeState {
    /// A step that takes nothing but a comment.
    pub const fn step(event: Action, comment: String) -> Self {
        Self { event, comment, points: Vec::new(), struck: BTreeSet::new() }
    }
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
