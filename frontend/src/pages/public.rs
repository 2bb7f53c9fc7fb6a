//! The public list of the authorisations in force. Nobody needs to sign in.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::PublicRow;
use shared::enrollment::AuthorisationSummary;

use crate::api::{self, PublicQuery};
use crate::components::choice::{Choice, Select};
use crate::components::placeholder::EmptyState;
use crate::components::search::SearchBox;
use crate::components::table::Table;
use crate::components::{date, siret};
use crate::context::AppContext;
use crate::loader::Loader;
use crate::query::{Cursors, Query};
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::title::PageTitle;

/// The address of the list.
const PATH: &str = "/habilitations";

/// What the list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ListState {
    search: String,
    target_api: String,
    cursors: Cursors,
}

impl ListState {
    fn parse(query: &Query) -> Self {
        let text = |name| query.get(name).unwrap_or_default().to_owned();
        Self { search: text("search"), target_api: text("target_api"), cursors: Cursors::of(query) }
    }

    fn href(&self) -> String {
        let mut query = Query::default();
        query.push_text("search", &self.search);
        query.push_text("target_api", &self.target_api);
        self.cursors.write(&mut query);
        format!("{PATH}{query}")
    }

    fn public_query(&self) -> PublicQuery {
        PublicQuery {
            target_api: self.target_api.clone(),
            search: self.search.trim().to_owned(),
            cursor: self.cursors.current(),
            limit: None,
        }
    }

    /// On that page.
    fn at(&self, cursors: Cursors) -> Self {
        Self { cursors, ..self.clone() }
    }
}

#[component]
pub fn PublicList() -> impl IntoView {
    let query = page_query(PATH);
    let state = Memo::new(move |_| query.with(ListState::parse));
    let navigate = use_navigate();
    let show = Callback::new(move |state: ListState| {
        navigate(&state.href(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let loader = Loader::new(move || api::public_rows(state.with(ListState::public_query)));
    view! {
        <PageTitle title="Habilitations délivrées" />
        <p class="fr-text--lead">
            "Les organismes habilités à utiliser des données restreintes, et dans quel but. Cette liste est publique (article L.\u{a0}114\u{2011}8 du code des relations entre le public et l’administration)."
        </p>
        <Filters state show />
        <PagedList
            loader
            cursors=Signal::derive(move || state.with(|state| state.cursors.clone()))
            href=move |cursors| state.with_untracked(|state| state.at(cursors).href())
            words=("Aucune habilitation", "habilitation", "habilitations")
            empty=move || empty(state, show)
            rows=table
        />
    }
}

#[component]
fn Filters(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
) -> impl IntoView {
    let context = AppContext::get();
    let choices = Signal::derive(move || {
        let catalogue = context.catalogue.get().unwrap_or_default();
        let offered = catalogue.into_iter().filter(|policy| !policy.hidden_from_public_filters);
        let mut choices: Vec<Choice> = offered.map(|policy| Choice::new(policy.target_api, policy.label)).collect();
        choices.sort_by(|a, b| a.label.cmp(&b.label));
        choices
    });
    view! {
        <div class="fr-grid-row fr-grid-row--gutters fr-mb-2w">
            <div class="fr-col-12 fr-col-md-7">
                <SearchBox
                    id="recherche"
                    label="Rechercher une habilitation"
                    hint="Organisation, SIRET, projet ou numéro (H5)"
                    value=Signal::derive(move || state.with(|state| state.search.clone()))
                    on_search=move |search: String| {
                        let target_api = state.with_untracked(|state| state.target_api.clone());
                        show.run(ListState { search, target_api, cursors: Cursors::default() });
                    }
                />
            </div>
            <div class="fr-col-12 fr-col-md-5">
                <Select
                    id="api"
                    label="API"
                    hint="Celle dont les données sont utilisées"
                    empty="Toutes les API"
                    choices
                    value=Signal::derive(move || state.with(|state| state.target_api.clone()))
                    on_change=move |target_api: String| {
                        let search = state.with_untracked(|state| state.search.clone());
                        show.run(ListState { search, target_api, cursors: Cursors::default() });
                    }
                />
            </div>
        </div>
    }
}

fn empty(state: Memo<ListState>, show: Callback<ListState>) -> AnyView {
    if state.with_untracked(|state| *state == ListState::default()) {
        return view! {
            <EmptyState title="Aucune habilitation n’a encore été délivrée">
                <p>"Elles paraîtront ici dès la première décision favorable."</p>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState title="Aucune habilitation ne correspond">
            <p>"Essayez d’autres mots, ou une autre API."</p>
            <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| show.run(ListState::default())>
                "Effacer les filtres"
            </button>
        </EmptyState>
    }
    .into_any()
}

/// The titles of the columns.
const COLUMNS: [&str; 6] = ["Numéro", "Délivrée le", "Organisation", "Projet", "Responsable de traitement", "API"];

fn table(rows: Vec<PublicRow>) -> AnyView {
    let rows = rows.into_iter().map(table_row).collect();
    view! { <Table caption="Habilitations en vigueur, de la plus récente à la plus ancienne" columns=&COLUMNS rows /> }
        .into_any()
}

fn table_row(row: PublicRow) -> AnyView {
    view! {
        <tr role="row">
            <td role="cell" data-label="Numéro">
                {AuthorisationSummary::number_of(row.id)}
            </td>
            <td role="cell" data-label="Délivrée le">
                <time datetime=row.validated_at.to_rfc3339()>{date::date(row.validated_at)}</time>
            </td>
            <td role="cell" data-label="Organisation">
                {row.nom_raison_sociale}
                <span class="dp-detail">{format!("SIRET {}", siret::grouped(&row.siret))}</span>
            </td>
            <td role="cell" data-label="Projet" class="dp-row__title">
                {row.intitule}
            </td>
            <td role="cell" data-label="Responsable de traitement">
                {row.responsable_traitement}
            </td>
            <td role="cell" data-label="API">
                {row.label}
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_a_round_trip() {
        let state = ListState {
            search: "crèche".to_owned(),
            target_api: "api".to_owned(),
            cursors: Cursors::default().then("a").then("b"),
        };
        assert_eq!(state.href(), "/habilitations?search=cr%C3%A8che&target_api=api&cursor=a&cursor=b");
        let search = state.href().split_once('?').map(|(_, search)| search.to_owned()).unwrap();
        assert_eq!(ListState::parse(&Query::parse(&search)), state);
        assert_eq!(state.public_query().cursor, "b");
        assert_eq!(ListState::default().href(), "/habilitations");
    }
}
