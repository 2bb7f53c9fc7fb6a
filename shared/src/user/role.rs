//! Roles, as they are spelt, and the démarches that they may be limited to. Who gives them is [`crate::rights::roles`]'s.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{UnknownName, string_schema, wire_enum};

/// What a user may do beyond filing their own requests. Roles add up.
///
/// Written as v1 wrote them: `administrator`, `<target_api>:instructor`, `<target_api>:reporter`,
/// `<target_api>:<scope group>:reporter`, and the same two with `subscriber`. A role that is limited to démarches ends
/// with them: `<target_api>:instructor:only:<demarche>,<demarche>`, or `except` in place of `only`. A manager is one of an
/// API, `<target_api>:manager`, or of a provider, `provider:<provider id>:manager`. v1 had no `<target_api>:developer`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// Everything but instruct.
    Administrator,
    /// Gives and takes the roles of instructor, reporter, subscriber and developer. Reads no request.
    Manager(Managed),
    /// Looks after the webhooks of one API. Reads no request.
    Developer {
        /// The API.
        target_api: String,
    },
    /// Reads and decides the requests of one API.
    Instructor {
        /// The API.
        target_api: String,
        /// The démarches that the role is limited to.
        demarches: Demarches,
    },
    /// Reads the requests of one API, or only those that touch one group of its scopes.
    Reporter {
        /// The API.
        target_api: String,
        /// The group, where the role is limited to one.
        group: Option<String>,
        /// The démarches that the role is limited to.
        demarches: Demarches,
    },
    /// Is told by mail of each submission.
    Subscriber {
        /// The API.
        target_api: String,
        /// The group, where the role is limited to one.
        group: Option<String>,
        /// The démarches that the role is limited to.
        demarches: Demarches,
    },
}

/// The APIs that a manager manages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Managed {
    /// One.
    Api(String),
    /// Every API of a provider, by the provider's id in the policies.
    Provider(String),
}

wire_enum! {
    /// A kind of role that is given for one API, or for every API of a provider at once.
    pub enum ApiRole {
        /// Reads and decides the requests.
        Instructor = "instructor",
        /// Reads the requests.
        Reporter = "reporter",
        /// Is told by mail of each submission.
        Subscriber = "subscriber",
        /// Looks after the webhooks.
        Developer = "developer",
    }
}

impl ApiRole {
    /// As a person reads it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Instructor => "Instructeur",
            Self::Reporter => "Rapporteur",
            Self::Subscriber => "Abonné",
            Self::Developer => "Développeur",
        }
    }

    /// That role for an API, not limited.
    pub fn of_api(self, target_api: &str) -> Role {
        let (target_api, demarches, group) = (target_api.to_owned(), Demarches::All, None);
        match self {
            Self::Instructor => Role::Instructor { target_api, demarches },
            Self::Reporter => Role::Reporter { target_api, group, demarches },
            Self::Subscriber => Role::Subscriber { target_api, group, demarches },
            Self::Developer => Role::Developer { target_api },
        }
    }
}

/// What stands before the id of a provider.
const PROVIDER: &str = "provider";

/// In roles and filters, the requests that count as no démarche; no démarche has that id.
pub const OTHER_DEMARCHES: &str = "other";

/// The démarches that a role is limited to, by their ids.
///
/// `""` stands for the requests that count as none, and is written [`OTHER_DEMARCHES`]. What counts as one is said by
/// [`crate::policy::Policy::counts_as`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Demarches {
    /// It is not limited.
    #[default]
    All,
    /// Only these.
    Only(BTreeSet<String>),
    /// All but these: the other démarches, and what counts as none.
    Except(BTreeSet<String>),
}

impl Demarches {
    /// Whether a request that counts as that démarche is among them; `""` is none.
    pub fn include(&self, demarche: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(demarches) => demarches.contains(demarche),
            Self::Except(demarches) => !demarches.contains(demarche),
        }
    }

    /// Their ids, `""` for what counts as none; none where the role is not limited.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::All => None,
            Self::Only(demarches) | Self::Except(demarches) => Some(demarches.iter().map(String::as_str)),
        }
        .into_iter()
        .flatten()
    }
}

impl fmt::Display for Demarches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.ids().map(|id| if id.is_empty() { OTHER_DEMARCHES } else { id }).collect();
        match self {
            Self::All => Ok(()),
            Self::Only(_) => write!(f, "only:{}", ids.join(",")),
            Self::Except(_) => write!(f, "except:{}", ids.join(",")),
        }
    }
}

impl FromStr for Demarches {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName(text.to_owned());
        if text.is_empty() {
            return Ok(Self::All);
        }
        let (kind, ids) = text.split_once(':').ok_or_else(unknown)?;
        if ids.split(',').any(|id| id.is_empty() || id.contains(':')) {
            return Err(unknown());
        }
        let own = |id: &str| if id == OTHER_DEMARCHES { String::new() } else { id.to_owned() };
        // Not `collect`, which sorts first: everybody loads this, and nothing else that sorts.
        let mut all = BTreeSet::new();
        all.extend(ids.split(',').map(own));
        match kind {
            "only" => Ok(Self::Only(all)),
            "except" => Ok(Self::Except(all)),
            _ => Err(unknown()),
        }
    }
}

impl Role {
    /// The API that it is for; none for an administrator and the manager of a provider.
    pub fn target_api(&self) -> Option<&str> {
        match self {
            Self::Administrator | Self::Manager(Managed::Provider(_)) => None,
            Self::Manager(Managed::Api(target_api))
            | Self::Developer { target_api }
            | Self::Instructor { target_api, .. }
            | Self::Reporter { target_api, .. }
            | Self::Subscriber { target_api, .. } => Some(target_api),
        }
    }

    /// Its kind, where it is a role that is given for one API.
    pub const fn kind(&self) -> Option<ApiRole> {
        match self {
            Self::Administrator | Self::Manager(_) => None,
            Self::Developer { .. } => Some(ApiRole::Developer),
            Self::Instructor { .. } => Some(ApiRole::Instructor),
            Self::Reporter { .. } => Some(ApiRole::Reporter),
            Self::Subscriber { .. } => Some(ApiRole::Subscriber),
        }
    }

    /// The group of scopes that it is limited to.
    pub fn group(&self) -> Option<&str> {
        match self {
            Self::Administrator | Self::Manager(_) | Self::Developer { .. } | Self::Instructor { .. } => None,
            Self::Reporter { group, .. } | Self::Subscriber { group, .. } => group.as_deref(),
        }
    }

    /// The démarches that it is limited to.
    pub fn demarches(&self) -> &Demarches {
        match self {
            Self::Administrator | Self::Manager(_) | Self::Developer { .. } => &Demarches::All,
            Self::Instructor { demarches, .. }
            | Self::Reporter { demarches, .. }
            | Self::Subscriber { demarches, .. } => demarches,
        }
    }

    /// The same role with these démarches; administrators, managers and developers have none.
    #[must_use]
    pub fn limited_to(mut self, to: Demarches) -> Self {
        match &mut self {
            Self::Administrator | Self::Manager(_) | Self::Developer { .. } => {}
            Self::Instructor { demarches, .. }
            | Self::Reporter { demarches, .. }
            | Self::Subscriber { demarches, .. } => *demarches = to,
        }
        self
    }

    /// Whether who holds it needs not be given the other one: it is the same, or the same for every démarche.
    pub fn covers(&self, other: &Self) -> bool {
        self == other || (*self.demarches() == Demarches::All && self.name() == other.name())
    }

    /// Its name without the démarches that it is limited to.
    pub fn name(&self) -> String {
        self.clone().limited_to(Demarches::All).to_string()
    }
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName(text.to_owned());
        if text == "administrator" {
            return Ok(Self::Administrator);
        }
        let mut parts: Vec<&str> = text.split(':').collect();
        let mut demarches = Demarches::All;
        if let [.., "only" | "except", _] = parts.as_slice() {
            demarches = parts.split_off(parts.len() - 2).join(":").parse()?;
        }
        if parts.iter().any(|part| part.is_empty()) {
            return Err(unknown());
        }
        let (first, group, kind) = match parts.as_slice() {
            [api, kind] => ((*api).to_owned(), None, *kind),
            [api, group, kind] => ((*api).to_owned(), Some((*group).to_owned()), *kind),
            _ => return Err(unknown()),
        };
        let is_limited = demarches != Demarches::All;
        match (kind, group) {
            ("manager", None) if !is_limited => Ok(Self::Manager(Managed::Api(first))),
            ("manager", Some(id)) if !is_limited && first == PROVIDER => Ok(Self::Manager(Managed::Provider(id))),
            ("developer", None) if !is_limited => Ok(Self::Developer { target_api: first }),
            ("instructor", None) => Ok(Self::Instructor { target_api: first, demarches }),
            ("reporter", group) => Ok(Self::Reporter { target_api: first, group, demarches }),
            ("subscriber", group) => Ok(Self::Subscriber { target_api: first, group, demarches }),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Administrator => return f.write_str("administrator"),
            Self::Manager(Managed::Provider(id)) => return write!(f, "{PROVIDER}:{id}:manager"),
            Self::Manager(Managed::Api(_)) => "manager",
            Self::Developer { .. } => "developer",
            Self::Instructor { .. } => "instructor",
            Self::Reporter { .. } => "reporter",
            Self::Subscriber { .. } => "subscriber",
        };
        f.write_str(self.target_api().unwrap_or_default())?;
        if let Some(group) = self.group() {
            write!(f, ":{group}")?;
        }
        write!(f, ":{kind}")?;
        match self.demarches() {
            Demarches::All => Ok(()),
            demarches => write!(f, ":{demarches}"),
        }
    }
}

string_schema!(
    Role,
    "What somebody may do, everywhere or for one API: `administrator`, `API:manager`, `provider:PROVIDER:manager`, \
     `API:developer`, `API:instructor`, `API:reporter`, `API:GROUP:reporter`, `API:subscriber`, `API:GROUP:subscriber`. Instructors, reporters \
     and subscribers may be limited to démarches: `…:only:DEMARCHE,DEMARCHE`, or all but these: `…:except:DEMARCHE`; \
     `other` stands for the requests that count as none.",
    "api_particulier:instructor"
);

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
    fn a_role_for_every_demarche_covers_the_one_for_some() {
        let covers = |one: &str, other: &str| one.parse::<Role>().unwrap().covers(&other.parse().unwrap());
        for other in ["a:instructor", "a:instructor:only:x", "a:instructor:except:x"] {
            assert!(covers("a:instructor", other), "{other}");
        }
        assert!(covers("a:instructor:only:x", "a:instructor:only:x"));
        for other in ["a:instructor", "a:instructor:only:y", "a:instructor:except:x"] {
            assert!(!covers("a:instructor:only:x", other), "{other}");
        }
        for other in ["a:reporter", "b:instructor", "a:manager", "administrator"] {
            assert!(!covers("a:instructor", other), "{other}");
        }
    }

    #[test]
    fn a_kind_of_role_is_that_of_the_role_it_makes() {
        for kind in ApiRole::ALL {
            let role = kind.of_api("a");
            assert_eq!((role.kind(), role.to_string()), (Some(*kind), format!("a:{kind}")));
        }
        assert_eq!("a:g:reporter:only:x".parse::<Role>().unwrap().kind(), Some(ApiRole::Reporter));
        assert_eq!("a:manager".parse::<Role>().unwrap().kind(), None);
    }

    #[test]
    fn what_counts_as_no_demarche_is_written_other() {
        let includes = |text: &str, demarche: &str| text.parse::<Demarches>().unwrap().include(demarche);
        assert!(includes("only:other,a", "") && includes("only:other,a", "a") && !includes("only:other,a", "b"));
        assert!(!includes("except:other", "") && includes("except:other", "a"));
        assert!(!includes("only:a", "") && includes("except:a", ""));
    }

    #[test]
    fn roles_are_spelt_as_v1_spelt_them() {
        for text in [
            "administrator",
            "franceconnect:instructor",
            "api_particulier:reporter",
            "api_particulier:cnaf:reporter",
            "api_particulier:subscriber",
            "api_particulier:cnaf:subscriber",
            "api_particulier:instructor:only:ccas-arpege,stationnement",
            "api_particulier:cnaf:reporter:except:ccas-arpege",
            "api_particulier:instructor:only:other,stationnement",
            "api_particulier:manager",
            "provider:dinum:manager",
            "api_particulier:developer",
        ] {
            assert_eq!(text.parse::<Role>().unwrap().to_string(), text);
        }
        for text in [
            "",
            ":",
            "instructor",
            ":instructor",
            "a::reporter",
            "a:b:instructor",
            "a:b:c:reporter",
            "Administrator",
            "a:instructor:only:",
            "a:instructor:only:b,",
            "a:instructor:but:b",
            "only:b",
            "administrator:only:b",
            "manager",
            "api_particulier:cnaf:manager",
            "api_particulier:cnaf:developer",
            "api_particulier:developer:only:b",
            "api_particulier:manager:only:b",
            "provider:dinum:manager:only:b",
            "provider::manager",
        ] {
            assert!(text.parse::<Role>().is_err(), "{text}");
        }
    }
}
