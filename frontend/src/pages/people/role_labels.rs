//! Roles as people read them. What a role is limited to stands in the policy of its API, which is loaded where one is.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::policy::Policy;
use shared::rights::roles;
use shared::user::{Demarches, Managed, Role};

use super::chosen_role::Chosen;
use crate::api;
use crate::context::AppContext;

/// The words of the roles of a page.
#[derive(Clone, Copy)]
pub struct RoleLabels {
    policies: RwSignal<BTreeMap<String, Policy>>,
    asked: StoredValue<BTreeSet<String>>,
}

impl RoleLabels {
    /// Knows no policy yet.
    pub fn new() -> Self {
        Self { policies: RwSignal::new(BTreeMap::new()), asked: StoredValue::new(BTreeSet::new()) }
    }

    /// A role as a person reads it: by ids, until the names are there.
    pub fn label(self, role: &Role) -> String {
        let context = AppContext::get();
        let place = match role {
            Role::Manager(Managed::Provider(id)) => label_of_provider(context, id),
            role => role.target_api().map(|api| context.label_of(api)).unwrap_or_default(),
        };
        let is_limited = role.group().is_some() || *role.demarches() != Demarches::All;
        let Some(api) = role.target_api().filter(|_| is_limited) else { return roles::label(role, &place, None) };
        self.load(api);
        self.policies.with(|policies| roles::label(role, &place, policies.get(api)))
    }

    /// What is chosen, as a person reads it.
    pub fn label_of(self, chosen: &Chosen) -> String {
        match chosen {
            Chosen::One(role) => self.label(role),
            Chosen::All(kind, provider) => {
                roles::label_of_all(kind.label(), &label_of_provider(AppContext::get(), provider))
            }
        }
    }

    /// Takes a policy that is there already.
    pub fn learn(self, policy: Policy) {
        self.asked.update_value(|asked| {
            asked.insert(policy.target_api.clone());
        });
        self.policies.update(|policies| drop(policies.insert(policy.target_api.clone(), policy)));
    }

    /// Loads a policy once. Where that fails, the ids remain.
    fn load(self, api: &str) {
        let is_new = self.asked.try_update_value(|asked| asked.insert(api.to_owned())).unwrap_or_default();
        if is_new {
            let api = api.to_owned();
            spawn_local(async move {
                if let Ok(policy) = api::policy(api.clone()).await {
                    self.policies.try_update(|policies| policies.insert(api, policy));
                }
            });
        }
    }
}

/// The name of a provider; its id where the catalogue does not know it.
pub fn label_of_provider(context: AppContext, id: &str) -> String {
    let label = context.catalogue().read(|policies| {
        let mut providers = policies.iter().map(|policy| &policy.provider);
        providers.find(|provider| provider.id == id).map(|provider| provider.label.clone())
    });
    label.flatten().unwrap_or_else(|| id.to_owned())
}
