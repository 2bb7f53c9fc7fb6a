//! The instructors' list of requests: what to look for, what to show, and the rows. All its state is in the address.

mod expected;
pub mod filters;
pub mod rows;
pub mod state;

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::{EnrollmentRow, Page};
use shared::user::{Role, User};

use crate::api;
use crate::app::AppContext;
use crate::browser;
use crate::components::page_links::PageLinks;
use crate::components::remote::{EmptyState, ErrorState};
use crate::components::results::{Results, Skeleton, count_sentence, page_query};
use crate::components::title::PageTitle;
use crate::loader::Loader;
use expected::{ExpectedOpinions, may_be_asked};
use filters::Filters;
use rows::Rows;
use state::{ListState, PATH};

/// Where the address of the list is kept, for the way back from a request.
const LAST_LIST: &str = "datapass.instruction.list";

/// The list as it was last seen in this browser.
pub fn last_list() -> String {
    browser::stored(LAST_LIST).filter(|path| path.starts_with(PATH)).unwrap_or_else(|| PATH.to_owned())
}

/// The APIs whose requests that user instructs or reads; none for an administrator, who sees them all.
pub fn own_apis(user: &User) -> BTreeSet<String> {
    if user.is_administrator() {
        return BTreeSet::new();
    }
    let api_of = |role: &Role| match role {
        Role::Instructor { target_api } | Role::Reporter { target_api, .. } => Some(target_api.clone()),
        Role::Administrator | Role::Subscriber { .. } => None,
    };
    user.roles.iter().filter_map(api_of).collect()
}

/// The page.
#[component]
pub fn InstructionList() -> impl IntoView {
    AppContext::get().signed_in(|user| {
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
    let own_apis = own_apis(&user);
    let is_several = own_apis.len() != 1;
    let is_administrator = user.is_administrator();
    let asked = own_apis.clone();
    let loader = Loader::new(move || api::enrollments(state.with(|state| state.list_query(&asked))));
    Effect::new(move |_| {
        browser::store(LAST_LIST, &state.with(ListState::href));
    });
    view! {
        <PageTitle title="Demandes à instruire" />
        {is_asked.then(|| view! { <ExpectedOpinions /> })}
        <Filters state show own_apis is_administrator />
        <ListRows state show loader is_several />
    }
}

/// The rows of the present page. Those of the page before stay, dimmed, until the new ones are there.
#[component]
fn ListRows(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// The rows.
    loader: Loader<Page<EnrollmentRow>>,
    /// The rows are of several APIs.
    is_several: bool,
) -> impl IntoView {
    let last = loader.last_answer();
    let is_loading = Signal::derive(move || loader.is_loading());
    let count = Signal::derive(move || match last.get() {
        None | Some(Err(_)) => String::new(),
        Some(Ok(page)) => {
            let number = state.with(|state| state.cursors.page());
            count_sentence(page.items.len(), ("Aucune demande", "demande", "demandes"), number, page.next.is_some())
        }
    });
    view! {
        <Results is_loading count>
            {move || match last.get() {
                None => Skeleton().into_any(),
                Some(Err(error)) => view! { <ErrorState error retry=move |()| loader.reload() /> }.into_any(),
                Some(Ok(page)) if page.items.is_empty() => view! { <Empty state show /> }.into_any(),
                Some(Ok(page)) => {
                    let cursors = state.with_untracked(|state| state.cursors.clone());
                    let at = |cursors| state.with_untracked(|state| state.at(cursors).href());
                    view! {
                        <Rows rows=page.items state show is_several />
                        <PageLinks
                            previous=cursors.back().map(at)
                            next=page.next.map(|cursor| at(cursors.then(&cursor)))
                            page=cursors.page()
                        />
                    }
                        .into_any()
                }
            }}
        </Results>
    }
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
    if !state.statuses.is_empty() {
        let labels: Vec<&str> = state.statuses.iter().map(|status| status.label()).collect();
        filters.push(format!("statut {}", labels.join(" ou ")));
    }
    if !apis.is_empty() {
        filters.push(apis.join(" ou "));
    }
    format!("Filtres en place\u{a0}: {}.", filters.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use state::QuickView;

    #[test]
    fn an_empty_list_says_which_filters_are_in_place() {
        let state = ListState::default();
        assert_eq!(filters_sentence(&state, &[]), "Toutes les demandes soumises ont reçu une réponse.");
        let state = state.with_view(QuickView::WaitingForApplicant).with_search("crèche");
        assert_eq!(
            filters_sentence(&state, &["API A".to_owned(), "API B".to_owned()]),
            "Filtres en place\u{a0}: recherche «\u{a0}crèche\u{a0}», statut À modifier, API A ou API B."
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
