//! The notice that the policy has changed since the draft was last open.

use leptos::prelude::*;

use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::form::renewal::{LOST, Renewal, TO_CONFIRM};

/// The notice, until it is put away. Nothing where nothing concerns the applicant.
#[component]
pub fn RenewalNotice(renewal: Renewal) -> impl IntoView {
    let is_shown = RwSignal::new(!renewal.is_empty());
    let put_away = move |_| {
        is_shown.set(false);
        browser::focus("contenu");
    };
    move || {
        is_shown.get().then(|| {
            let Renewal { changes, lost, to_confirm } = renewal.clone();
            view! {
                <Alert tone=Tone::Info title="Le formulaire a changé depuis votre dernière visite">
                    {list("Ce qui change\u{a0}:", &changes)}
                    {list(TO_CONFIRM, &to_confirm)}
                    {list(LOST, &lost)}
                    <button type="button" class="fr-btn--close fr-btn" on:click=put_away>
                        "Masquer le message"
                    </button>
                </Alert>
            }
        })
    }
}

fn list(title: &'static str, lines: &[String]) -> Option<impl IntoView + use<>> {
    let items = lines.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view();
    (!lines.is_empty()).then(|| {
        view! {
            <p>{title}</p>
            <ul>{items}</ul>
        }
    })
}
