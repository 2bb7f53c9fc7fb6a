//! Users and their roles.

mod role;

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

pub use self::role::{ApiRole, Demarches, Managed, OTHER_DEMARCHES, Role};
use crate::organization::{MembershipSource, Organization, Siret};
use crate::wire_enum;

/// A signed-in person, as their identity provider last described them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Our number.
    pub id: i64,
    /// E-mail address, lower case.
    pub email: String,
    /// Whether the identity provider says that the address is theirs.
    pub email_verified: bool,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Telephone.
    pub phone_number: String,
    /// Position held.
    pub job: String,
    /// The organisations they may speak for.
    pub organizations: Vec<Organization>,
    /// What they may do beyond filing their own requests.
    pub roles: Vec<Role>,
}

impl User {
    /// « Prénom Nom », or the e-mail address where the name is not known.
    pub fn full_name(&self) -> String {
        let name = format!("{} {}", self.given_name, self.family_name);
        let name = name.trim();
        if name.is_empty() { self.email.clone() } else { name.to_owned() }
    }

    /// Whether they may speak for that organisation.
    pub fn belongs_to(&self, siret: &Siret) -> bool {
        let mut organizations = self.organizations.iter();
        organizations.any(|one| one.siret == *siret && one.source != MembershipSource::Pending)
    }

    /// Whether they may prepare a request for that organisation: they speak for it, or have asked to.
    pub fn may_prepare_for(&self, siret: &Siret) -> bool {
        self.organizations.iter().any(|one| one.siret == *siret)
    }

    /// The organisations that they have asked to join, while nobody has decided.
    pub fn awaited_organizations(&self) -> impl Iterator<Item = &Organization> {
        self.organizations.iter().filter(|one| one.source == MembershipSource::Pending)
    }

    /// Whether they hold any role, that is, are more than an applicant.
    pub fn has_role(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Whether they are an administrator.
    pub fn is_administrator(&self) -> bool {
        self.roles.contains(&Role::Administrator)
    }

    /// Whether they give and take roles of some APIs.
    pub fn is_manager(&self) -> bool {
        self.roles.iter().any(|role| matches!(role, Role::Manager(_)))
    }

    /// The APIs whose webhooks a role has them look after. An administrator looks after those of all.
    pub fn developed_apis(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().filter(|role| matches!(role, Role::Developer { .. })).filter_map(Role::target_api)
    }

    /// Whether there are webhooks that they look after.
    pub fn is_developer(&self) -> bool {
        self.is_administrator() || self.developed_apis().next().is_some()
    }

    /// Whether a role shows them requests of others.
    pub fn reads_requests(&self) -> bool {
        let reads = |role: &Role| matches!(role, Role::Administrator | Role::Instructor { .. } | Role::Reporter { .. });
        self.roles.iter().any(reads)
    }

    /// Whether they instruct requests of that API: all of them, or those of some démarches.
    pub fn is_instructor(&self, target_api: &str) -> bool {
        self.roles.iter().any(|role| matches!(role, Role::Instructor { target_api: api, .. } if api == target_api))
    }
}

/// Somebody, as administrators see them: by e-mail address, whether they have signed in yet or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// E-mail address, lower case.
    pub email: String,
    /// First and last name; empty for somebody who has not signed in yet.
    pub name: String,
    /// They have signed in; else the roles are theirs when they do.
    pub has_account: bool,
    /// Why they may not sign in any more; `null` where they may.
    pub ban: Option<Ban>,
    /// What they may do.
    pub roles: Vec<Role>,
}

/// Since when somebody may not sign in, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ban {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

/// Whether somebody may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBan {
    /// Who, by e-mail address.
    pub email: String,
    /// Whether they are kept out; else they may come back.
    pub banned: bool,
    /// Why.
    pub reason: String,
}

/// Somebody to act for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImpersonation {
    /// Who, by e-mail address.
    pub email: String,
    /// Why.
    pub reason: String,
}

wire_enum! {
    /// What an administrator does with an account.
    pub enum AccountAction {
        /// Keeps them out.
        Ban = "ban",
        /// Lets them back in.
        Unban = "unban",
        /// Acts for them.
        Impersonate = "impersonate",
    }
}

impl AccountAction {
    /// What the history says, after the name of who did it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Ban => "a suspendu ce compte",
            Self::Unban => "a rétabli ce compte",
            Self::Impersonate => "a agi au nom de cette personne",
        }
    }
}

/// What an administrator did with an account, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountChange {
    /// Its number; grows with time.
    pub id: i64,
    /// What.
    pub action: AccountAction,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub administrator: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// An administrator acts for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Impersonation {
    /// Number of the administrator.
    pub administrator_id: i64,
    /// Their name.
    pub administrator: String,
    /// Until when; afterwards they are themselves again.
    #[serde(deserialize_with = "rfc3339")]
    pub until: DateTime<Utc>,
}

/// A time, by the shortest way: what chrono reads by itself takes more forms, and everybody loads this.
fn rfc3339<'de, D: Deserializer<'de>>(read: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(read)?;
    DateTime::parse_from_rfc3339(&text).map(|at| at.to_utc()).map_err(D::Error::custom)
}

/// A role to give or to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoleChange {
    /// Whose, by e-mail address.
    pub email: String,
    /// Which.
    pub role: Role,
    /// Whether it is given; else it is taken.
    pub granted: bool,
    /// Why. Kept with the change.
    pub reason: String,
}

/// A role to give or to take for every API of a provider at once. It is given for each of its APIs of today; what is taken
/// is each role of that kind that they have there, limited or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProviderRoleChange {
    /// Whose, by e-mail address.
    pub email: String,
    /// Id of the provider in the policies.
    pub provider: String,
    /// Which role.
    pub role: ApiRole,
    /// Whether it is given; else it is taken.
    pub granted: bool,
    /// Why. Kept with each change.
    pub reason: String,
}

/// A role that was given or taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleChange {
    /// Its number; grows with time.
    pub id: i64,
    /// Whose, by e-mail address.
    pub email: String,
    /// Which, as it was written then.
    pub role: String,
    /// Whether it was given; else it was taken.
    pub granted: bool,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub actor: String,
    /// When.
    pub created_at: DateTime<Utc>,
}
