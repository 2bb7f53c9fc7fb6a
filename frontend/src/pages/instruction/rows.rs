//! The rows of the list: a table on a wide screen, cards on a narrow one.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use shared::api::{EnrollmentRow, SortKey};
use shared::workflow::Status;

use super::selection::Selection;
use super::state::ListState;
use crate::browser;
use crate::components::badge::{StatusBadge, unanswered_badge, unread_badge};
use crate::components::choice::{Choice, Select};
use crate::components::{date, siret};
use crate::context::AppContext;

/// The columns that can be sorted by, in order.
const SORTABLE: [(SortKey, &str); 7] = [
    (SortKey::Status, "Statut"),
    (SortKey::Id, "Numéro"),
    (SortKey::NomRaisonSociale, "Organisation"),
    (SortKey::Intitule, "Projet"),
    (SortKey::SubmittedAt, "Soumission"),
    (SortKey::WaitingFrom, "Attente"),
    (SortKey::UpdatedAt, "Mise à jour"),
];

/// What the rows are shown with.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// The requests are of several APIs.
    pub has_apis: bool,
    /// The reader sees who takes care of them.
    pub has_assignees: bool,
    /// The reader may act on several at once.
    pub selection: Option<Selection>,
}

#[component]
pub fn Rows(
    /// The requests.
    rows: Vec<EnrollmentRow>,
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// What they are shown with.
    columns: Columns,
) -> impl IntoView {
    let now = browser::now();
    let context = AppContext::get();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let rows = rows.into_iter().map(|row| table_row(row, context, columns, now)).collect_view();
    let headers = SORTABLE.map(|(key, label)| view! { <SortableHeader key label state show /> }).collect_view();
    let plain = |label: &'static str| {
        view! {
            <th scope="col" role="columnheader">
                {label}
            </th>
        }
    };
    view! {
        <SortOnPhone state show />
        {columns.selection.map(|selection| selection.whole_page(ids.clone(), "tout-telephone", "dp-on-phone"))}
        <div class="dp-table">
            <table role="table">
                <caption class="fr-sr-only">
                    "Demandes d’habilitation. Le titre de chaque colonne qui est un bouton trie la liste."
                </caption>
                <thead>
                    <tr role="row">
                        {columns
                            .selection
                            .map(|selection| {
                                view! {
                                    <th scope="col" role="columnheader">
                                        {selection.whole_page(ids.clone(), "tout", "dp-box-only")}
                                    </th>
                                }
                            })} {headers} {columns.has_apis.then(|| plain("API"))}
                        {columns.has_assignees.then(|| plain("Suivi"))}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn table_row(row: EnrollmentRow, context: AppContext, columns: Columns, now: DateTime<Utc>) -> AnyView {
    let novelty = match (row.status, row.resubmitted) {
        (Status::Submitted, true) => Some("De retour"),
        // An update says so itself.
        (Status::Submitted, false) => (!row.reopening).then_some("Nouvelle"),
        _ => None,
    };
    let id = row.id;
    let time = |at: Option<DateTime<Utc>>| match at {
        Some(at) => view! { <time datetime=at.to_rfc3339()>{date::date(at)}</time> }.into_any(),
        None => view! { <span>"—"</span> }.into_any(),
    };
    let target_api = row.target_api;
    let assignee = row.assigned_to.map_or_else(|| "Non attribuée".to_owned(), |assignee| assignee.name);
    view! {
        <tr role="row" class="dp-row">
            {columns
                .selection
                .map(|selection| {
                    view! {
                        <td role="cell" data-label="Sélection">
                            {selection.one(id)}
                        </td>
                    }
                })}
            <td role="cell" data-label="Statut" id=format!("statut-{id}")>
                <span class="dp-badges">
                    <StatusBadge status=row.status reopening=row.reopening offered=row.offered />
                    {novelty.map(|label| view! { <span class="fr-badge fr-badge--sm fr-badge--new">{label}</span> })}
                    {unread_badge(row.unread)}
                    {unanswered_badge(row.unanswered_points)}
                </span>
            </td>
            <td role="cell" data-label="Numéro">
                {id}
            </td>
            {organisation_cell(id, row.nom_raison_sociale, row.siret)}
            {project_cell(id, row.intitule, row.demandeur_email)}
            <td role="cell" data-label="Soumission">
                {time(row.submitted_at)}
            </td>
            <td role="cell" data-label="Attente" id=format!("attente-{id}")>
                <span>{row.waiting_from.map_or_else(|| "—".to_owned(), |since| waiting(since, now))}</span>
            </td>
            <td role="cell" data-label="Mise à jour">
                {time(Some(row.updated_at))}
            </td>
            {columns
                .has_apis
                .then(|| {
                    view! {
                        <td role="cell" data-label="API">
                            <span>{move || context.label_of(&target_api)}</span>
                        </td>
                    }
                })}
            {columns
                .has_assignees
                .then(|| {
                    view! {
                        <td role="cell" data-label="Suivi">
                            <span>{assignee}</span>
                        </td>
                    }
                })}
        </tr>
    }
    .into_any()
}

fn organisation_cell(id: i64, name: String, siret: Option<String>) -> AnyView {
    let name = if name.is_empty() { "—".to_owned() } else { name };
    let siret = siret.map(|siret| {
        view! { <span class="dp-detail dp-select">{format!("SIRET {}", siret::grouped(&siret))}</span> }
    });
    view! {
        <td role="cell" data-label="Organisation" id=format!("organisation-{id}")>
            <span class="dp-select">{name}</span>
            {siret}
        </td>
    }
    .into_any()
}

fn project_cell(id: i64, title: String, applicant: String) -> AnyView {
    let title = if title.trim().is_empty() { "Sans titre".to_owned() } else { title };
    view! {
        <td role="cell" data-label="Projet" class="dp-row__title">
            <span>
                <a
                    class="dp-row-link"
                    href=format!("/demandes/{id}")
                    aria-describedby=format!("statut-{id} organisation-{id} attente-{id}")
                >
                    {title}
                </a>
            </span>
            <span class="dp-detail dp-select">{applicant}</span>
        </td>
    }
    .into_any()
}

/// How long a request has been waiting for the administration.
pub fn waiting(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - since).num_days() {
        ..1 => "Attend depuis aujourd’hui".to_owned(),
        1 => "Attend depuis 1 jour".to_owned(),
        days => format!("Attend depuis {days} jours"),
    }
}

#[component]
fn SortableHeader(
    /// What it sorts by.
    key: SortKey,
    label: &'static str,
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
) -> impl IntoView {
    let order = move || {
        let sort = state.with(ListState::sort);
        (sort.key == key).then_some(if sort.descending { "descending" } else { "ascending" })
    };
    let arrow = move || match order() {
        Some("descending") => "dp-sort dp-sort--down",
        Some(_) => "dp-sort dp-sort--up",
        None => "dp-sort",
    };
    view! {
        <th scope="col" role="columnheader" aria-sort=order>
            <button
                type="button"
                class=arrow
                on:click=move |_| show.run(state.with_untracked(|state| state.sorted_by(key)))
            >
                {label}
            </button>
        </th>
    }
}

/// Cards have no column titles to click on.
#[component]
fn SortOnPhone(
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
) -> impl IntoView {
    let orders = [("", "ordre croissant"), ("-", "ordre décroissant")];
    let choices: Vec<Choice> = SORTABLE
        .iter()
        .flat_map(|(key, label)| {
            orders.iter().map(move |(sign, order)| Choice::new(format!("{sign}{key}"), format!("{label}, {order}")))
        })
        .collect();
    view! {
        <div class="dp-on-phone">
            <Select
                id="tri"
                label="Trier par"
                empty="Ordre habituel"
                choices
                value=Signal::derive(move || state.with(|state| state.sort().to_wire()))
                on_change=move |order: String| show.run(state.with_untracked(|state| state.with_sort(&order)))
            />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_counted_in_whole_days() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let since = at("2026-03-01T10:00:00Z");
        assert_eq!(waiting(since, at("2026-03-01T18:00:00Z")), "Attend depuis aujourd’hui");
        assert_eq!(waiting(since, at("2026-03-02T11:00:00Z")), "Attend depuis 1 jour");
        assert_eq!(waiting(since, at("2026-03-13T10:00:00Z")), "Attend depuis 12 jours");
    }
}
