//! The rows of the list: a table on a wide screen, cards on a narrow one.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlElement, KeyboardEvent};
use shared::api::{EnrollmentRow, SortKey};
use shared::workflow::Status;

use super::state::ListState;
use crate::app::AppContext;
use crate::browser;
use crate::components::badge::{StatusBadge, unread_badge};
use crate::components::choice::{Choice, Select};
use crate::components::{date, siret};

/// The columns that can be sorted by, in order.
const SORTABLE: [(SortKey, &str); 3] = [
    (SortKey::UpdatedAt, "Dernière mise à jour"),
    (SortKey::Id, "Numéro"),
    (SortKey::NomRaisonSociale, "Organisation"),
];

/// The table.
#[component]
pub fn Rows(
    /// The requests.
    rows: Vec<EnrollmentRow>,
    /// What is shown.
    state: Memo<ListState>,
    /// Shows something else.
    show: Callback<ListState>,
    /// The rows are of several APIs.
    is_several: bool,
) -> impl IntoView {
    let now = browser::now();
    let context = AppContext::get();
    let rows = rows.into_iter().map(|row| table_row(row, context, is_several, now)).collect_view();
    let header = |key, label| view! { <SortableHeader key label state show /> };
    view! {
        <SortOnPhone state show />
        <div class="dp-table" on:keydown=move_between_rows>
            <table role="table">
                <caption class="fr-sr-only">
                    "Demandes d’habilitation. Le titre de chaque colonne qui est un bouton trie la liste\u{a0}; les touches J et K vont d’une demande à l’autre."
                </caption>
                <thead>
                    <tr role="row">
                        <th scope="col" role="columnheader">
                            "Statut"
                        </th>
                        {header(SortKey::Id, "Numéro")} {header(SortKey::NomRaisonSociale, "Organisation")}
                        <th scope="col" role="columnheader">
                            "Projet"
                        </th>
                        {is_several
                            .then(|| {
                                view! {
                                    <th scope="col" role="columnheader">
                                        "API"
                                    </th>
                                }
                            })} <th scope="col" role="columnheader">
                            "Demandeur"
                        </th> {header(SortKey::UpdatedAt, "Mise à jour")}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn table_row(row: EnrollmentRow, context: AppContext, is_several: bool, now: DateTime<Utc>) -> AnyView {
    let novelty = match (row.status, row.resubmitted) {
        (Status::Submitted, true) => Some("Modifiée"),
        // An update says so itself.
        (Status::Submitted, false) => (!row.reopening).then_some("Nouvelle"),
        _ => None,
    };
    let title = if row.intitule.trim().is_empty() { "Sans titre".to_owned() } else { row.intitule };
    let organisation = if row.nom_raison_sociale.is_empty() { "—".to_owned() } else { row.nom_raison_sociale };
    let waiting = row.submitted_at.filter(|_| row.status == Status::Submitted).map(|since| waiting(since, now));
    let target_api = row.target_api;
    view! {
        <tr role="row" class="dp-row">
            <td role="cell" data-label="Statut">
                <span class="dp-badges">
                    <StatusBadge status=row.status reopening=row.reopening offered=row.offered />
                    {novelty.map(|label| view! { <span class="fr-badge fr-badge--sm fr-badge--new">{label}</span> })}
                    {unread_badge(row.unread)}
                </span>
            </td>
            <td role="cell" data-label="Numéro">
                {row.id}
            </td>
            <td role="cell" data-label="Organisation">
                <span class="dp-select">{organisation}</span>
                {row
                    .siret
                    .map(|siret| {
                        view! { <span class="dp-detail dp-select">{format!("SIRET {}", siret::grouped(&siret))}</span> }
                    })}
            </td>
            <td role="cell" data-label="Projet" class="dp-row__title">
                <span>
                    <a class="dp-row-link" href=format!("/demandes/{}", row.id)>
                        {title}
                    </a>
                </span>
            </td>
            {is_several
                .then(|| {
                    view! {
                        <td role="cell" data-label="API">
                            {move || context.label_of(&target_api)}
                        </td>
                    }
                })}
            <td role="cell" data-label="Demandeur" class="dp-break">
                <span class="dp-select">{row.demandeur_email}</span>
            </td>
            <td role="cell" data-label="Mise à jour">
                <time datetime=row.updated_at.to_rfc3339()>{date::date(row.updated_at)}</time>
                {waiting.map(|waiting| view! { <span class="dp-detail">{waiting}</span> })}
            </td>
        </tr>
    }
    .into_any()
}

/// How long a submitted request has been waiting.
fn waiting(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - since).num_days() {
        ..1 => "en attente depuis aujourd’hui".to_owned(),
        1 => "en attente depuis 1 jour".to_owned(),
        days => format!("en attente depuis {days} jours"),
    }
}

#[component]
fn SortableHeader(
    /// What it sorts by.
    key: SortKey,
    /// Title.
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

/// J and K go from one request to the next. Only where the focus is in the list: WCAG 2.1.4.
fn move_between_rows(event: KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let step = match event.key().as_str() {
        "j" | "J" => 1,
        "k" | "K" => -1,
        _ => return,
    };
    let Some(focused) = document().active_element() else { return };
    let row = match focused.closest("tr.dp-row").ok().flatten() {
        Some(row) if step > 0 => row.next_element_sibling(),
        Some(row) => row.previous_element_sibling(),
        None => document().query_selector("tr.dp-row").ok().flatten(),
    };
    let link = row.and_then(|row| row.query_selector(".dp-row-link").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let _ = link.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_counted_in_whole_days() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let since = at("2026-03-01T10:00:00Z");
        assert_eq!(waiting(since, at("2026-03-01T18:00:00Z")), "en attente depuis aujourd’hui");
        assert_eq!(waiting(since, at("2026-03-02T11:00:00Z")), "en attente depuis 1 jour");
        assert_eq!(waiting(since, at("2026-03-13T10:00:00Z")), "en attente depuis 12 jours");
    }
}
