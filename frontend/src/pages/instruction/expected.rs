//! The opinions that are expected of the reader.

use leptos::prelude::*;
use shared::opinion::ExpectedOpinion;
use shared::user::{Role, User};

use crate::api::opinions as api;
use crate::components::alert::{Alert, Tone};
use crate::components::date;
use crate::loader::{Loader, Remote};
use crate::pages::request::opinions::status::{asked_of_you, status};

/// Whether opinions may be asked of them.
pub fn may_be_asked(user: &User) -> bool {
    user.roles.iter().any(|role| matches!(role, Role::Reporter { .. }))
}

/// What is asked of the reader; nothing where nothing is, or while it is not known.
#[component]
pub fn ExpectedOpinions() -> impl IntoView {
    let expected = Loader::new(api::expected);
    move || {
        match expected.remote() {
        Remote::Loading => ().into_any(),
        Remote::Failed(error) => view! {
            <Alert tone=Tone::Warning title="Les avis qui vous sont demandés n’ont pas pu être chargés">
                <p>{error.message()}</p>
                <button type="button" class="fr-btn fr-btn--sm fr-btn--secondary fr-mt-1w" on:click=move |_| expected.reload()>
                    "Réessayer"
                </button>
            </Alert>
        }
        .into_any(),
        Remote::Ready(all) if all.is_empty() => ().into_any(),
        Remote::Ready(all) => {
            let title = asked_of_you(all.len());
            let lines = StoredValue::new(all.into_iter().map(line).collect::<Vec<_>>());
            view! {
                <Alert tone=Tone::Info title>
                    <ul>
                        {lines
                            .get_value()
                            .into_iter()
                            .map(|(href, label, due)| {
                                view! {
                                    <li>
                                        <a href=href>{label}</a>
                                        {due}
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </Alert>
            }
            .into_any()
        }
    }
    }
}

/// Address, title and what remains to be said of one.
fn line(expected: ExpectedOpinion) -> (String, String, String) {
    let ExpectedOpinion { enrollment_id, intitule, nom_raison_sociale, opinion, .. } = expected;
    let state = status(&opinion, date::today()).label().to_lowercase();
    (
        format!("/demandes/{enrollment_id}#avis"),
        format!("Demande n°\u{a0}{enrollment_id} – {intitule}"),
        format!(" ({nom_raison_sociale}), {state}\u{a0}: {}", date::day(opinion.due_on)),
    )
}
