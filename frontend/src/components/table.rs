//! A table; on a narrow screen, cards.

use leptos::prelude::*;

/// A table. On a narrow screen its rows are cards, whose cells say by `data-label` what they hold.
#[component]
pub fn Table(
    /// What it lists, for screen readers.
    caption: &'static str,
    /// The titles of the columns.
    columns: &'static [&'static str],
    /// The rows.
    rows: Vec<AnyView>,
) -> impl IntoView {
    let header = |label: &&'static str| {
        view! {
            <th scope="col" role="columnheader">
                {*label}
            </th>
        }
    };
    view! {
        <div class="dp-table">
            <table role="table">
                <caption class="fr-sr-only">{caption}</caption>
                <thead>
                    <tr role="row">{columns.iter().map(header).collect_view()}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
