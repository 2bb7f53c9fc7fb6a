//! Who may do what under a policy that is tried.

use leptos::prelude::*;
use shared::policy_file::{RightsRow, RightsTable};

/// One table. It is wide: it scrolls, by the keyboard, too.
pub fn rights(RightsTable { title, introduction, columns, rows }: RightsTable) -> AnyView {
    let cell = |what: Vec<String>| match what.len() {
        0 => view! { <td>"–"</td> }.into_any(),
        _ => {
            view! { <td><ul>{what.into_iter().map(|one| view! { <li>{one}</li> }).collect_view()}</ul></td> }.into_any()
        }
    };
    let row = |RightsRow { who, cells }: RightsRow| {
        view! {
            <tr>
                <th scope="row">{who}</th>
                {cells.into_iter().map(cell).collect_view()}
            </tr>
        }
    };
    let (heading, label) = (title.clone(), title.clone());
    view! {
        <h3 class="fr-h6 fr-mt-3w fr-mb-1w">{heading}</h3>
        {(!introduction.is_empty()).then(|| view! { <p>{introduction}</p> })}
        <div class="dp-scroll dp-rights fr-text--sm" tabindex="0" role="region" aria-label=label>
            <table>
                <caption class="fr-sr-only">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Qui"</th>
                        {columns.into_iter().map(|label| view! { <th scope="col">{label}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
