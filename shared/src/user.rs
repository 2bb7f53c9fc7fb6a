//! Users and their roles.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::organization::{Organization, Siret};
use crate::{UnknownName, string_schema, wire_enum};

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
        self.organizations.iter().any(|organization| organization.siret == *siret)
    }

    /// Whether they hold any role, that is, are more than an applicant.
    pub fn has_role(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Whether they are an administrator.
    pub fn is_administrator(&self) -> bool {
        self.roles.contains(&Role::Administrator)
    }

    /// Whether they instruct the requests of that API.
    pub fn is_instructor(&self, target_api: &str) -> bool {
        self.roles.iter().any(|role| matches!(role, Role::Instructor { target_api: api } if api == target_api))
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
    pub until: DateTime<Utc>,
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

/// What a user may do beyond filing their own requests. Roles add up.
///
/// Written as v1 wrote them: `administrator`, `<target_api>:instructor`, `<target_api>:reporter`,
/// `<target_api>:<scope group>:reporter`, and the same two with `subscriber`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// Everything but instruct.
    Administrator,
    /// Reads and decides the requests of one API.
    Instructor {
        /// The API.
        target_api: String,
    },
    /// Reads the requests of one API, or only those that touch one group of its scopes.
    Reporter {
        /// The API.
        target_api: String,
        /// The group, where the role is limited to one.
        group: Option<String>,
    },
    /// Is told by mail of each submission.
    Subscriber {
        /// The API.
        target_api: String,
        /// The group, where the role is limited to one.
        group: Option<String>,
    },
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName(text.to_owned());
        if text == "administrator" {
            return Ok(Self::Administrator);
        }
        let parts: Vec<&str> = text.split(':').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(unknown());
        }
        match parts.as_slice() {
            [api, "instructor"] => Ok(Self::Instructor { target_api: (*api).to_owned() }),
            [api, "reporter"] => Ok(Self::Reporter { target_api: (*api).to_owned(), group: None }),
            [api, "subscriber"] => Ok(Self::Subscriber { target_api: (*api).to_owned(), group: None }),
            [api, group, "reporter"] => {
                Ok(Self::Reporter { target_api: (*api).to_owned(), group: Some((*group).to_owned()) })
            }
            [api, group, "subscriber"] => {
                Ok(Self::Subscriber { target_api: (*api).to_owned(), group: Some((*group).to_owned()) })
            }
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (api, group, kind) = match self {
            Self::Administrator => return f.write_str("administrator"),
            Self::Instructor { target_api } => (target_api, &None, "instructor"),
            Self::Reporter { target_api, group } => (target_api, group, "reporter"),
            Self::Subscriber { target_api, group } => (target_api, group, "subscriber"),
        };
        match group {
            Some(group) => write!(f, "{api}:{group}:{kind}"),
            None => write!(f, "{api}:{kind}"),
        }
    }
}

string_schema!(Role, "api_particulier:instructor");

impl TryFrom<String> for Role {
    type Error = UnknownName;

    fn try_from(text: String) -> Result<Self, UnknownName> {
        text.parse()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_spelt_as_v1_spelt_them() {
        for text in [
            "administrator",
            "franceconnect:instructor",
            "api_particulier:reporter",
            "api_particulier:cnaf:reporter",
            "api_particulier:subscriber",
            "api_particulier:cnaf:subscriber",
        ] {
            assert_eq!(text.parse::<Role>().unwrap().to_string(), text);
        }
        for text in
            ["", ":", "instructor", ":instructor", "a::reporter", "a:b:instructor", "a:b:c:reporter", "Administrator"]
        {
            assert!(text.parse::<Role>().is_err(), "{text}");
        }
    }
}
