//! A role being chosen: its kind, its API or provider, the démarches that it is limited to.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::api::PolicySummary;
use shared::policy::Policy;
use shared::rights::roles::ManagedRoles;
use shared::user::{ApiRole, Demarches, OTHER_DEMARCHES, Role};

use crate::api::{self, Answer};
use crate::components::choice::Choice;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::submission::InputErrors;

/// The kinds of roles, with what each lets one do.
const KINDS: [(&str, &str, &str); 6] = [
    ("instructor", "Instructeur", "Lit les demandes de l’API et les décide."),
    ("reporter", "Rapporteur", "Lit les demandes de l’API et rend un avis."),
    ("subscriber", "Abonné", "Reçoit un courriel à chaque demande déposée\u{a0}; ne la lit pas."),
    ("developer", "Développeur", "S’occupe des webhooks de l’API\u{a0}; ne lit aucune demande."),
    (
        "manager",
        "Gestionnaire",
        "Donne et retire ces quatre rôles, pour une API ou un fournisseur\u{a0}; ne lit aucune demande.",
    ),
    ("administrator", "Administrateur", "Gère toute la plateforme\u{a0}: personnes, services, journal."),
];

/// The role that names a kind for a place: `franceconnect` or `provider:dinum`.
fn role_of(kind: &str, place: &str) -> Option<Role> {
    let is_provider = place.starts_with(PROVIDER);
    match kind {
        "administrator" => Some(Role::Administrator),
        "manager" => format!("{place}:manager").parse().ok(),
        kind if is_provider || kind.is_empty() => None,
        kind => format!("{place}:{kind}").parse().ok(),
    }
}

/// What stands before the id of a provider.
const PROVIDER: &str = "provider:";

/// The kinds that somebody chooses from, with what each lets one do as a hint.
pub fn kinds(is_offered: impl Fn(&str) -> bool) -> Vec<Choice> {
    let offered = KINDS.iter().filter(|(kind, ..)| is_offered(kind));
    offered.map(|(kind, label, hint)| Choice { hint: (*hint).to_owned(), ..Choice::new(*kind, *label) }).collect()
}

/// Whether those who manage these roles give roles of that kind.
pub fn gives_kind(managed: &ManagedRoles, kind: &str) -> bool {
    *managed == ManagedRoles::All || !matches!(kind, "administrator" | "manager")
}

/// The APIs whose roles they give, by name, and the providers where a manager is named.
pub fn places(catalogue: &[PolicySummary], managed: &ManagedRoles, kind: &str) -> Vec<Choice> {
    let mut choices = apis(catalogue, managed);
    if kind == "manager" {
        choices.extend(providers(catalogue).into_iter().map(|(label, id)| all_of(label, id)));
    }
    choices
}

/// The same, with each provider that has several APIs and whose every API they manage: a role is given for all of these at once.
pub fn places_at_once(catalogue: &[PolicySummary], managed: &ManagedRoles, kind: &str) -> Vec<Choice> {
    if matches!(kind, "manager" | "administrator") {
        return places(catalogue, managed, kind);
    }
    let is_whole = |id: &str| {
        let mut provided = catalogue.iter().filter(|policy| policy.provider.id == id).peekable();
        let has_several = provided.clone().nth(1).is_some();
        has_several && provided.all(|policy| manages(managed, &policy.target_api))
    };
    let whole = providers(catalogue).into_iter().filter(|(_, id)| is_whole(id));
    apis(catalogue, managed).into_iter().chain(whole.map(|(label, id)| all_of(label, id))).collect()
}

fn manages(managed: &ManagedRoles, api: &str) -> bool {
    match managed {
        ManagedRoles::All => true,
        ManagedRoles::Of { apis, .. } => apis.contains(api),
    }
}

fn apis(catalogue: &[PolicySummary], managed: &ManagedRoles) -> Vec<Choice> {
    let managed = catalogue.iter().filter(|policy| manages(managed, &policy.target_api));
    let mut choices: Vec<Choice> = managed.map(|policy| Choice::new(&policy.target_api, &policy.label)).collect();
    choices.sort_by(|a, b| a.label.cmp(&b.label));
    choices
}

/// Names and ids, by name.
fn providers(catalogue: &[PolicySummary]) -> BTreeSet<(&str, &str)> {
    catalogue.iter().map(|policy| (&*policy.provider.label, &*policy.provider.id)).collect()
}

fn all_of(label: &str, id: &str) -> Choice {
    Choice::new(format!("{PROVIDER}{id}"), format!("{label}\u{a0}: toutes ses API"))
}

/// Where what is wrong with the API or the provider is told.
pub const PLACE: &str = "/role/target_api";

/// A role being chosen.
#[derive(Clone, Copy)]
pub struct ChosenRole {
    /// `instructor`…
    pub kind: RwSignal<String>,
    /// The API; a provider as `provider:dinum`.
    pub place: RwSignal<String>,
    /// `only`, `except`, or nothing where the role is not limited.
    pub limit: RwSignal<String>,
    /// The démarches that it is limited to, as roles write them.
    pub demarches: RwSignal<BTreeSet<String>>,
    /// The policy of the API, for a role that can be limited.
    pub policy: Loader<Option<Policy>>,
}

/// What is chosen, once it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// A role.
    One(Role),
    /// A role for every API of the provider of that id.
    All(ApiRole, String),
}

impl ChosenRole {
    /// Nothing is chosen.
    pub fn new() -> Self {
        let chosen = Self::at_once();
        // Only managers are of a provider.
        Effect::new(move |_| {
            let is_lost = chosen.kind.with(|kind| kind != "manager")
                && chosen.place.with_untracked(|place| place.starts_with(PROVIDER));
            if is_lost {
                chosen.place.set(String::new());
            }
        });
        chosen
    }

    /// The same, where every kind of role can be of all APIs of a provider.
    pub fn at_once() -> Self {
        let (kind, place) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
        let (limit, demarches) = (RwSignal::new(String::new()), RwSignal::new(BTreeSet::new()));
        let limited = Memo::new(move |_| {
            let can_be_limited = kind.with(|kind| matches!(&**kind, "instructor" | "reporter" | "subscriber"));
            let place = place.get();
            if can_be_limited && !place.starts_with(PROVIDER) { place } else { String::new() }
        });
        let policy = Loader::new(move || {
            let api = limited.get();
            if api.is_empty() { Answer::known(None) } else { Answer::of(async { api::policy(api).await.map(Some) }) }
        });
        // What was chosen for one API says nothing of another.
        Effect::new(move |_| {
            place.track();
            limit.set(String::new());
            demarches.set(BTreeSet::new());
        });
        Self { kind, place, limit, demarches, policy }
    }

    /// Whether an API or a provider must be chosen.
    pub fn needs_place(self) -> bool {
        self.kind.with(|kind| !kind.is_empty() && kind != "administrator")
    }

    /// The role, once it is one.
    pub fn role(self) -> Option<Role> {
        let role = self.kind.with(|kind| self.place.with(|place| role_of(kind, place)))?;
        Some(role.limited_to(self.limited()?))
    }

    /// The role, or the one for every API of a provider.
    pub fn whole(self) -> Option<Chosen> {
        let kind = self.kind.with(|kind| kind.parse::<ApiRole>().ok());
        let provider = self.place.with(|place| place.strip_prefix(PROVIDER).map(str::to_owned));
        match (kind, provider) {
            (Some(kind), Some(provider)) => Some(Chosen::All(kind, provider)),
            _ => self.role().map(Chosen::One),
        }
    }

    /// What it is limited to; nothing while none of the démarches is ticked.
    fn limited(self) -> Option<Demarches> {
        let (limit, demarches) = (self.limit.get(), self.demarches.get());
        if limit.is_empty() {
            return Some(Demarches::All);
        }
        let ids = demarches.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        format!("{limit}:{ids}").parse().ok()
    }

    /// What is still to be chosen.
    pub fn errors(self) -> InputErrors {
        if self.kind.with(String::is_empty) {
            return vec![("/role", "Choisissez un rôle.".to_owned())];
        }
        if self.needs_place() && self.place.with(String::is_empty) {
            return vec![(PLACE, "Choisissez l’API que ce rôle concerne.".to_owned())];
        }
        if self.limited().is_none() {
            return vec![("/role/demarches", "Cochez au moins une démarche.".to_owned())];
        }
        Vec::new()
    }
}

/// The démarches of a policy that a role may be limited to, and what counts as none of them; none where it has none.
pub fn demarches(policy: &Policy) -> Vec<Choice> {
    if policy.counted_demarches().next().is_none() {
        return Vec::new();
    }
    let known = policy.counted_demarches().map(|demarche| Choice::new(&demarche.id, &demarche.label));
    let other = Choice {
        hint: "Celles qui ne suivent aucune de ces démarches, ou s’en écartent.".to_owned(),
        ..Choice::new(OTHER_DEMARCHES, "Les autres demandes")
    };
    known.chain([other]).collect()
}

/// What somebody manages, by the APIs of the catalogue.
pub fn managed_by(context: AppContext) -> ManagedRoles {
    let nothing = ManagedRoles::Of { apis: BTreeSet::new(), providers: BTreeSet::new() };
    let Some(user) = context.user() else { return nothing };
    context
        .catalogue()
        .read(|policies| {
            ManagedRoles::of(&user, policies.iter().map(|policy| (&*policy.target_api, &*policy.provider.id)))
        })
        .unwrap_or_else(|| ManagedRoles::of(&user, []))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_of_an_api_and_only_a_manager_of_a_provider() {
        let told = |kind, place| role_of(kind, place).map(|role| role.to_string());
        assert_eq!(told("instructor", "a").as_deref(), Some("a:instructor"));
        assert_eq!(told("manager", "provider:dinum").as_deref(), Some("provider:dinum:manager"));
        assert_eq!(told("administrator", "").as_deref(), Some("administrator"));
        for (kind, place) in [("reporter", "provider:dinum"), ("instructor", ""), ("", "a"), ("manager", "")] {
            assert_eq!(told(kind, place), None, "{kind} {place}");
        }
    }

    #[test]
    fn a_role_is_given_at_once_for_the_providers_whose_every_api_one_manages() {
        let policy = |api: &str, provider: &str| -> PolicySummary {
            serde_json::from_value(serde_json::json!({
                "target_api": api, "label": api.to_uppercase(), "kind": "api", "provider": {"id": provider, "label": provider},
                "description": "", "stage": null, "previous": null, "retired": false, "replaced_by": [], "frozen": false,
                "start_url": null, "hidden_from_public_filters": false,
            }))
            .unwrap()
        };
        let catalogue = [policy("a", "p"), policy("b", "p"), policy("c", "q")];
        let offered = |managed: &ManagedRoles, kind: &str| {
            places_at_once(&catalogue, managed, kind).into_iter().map(|choice| choice.value).collect::<Vec<_>>()
        };
        assert_eq!(offered(&ManagedRoles::All, "reporter"), ["a", "b", "c", "provider:p"]);
        assert_eq!(offered(&ManagedRoles::All, "manager"), ["a", "b", "c", "provider:p", "provider:q"]);
        let of = |apis: &[&str]| ManagedRoles::Of {
            apis: apis.iter().map(|api| (*api).to_owned()).collect(),
            providers: BTreeSet::new(),
        };
        assert_eq!(offered(&of(&["a", "c"]), "reporter"), ["a", "c"]);
        assert_eq!(offered(&of(&["a", "b"]), "reporter"), ["a", "b", "provider:p"]);
    }

    #[test]
    fn managers_give_four_kinds_and_administrators_all() {
        let of = ManagedRoles::Of { apis: BTreeSet::from(["a".to_owned()]), providers: BTreeSet::new() };
        let kinds = |managed: &ManagedRoles| kinds(|kind| gives_kind(managed, kind)).len();
        assert_eq!((kinds(&of), kinds(&ManagedRoles::All)), (4, 6));
    }
}
