//! The filters of the list: search, quick views, statuses, APIs.

mod demarches;

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::api::MAX_COUNTED;
use shared::queue::{AssignedTo, QueueCounts};
use shared::workflow::Status;

use self::demarches::DemarcheFilter;
use super::state::ListState;
use super::views::{Narrowing, QuickView};
use crate::components::accordion::Accordion;
use crate::components::search::SearchBox;
use crate::context::AppContext;
use crate::loader::Loader;

/// Id of the search field.
pub const SEARCH_ID: &str = "recherche";

/// The filters.
#[component]
pub fn Filters(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// How many requests each view holds.
    counts: Loader<QueueCounts>,
    /// The APIs of the user's roles; none for all.
    own_apis: BTreeSet<String>,
    /// The reader sees every request.
    is_administrator: bool,
    /// The reader takes care of requests.
    is_instructor: bool,
) -> impl IntoView {
    let has_apis = own_apis.len() != 1;
    let is_open = state
        .with_untracked(|state| state.quick_view().is_none() || !state.apis.is_empty() || !state.demarches.is_empty());
    let is_opened = RwSignal::new(is_open);
    let apis = StoredValue::new(own_apis.clone());
    let api = Memo::new(move |_| apis.with_value(|own| state.with(|state| state.only_api(own).cloned())));
    let title =
        if has_apis { "Filtrer par statut, suivi, API et démarche" } else { "Filtrer par statut, suivi et démarche" };
    view! {
        <SearchBox
            id=SEARCH_ID
            label="Rechercher une demande"
            hint="Numéro (D12, H5), projet, organisation, ville, code postal, SIRET, adresse électronique, API, statut ou démarche"
            value=Signal::derive(move || state.with(|state| state.search.clone()))
            on_search=move |words: String| show.run(state.with_untracked(|state| state.with_search(&words)))
        />
        <QuickViews state show counts is_instructor />
        <div class="fr-accordions-group fr-mb-3w">
            <Accordion id="filtres" title level=2 open=is_open on_open=move |()| is_opened.set(true)>
                <StatusFilter state show has_archived=is_instructor || is_administrator />
                {(is_instructor || is_administrator).then(|| view! { <AssignmentFilter state show is_instructor /> })}
                {has_apis.then(|| view! { <ApiFilter state show own_apis /> })}
                {move || is_opened.get().then(|| view! { <DemarcheFilter state show api /> })}
            </Accordion>
        </div>
    }
}

/// Ready-made views, with how many requests each holds.
#[component]
fn QuickViews(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// How many requests each view holds.
    counts: Loader<QueueCounts>,
    /// The reader takes care of requests.
    is_instructor: bool,
) -> impl IntoView {
    let last = counts.last_answer();
    // Its place alone, until it is known how wide each is.
    let is_waiting = move || last.get().is_none();
    let views = QuickView::ALL
        .into_iter()
        .filter(|view| is_instructor || !view.is_of_instructors())
        .map(|view| {
            let is_shown = move || state.with(|state| state.quick_view() == Some(view));
            let count = move || match last.get() {
                Some(Ok(counts)) => match view.count(&counts) {
                    count if count > MAX_COUNTED => " (plus de 1\u{202f}000)".to_owned(),
                    count => format!(" ({count})"),
                },
                // About as wide as what comes.
                None => " (0)".to_owned(),
                Some(Err(_)) => String::new(),
            };
            view! {
                <li>
                    <button
                        type="button"
                        class="fr-tag"
                        aria-pressed=move || is_shown().to_string()
                        on:click=move |_| show.run(state.with_untracked(|state| state.with_view(view)))
                    >
                        {view.label()}
                        {count}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <div role="group" aria-label="Vues" class="fr-mt-3w">
            <ul class="fr-tags-group" class:dp-unseen=is_waiting>{views}</ul>
        </div>
    }
}

/// Who takes care of them, and what has happened since.
#[component]
fn AssignmentFilter(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// The reader takes care of requests.
    is_instructor: bool,
) -> impl IntoView {
    let tag = move |label: &'static str, is_on: fn(&Narrowing) -> bool, set: fn(&mut Narrowing, bool)| {
        let is_shown = Signal::derive(move || state.with(|state| is_on(&state.narrowing)));
        let toggle = Callback::new(move |()| {
            let is_on = is_shown.get_untracked();
            show.run(state.with_untracked(|state| state.narrowed(|narrowing| set(narrowing, !is_on))));
        });
        view! { <Tag label=label.to_owned() is_shown toggle /> }
    };
    view! {
        <TagGroup id="suivi" legend="Suivi">
            {is_instructor
                .then(|| {
                    tag(
                        "Suivies par moi",
                        |narrowing| narrowing.assigned_to == Some(AssignedTo::Me),
                        |narrowing, on| narrowing.assigned_to = on.then_some(AssignedTo::Me),
                    )
                })}
            {tag(
                "Non attribuées",
                |narrowing| narrowing.assigned_to == Some(AssignedTo::Nobody),
                |narrowing, on| narrowing.assigned_to = on.then_some(AssignedTo::Nobody),
            )}
            {tag("De retour", |narrowing| narrowing.resubmitted, |narrowing, on| narrowing.resubmitted = on)}
            {is_instructor
                .then(|| tag("Avec messages non lus", |narrowing| narrowing.unread, |narrowing, on| narrowing.unread = on))}
        </TagGroup>
    }
}

/// Any number of statuses; none for all.
#[component]
fn StatusFilter(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// Archived requests may be shown.
    has_archived: bool,
) -> impl IntoView {
    let is_offered = |status: &Status| match status {
        Status::Archived => has_archived,
        Status::Deleted => false,
        _ => true,
    };
    let statuses = Status::ALL.iter().copied().filter(is_offered);
    let tags = statuses
        .map(|status| {
            let is_shown = Signal::derive(move || state.with(|state| state.narrowing.statuses.contains(&status)));
            let toggle = Callback::new(move |()| {
                show.run(state.with_untracked(|state| state.with_status_toggled(status)));
            });
            view! { <Tag label=status.label().to_owned() is_shown toggle /> }
        })
        .collect_view();
    view! { <TagGroup id="statuts" legend="Statut">{tags}</TagGroup> }
}

/// Any number of APIs; none for all.
#[component]
fn ApiFilter(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// The APIs of the user's roles; none for all.
    own_apis: BTreeSet<String>,
) -> impl IntoView {
    let context = AppContext::get();
    let tags = move || {
        let mut apis: Vec<(String, String)> = if own_apis.is_empty() {
            let catalogue = context.catalogue().get().unwrap_or_default();
            catalogue.into_iter().map(|policy| (policy.label, policy.target_api)).collect()
        } else {
            own_apis.iter().map(|api| (context.label_of(api), api.clone())).collect()
        };
        apis.sort();
        apis.into_iter()
            .map(|(label, api)| {
                let own = api.clone();
                let is_shown = Signal::derive(move || state.with(|state| state.apis.contains(&own)));
                let toggle = Callback::new(move |()| {
                    show.run(state.with_untracked(|state| state.with_api_toggled(&api)));
                });
                view! { <Tag label is_shown toggle /> }
            })
            .collect_view()
    };
    view! { <TagGroup id="apis" legend="API">{tags}</TagGroup> }
}

#[component]
fn TagGroup(
    /// Id; unique in the page.
    id: &'static str,
    /// What the tags choose.
    legend: &'static str,
    /// The tags.
    children: Children,
) -> impl IntoView {
    view! {
        <div role="group" aria-labelledby=id>
            <p id=id class="fr-text--bold fr-mb-1w">
                {legend}
            </p>
            <ul class="fr-tags-group">{children()}</ul>
        </div>
    }
}

#[component]
fn Tag(
    /// What it filters by, as people read it.
    label: String,
    /// Whether it is chosen.
    is_shown: Signal<bool>,
    /// Chooses it, or no longer.
    toggle: Callback<()>,
) -> impl IntoView {
    view! {
        <li>
            <button
                type="button"
                class="fr-tag fr-tag--sm"
                aria-pressed=move || is_shown.get().to_string()
                on:click=move |_| toggle.run(())
            >
                {label}
            </button>
        </li>
    }
}
