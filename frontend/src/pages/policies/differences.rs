//! How a policy that is tried differs from the one in force.

use leptos::prelude::*;
use shared::policy_file::PolicyDifference;

use crate::components::table::Table;

/// A line for each value that differs.
pub fn differences(changes: Vec<PolicyDifference>, is_new: bool) -> AnyView {
    if is_new {
        return view! { <p>"Cette API n’a pas encore de politique\u{a0}: tout est nouveau."</p> }.into_any();
    }
    if changes.is_empty() {
        return view! { <p>"Rien ne change\u{a0}: seuls l’ordre des clés ou les commentaires du fichier peuvent différer."</p> }
            .into_any();
    }
    let cell = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let row = |PolicyDifference { path, before, after }: PolicyDifference| {
        view! {
            <tr role="row">
                <td role="cell" data-label="Clé">
                    <code class="dp-break">{path}</code>
                </td>
                <td role="cell" data-label="En vigueur">
                    <span class="dp-text">{cell(before)}</span>
                </td>
                <td role="cell" data-label="Essayée">
                    <span class="dp-text">{cell(after)}</span>
                </td>
            </tr>
        }
        .into_any()
    };
    let rows = changes.into_iter().map(row).collect();
    view! { <Table caption="Ce qui change" columns=&["Clé", "En vigueur", "Essayée"] rows /> }.into_any()
}
