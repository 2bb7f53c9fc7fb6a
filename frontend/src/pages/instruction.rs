//! The list of requests, for instructors. All its state is in the address.

pub mod absence;
mod elsewhere;
mod expected;
mod export;
pub mod filters;
pub mod keyboard;
mod rest;
pub mod rows;
pub mod saved;
pub mod selection;
pub mod state;
pub mod views;

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::EnrollmentRow;
use shared::queue::{AssignedTo, SavedFilter};
use shared::user::{Role, User};

use crate::api;
use crate::browser;
use crate::components::placeholder::EmptyState;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::pages::people::requests::RoleRequestsNotice;
use crate::query::Query;
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::seldom::Seldom;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;
use absence::AbsenceBanner;
use elsewhere::Elsewhere;
use expected::{ExpectedOpinions, may_be_asked};
use filters::Filters;
use rows::{Columns, Rows};
use saved::SavedFilters;
use selection::{BulkBar, Selection};
use state::{ListState, PATH};
use views::QuickView;

/// Where the address of the list is kept, for the way back from a request.
const LAST_LIST_KEY: &str = "datapass.instruction.list";

/// The list as it was last seen in this browser.
pub fn last_list() -> String {
    browser::stored(LAST_LIST_KEY).filter(|path| path.starts_with(PATH)).unwrap_or_else(|| PATH.to_owned())
}

/// The APIs whose requests that user instructs or reads; none for an administrator, who sees them all.
pub fn own_apis(user: &User) -> BTreeSet<String> {
    if user.is_administrator() {
        return BTreeSet::new();
    }
    let api_of = |role: &Role| match role {
        Role::Instructor { target_api, .. } | Role::Reporter { target_api, .. } => Some(target_api.clone()),
        Role::Administrator | Role::Manager(_) | Role::Developer { .. } | Role::Subscriber { .. } => None,
    };
    user.roles.iter().filter_map(api_of).collect()
}

#[component]
pub fn InstructionList() -> impl IntoView {
    signed_in(|user| {
        if own_apis(&user).is_empty() && !user.is_administrator() {
            view! { <NothingToInstruct /> }.into_any()
        } else {
            view! { <List user /> }.into_any()
        }
    })
}

#[component]
fn NothingToInstruct() -> impl IntoView {
    view! {
        <PageTitle title="Demandes à instruire" />
        <EmptyState title="Aucune API ne vous est confiée">
            <p>"Cette page est réservée aux personnes chargées d’instruire ou de suivre les demandes d’une API."</p>
            <a class="fr-link" href="/">
                "Retour à l’accueil"
            </a>
        </EmptyState>
    }
}

#[component]
fn List(
    /// Who looks.
    user: User,
) -> impl IntoView {
    let query = page_query(PATH);
    let state = Memo::new(move |_| query.with(ListState::parse));
    let navigate = use_navigate();
    let show = Callback::new(move |state: ListState| {
        navigate(&state.href(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let is_asked = may_be_asked(&user);
    let gives_roles = user.is_administrator() || user.is_manager();
    let own_apis = own_apis(&user);
    let is_administrator = user.is_administrator();
    let is_instructor = user.roles.iter().any(|role| matches!(role, Role::Instructor { .. }));
    let may_act = is_instructor || is_administrator;
    let asked = own_apis.clone();
    let loader = Loader::new(move || api::enrollments(state.with(|state| state.list_query(&asked))));
    let (exported, searched) = (own_apis.clone(), own_apis.clone());
    let counts = Loader::new(api::queue::counts);
    let filters = Loader::new(api::queue::filters);
    let absence = Loader::new(api::queue::absence);
    open_chosen_view(query, filters);
    let selection = Selection::new();
    Effect::new(move |_| {
        browser::store(LAST_LIST_KEY, &state.with(ListState::href));
        selection.clear();
    });
    let refresh = Callback::new(move |()| {
        loader.reload();
        counts.reload();
    });
    let columns =
        Columns { has_apis: own_apis.len() != 1, has_assignees: may_act, selection: may_act.then_some(selection) };
    let rows_of_page = Signal::derive(move || loader.read(|page| page.items.clone()).unwrap_or_default());
    let table = move |rows: Vec<EnrollmentRow>| view! { <Rows rows state show columns /> }.into_any();
    view! {
        <div id=TOP_ID tabindex="-1">
            <PageTitle title="Demandes à instruire" />
        </div>
        {gives_roles.then(|| view! { <RoleRequestsNotice /> })}
        {is_asked.then(|| view! { <ExpectedOpinions /> })}
        <AbsenceBanner absence on_change=refresh />
        <Filters state show counts own_apis is_administrator is_instructor />
        <SavedFilters state filters />
        {may_act.then(|| view! { <BulkBar selection rows=rows_of_page user on_done=refresh /> })}
        <Elsewhere state own_apis=searched shown=loader />
        <PagedList
            loader
            cursors=Signal::derive(move || state.with(|state| state.cursors.clone()))
            href=move |cursors| state.with_untracked(|state| state.at(cursors).href())
            words=("Aucune demande", "demande", "demandes")
            empty=move || view! { <Empty state show /> }
            rows=table
        />
        <Seldom when=Signal::stored(true) load=Box::new(move || Box::pin(rest::rest(state, exported.clone(), absence, refresh))) />
    }
}

/// Id of the top of the page, where the focus goes when the page has changed there.
const TOP_ID: &str = "haut";

/// A bare address opens the view that the reader has chosen to begin with. What they choose later waits for the next time.
fn open_chosen_view(query: Memo<Query>, filters: Loader<Vec<SavedFilter>>) {
    let navigate = use_navigate();
    let chosen = move || filters.read(|filters| filters.iter().find(|filter| filter.is_default).map(saved::href));
    Effect::new(move |is_there: Option<bool>| {
        let is_bare = query.with(|query| *query == Query::default());
        let chosen = if is_there == Some(true) { untrack(chosen) } else { chosen() };
        if let Some(Some(address)) = &chosen
            && is_bare
        {
            navigate(address, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
        chosen.is_some()
    });
}

#[component]
fn Empty(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
) -> impl IntoView {
    let context = AppContext::get();
    let is_filtered = state.with_untracked(ListState::is_filtered);
    let title = if is_filtered { "Aucune demande ne correspond" } else { "Aucune demande à instruire" };
    let filters = move || {
        state.with(|state| {
            let apis: Vec<String> = state.apis.iter().map(|api| context.label_of(api)).collect();
            filters_sentence(state, &apis)
        })
    };
    view! {
        <EmptyState title>
            <p>{filters}</p>
            {is_filtered
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="fr-btn fr-btn--secondary"
                            on:click=move |_| show.run(ListState::default())
                        >
                            "Effacer les filtres"
                        </button>
                    }
                })}
        </EmptyState>
    }
}

/// Which filters leave nothing.
fn filters_sentence(state: &ListState, apis: &[String]) -> String {
    if !state.is_filtered() {
        return "Toutes les demandes soumises ont reçu une réponse.".to_owned();
    }
    let mut filters = Vec::new();
    if !state.search.trim().is_empty() {
        filters.push(format!("recherche «\u{a0}{}\u{a0}»", state.search.trim()));
    }
    match state.quick_view() {
        Some(QuickView::ToInstruct | QuickView::Everything) | None => {
            let labels: Vec<&str> = state.narrowing.statuses.iter().map(|status| status.label()).collect();
            if !labels.is_empty() {
                filters.push(format!("statut {}", labels.join(" ou ")));
            }
            match state.narrowing.assigned_to {
                Some(AssignedTo::Me) => filters.push("suivies par vous".to_owned()),
                Some(AssignedTo::Nobody) => filters.push("non attribuées".to_owned()),
                None => {}
            }
        }
        Some(view) => filters.push(format!("«\u{a0}{}\u{a0}»", view.label())),
    }
    if !apis.is_empty() {
        filters.push(apis.join(" ou "));
    }
    match state.demarches.len() {
        0 => {}
        1 => filters.push("une démarche".to_owned()),
        count => filters.push(format!("{count} démarches")),
    }
    format!("Filtres en place\u{a0}: {}.", filters.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_says_which_filters_are_in_place() {
        let state = ListState::default();
        assert_eq!(filters_sentence(&state, &[]), "Toutes les demandes soumises ont reçu une réponse.");
        let state = state.with_view(QuickView::WaitingForApplicant).with_search("crèche");
        assert_eq!(
            filters_sentence(&state, &["API A".to_owned(), "API B".to_owned()]),
            "Filtres en place\u{a0}: recherche «\u{a0}crèche\u{a0}», «\u{a0}En attente du demandeur\u{a0}», API A ou API B."
        );
    }

    #[test]
    fn an_administrator_sees_every_api_and_a_subscriber_none() {
        let user = |roles: &[&str]| -> User {
            serde_json::from_value(serde_json::json!({
                "id": 1, "email": "a@exemple.fr", "email_verified": true, "given_name": "", "family_name": "",
                "phone_number": "", "job": "", "organizations": [], "roles": roles,
            }))
            .unwrap()
        };
        let own = own_apis(&user(&["a:instructor", "b:cnaf:reporter", "c:subscriber"]));
        assert_eq!(own, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        assert!(own_apis(&user(&["administrator", "a:instructor"])).is_empty());
    }
}
