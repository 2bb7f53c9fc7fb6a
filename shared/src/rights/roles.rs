//! Who gives and takes which role, which roles they see, and how a role is told to people.

use std::collections::BTreeSet;

use super::Denial;
use crate::policy::Policy;
use crate::user::{ApiRole, Demarches, Managed, Person, Role, User};

/// The roles that somebody manages. The APIs are those in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagedRoles {
    /// Every role, as administrators do.
    All,
    /// Those of these APIs; of managers of these providers, they only know.
    Of {
        /// The APIs.
        apis: BTreeSet<String>,
        /// The providers.
        providers: BTreeSet<String>,
    },
}

impl ManagedRoles {
    /// What `user` manages. Of each API in force: its slug and the id of its provider.
    pub fn of<'a>(user: &User, policies: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        if user.is_administrator() {
            return Self::All;
        }
        let (mut apis, mut providers) = (BTreeSet::new(), BTreeSet::new());
        for role in &user.roles {
            match role {
                Role::Manager(Managed::Api(api)) => drop(apis.insert(api.clone())),
                Role::Manager(Managed::Provider(id)) => drop(providers.insert(id.clone())),
                _ => {}
            }
        }
        let provided = policies.into_iter().filter(|(_, provider)| providers.contains(*provider));
        apis.extend(provided.map(|(api, _)| api.to_owned()));
        Self::Of { apis, providers }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Of { apis, providers } if apis.is_empty() && providers.is_empty())
    }

    /// Whether who holds that role is shown to them.
    pub fn shows(&self, role: &Role) -> bool {
        match (self, role) {
            (Self::All, _) => true,
            (Self::Of { providers, .. }, Role::Manager(Managed::Provider(id))) => providers.contains(id),
            (Self::Of { apis, .. }, role) => role.target_api().is_some_and(|api| apis.contains(api)),
        }
    }

    /// Whether they give and take that role.
    pub fn gives(&self, role: &Role) -> bool {
        match (self, role) {
            (Self::All, _) => true,
            (
                Self::Of { apis, .. },
                Role::Instructor { target_api, .. }
                | Role::Reporter { target_api, .. }
                | Role::Subscriber { target_api, .. }
                | Role::Developer { target_api },
            ) => apis.contains(target_api),
            (Self::Of { .. }, Role::Administrator | Role::Manager(_)) => false,
        }
    }

    /// What they are told of somebody: managers, only the roles of their APIs.
    #[must_use]
    pub fn told_of(&self, person: Person) -> Person {
        if *self == Self::All {
            return person;
        }
        let roles = person.roles.into_iter().filter(|role| self.shows(role)).collect();
        Person { roles, ban: None, ..person }
    }
}

/// Whether `user`, who manages those roles, may give that role to the person of that address or take it from them.
///
/// # Errors
/// Why not.
pub fn may_change(user: &User, managed: &ManagedRoles, role: &Role, email: &str) -> Result<(), Denial> {
    if *managed == ManagedRoles::All {
        return Ok(());
    }
    if !managed.gives(role) {
        return Err(Denial::NotManager);
    }
    if email == user.email { Err(Denial::OwnRole) } else { Ok(()) }
}

/// Whether `user` may ask for a role: their address and their membership of an organisation are verified.
///
/// # Errors
/// Why not.
pub fn may_ask(user: &User) -> Result<(), Denial> {
    let is_verified = user.email_verified && user.organizations.iter().any(|one| one.is_verified);
    if is_verified { Ok(()) } else { Err(Denial::NotVerified) }
}

/// Whether `user`, who manages those roles, may answer the person of that address who asks for that role. What they do not
/// give, they do not know of.
///
/// # Errors
/// Why not.
pub fn may_answer(user: &User, managed: &ManagedRoles, role: &Role, email: &str) -> Result<(), Denial> {
    if !managed.gives(role) {
        return Err(Denial::NotInvolved);
    }
    if email == user.email { Err(Denial::OwnRoleRequest) } else { Ok(()) }
}

/// A role as a person reads it. `place` is the name of its API or provider; without the policy, groups and démarches are
/// told by their ids.
pub fn label(role: &Role, place: &str, policy: Option<&Policy>) -> String {
    let kind = match role {
        Role::Administrator => return "Administrateur".to_owned(),
        Role::Manager(Managed::Provider(_)) => return label_of_all("Gestionnaire", place),
        role => role.kind().map_or("Gestionnaire", ApiRole::label),
    };
    let group = role.group().map(|id| {
        let known = policy.and_then(|policy| policy.scope_groups.iter().find(|group| group.id == id));
        format!("groupe «\u{a0}{}\u{a0}»", known.map_or(id, |group| &group.label))
    });
    let demarches = role.demarches().ids().map(|id| {
        if id.is_empty() {
            return "les autres demandes".to_owned();
        }
        let known = policy.and_then(|policy| policy.demarche(id));
        format!("«\u{a0}{}\u{a0}»", known.map_or(id, |demarche| &demarche.label))
    });
    let named = demarches.collect::<Vec<_>>().join(", ");
    let demarches = match role.demarches() {
        Demarches::All => None,
        Demarches::Only(_) => Some(format!("seulement {named}")),
        Demarches::Except(_) => Some(format!("tout sauf {named}")),
    };
    [Some(format!("{kind}, {place}")), group, demarches].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A kind of role for every API of the provider of that name, as a person reads it.
pub fn label_of_all(kind: &str, provider: &str) -> String {
    format!("{kind}, toutes les API ({provider})")
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICIES: [(&str, &str); 3] = [("a", "p"), ("b", "p"), ("c", "q")];

    fn user(roles: &[&str]) -> User {
        serde_json::from_value(serde_json::json!({
            "id": 1, "email": "a@exemple.fr", "email_verified": true, "given_name": "", "family_name": "",
            "phone_number": "", "job": "", "organizations": [], "roles": roles,
        }))
        .unwrap()
    }

    fn may(roles: &[&str], role: &str, email: &str) -> Result<(), Denial> {
        let user = user(roles);
        may_change(&user, &ManagedRoles::of(&user, POLICIES), &role.parse().unwrap(), email)
    }

    #[test]
    fn a_manager_gives_four_roles_of_their_apis_and_none_to_themselves() {
        for role in [
            "a:instructor",
            "a:instructor:only:x",
            "a:g:reporter",
            "a:reporter",
            "a:subscriber:except:x",
            "a:developer",
        ] {
            assert_eq!(may(&["a:manager"], role, "b@exemple.fr"), Ok(()), "{role}");
            assert_eq!(may(&["provider:p:manager"], role, "b@exemple.fr"), Ok(()), "{role}");
            assert_eq!(may(&["a:manager"], role, "a@exemple.fr"), Err(Denial::OwnRole), "{role}");
            for others in [&["b:manager", "provider:q:manager"] as &[_], &["a:instructor", "a:reporter"], &[]] {
                assert_eq!(may(others, role, "b@exemple.fr"), Err(Denial::NotManager), "{role}");
            }
        }
        for role in ["administrator", "a:manager", "provider:p:manager", "b:reporter"] {
            assert_eq!(may(&["a:manager"], role, "b@exemple.fr"), Err(Denial::NotManager), "{role}");
            assert_eq!(may(&["administrator"], role, "a@exemple.fr"), Ok(()), "{role}");
        }
    }

    #[test]
    fn a_manager_sees_the_roles_of_their_apis() {
        let of = |roles: &[&str]| ManagedRoles::of(&user(roles), POLICIES);
        let shows = |managed: &ManagedRoles, role: &str| managed.shows(&role.parse().unwrap());
        let one = of(&["a:manager"]);
        assert!(shows(&one, "a:reporter") && shows(&one, "a:manager"));
        assert!(!shows(&one, "b:reporter") && !shows(&one, "administrator") && !shows(&one, "provider:p:manager"));
        let provider = of(&["provider:p:manager"]);
        assert!(shows(&provider, "b:instructor") && shows(&provider, "provider:p:manager"));
        assert!(!shows(&provider, "c:instructor") && !shows(&provider, "provider:q:manager"));
        assert!(of(&["a:instructor", "b:subscriber"]).is_empty());
        assert!(!of(&["administrator"]).is_empty() && !one.is_empty());
    }

    #[test]
    fn a_role_is_told_by_the_names_of_the_policy() {
        let policy: Policy = serde_json::from_value(serde_json::json!({
            "label": "API A", "description": "d", "provider": {"id": "p", "label": "P"}, "support_email": "a@b.fr",
            "sections": [], "rules": [], "scope_groups": [{"id": "g", "label": "Groupe", "role_group": true}],
            "demarches": [{"id": "x", "label": "Cantine"}, {"id": "y", "label": "Crèche"}],
        }))
        .unwrap();
        let told = |role: &str, policy| label(&role.parse().unwrap(), "API A", policy).replace('\u{a0}', " ");
        assert_eq!(told("administrator", None), "Administrateur");
        assert_eq!(told("a:manager", None), "Gestionnaire, API A");
        assert_eq!(told("provider:p:manager", None), "Gestionnaire, toutes les API (API A)");
        assert_eq!(told("a:instructor", Some(&policy)), "Instructeur, API A");
        assert_eq!(told("a:instructor:only:x,y", None), "Instructeur, API A, seulement « x », « y »");
        assert_eq!(told("a:instructor:except:other", None), "Instructeur, API A, tout sauf les autres demandes");
        assert_eq!(
            told("a:g:reporter:except:x,z", Some(&policy)),
            "Rapporteur, API A, groupe « Groupe », tout sauf « Cantine », « z »"
        );
    }
}
