//! Somebody asks for a role, and is answered. Who may ask and who answers is [`crate::rights::roles`]'s.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::user::Role;
use crate::wire_enum;

/// The most characters of the reason and of the answer.
pub const MAX_REASON: usize = 1_000;

wire_enum! {
    /// What became of a role that was asked for.
    pub enum RoleRequestState {
        /// Nobody has answered yet.
        Waiting = "waiting",
        /// The role was given.
        Given = "given",
        /// It was refused.
        Refused = "refused",
        /// Who asked no longer wants it.
        Withdrawn = "withdrawn",
    }
}

impl RoleRequestState {
    /// As a person reads it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "En attente",
            Self::Given => "Donné",
            Self::Refused => "Refusé",
            Self::Withdrawn => "Retirée",
        }
    }
}

/// Body of `POST /api/me/role_requests`: a role that one asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoleRequest {
    /// Which: any but that of administrator.
    pub role: Role,
    /// Why, in 1 000 characters at most.
    pub reason: String,
    /// E-mail address of one’s manager at work, who can confirm it.
    pub manager_email: String,
}

/// Body of `PUT /api/users/role_requests/{id}`: the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleRequestAnswer {
    /// Whether the role is given; else it is refused.
    pub give: bool,
    /// Why, in 1 000 characters at most; a refusal must say it. Who asked reads it.
    #[serde(default)]
    pub reason: String,
}

/// A role that somebody has asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleRequest {
    /// Its number.
    pub id: i64,
    /// Who asks, by e-mail address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Names of the organisations that they are verified members of.
    pub organizations: Vec<String>,
    /// Which role.
    pub role: Role,
    /// Why.
    pub reason: String,
    /// E-mail address of their manager at work.
    pub manager_email: String,
    /// When they asked.
    pub created_at: DateTime<Utc>,
    /// What became of it.
    pub state: RoleRequestState,
    /// Who answered; empty where nobody did, and for the operator of the server.
    pub answered_by: String,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
    /// What they wrote; may be empty.
    pub answer: String,
}
