//! Resolves an edit conflict: both versions are shown, and the user chooses.

use leptos::prelude::*;
use shared::diff::Change;

use super::value::shown;
use crate::browser;
use crate::form::{Conflict, EnrollmentForm};

/// Id of the choice; the save bar leads to it.
pub const ID: &str = "conflit";

/// The choice. Nothing as long as there is none to make.
#[component]
pub fn ConflictChoice(form: EnrollmentForm) -> impl IntoView {
    Effect::new(move |_| {
        if form.conflict().with(Option::is_some) {
            browser::focus_soon(ID.to_owned());
        }
    });
    move || form.conflict().get().filter(|conflict| !conflict.fields.is_empty()).map(|conflict| choice(form, conflict))
}

fn choice(form: EnrollmentForm, conflict: Conflict) -> impl IntoView {
    let policy = form.policy();
    let row = move |change: Change| {
        view! {
            <tr>
                <th scope="row">{policy.label_of(&change.field)}</th>
                <td data-label="Ma version">{shown(&policy, &change.field, &change.after)}</td>
                <td data-label="Version enregistrée">{shown(&policy, &change.field, &change.before)}</td>
            </tr>
        }
    };
    let settle = move |keep_mine| {
        form.resolve(keep_mine);
        browser::focus("contenu");
    };
    view! {
        <div id=ID tabindex="-1" role="alert" class="fr-alert fr-alert--warning fr-mb-4w">
            <h2 class="fr-alert__title">"Cette demande a été modifiée ailleurs"</h2>
            <p>
                "Ces champs ont été modifiés à la fois ici et dans un autre onglet, ou sur un autre appareil. Choisissez la version à garder\u{a0}; tout le reste a été réuni."
            </p>
            <div class="dp-table">
                <table>
                    <caption class="fr-sr-only">"Valeurs différentes"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Champ"</th>
                            <th scope="col">"Ma version"</th>
                            <th scope="col">"Version enregistrée"</th>
                        </tr>
                    </thead>
                    <tbody>{conflict.fields.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <ul class="fr-btns-group fr-btns-group--inline-md fr-btns-group--sm">
                <li>
                    <button type="button" class="fr-btn" on:click=move |_| settle(true)>
                        "Garder ma version"
                    </button>
                </li>
                <li>
                    <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| settle(false)>
                        "Prendre la version enregistrée"
                    </button>
                </li>
            </ul>
        </div>
    }
}
