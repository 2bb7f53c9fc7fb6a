//! The transfers that the user is to answer.

use leptos::prelude::*;
use shared::transfer::{AwaitedTransfer, TransferKind};

use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::date::{date, day};
use crate::context::AppContext;
use crate::loader::{LastAnswer, Loader};

/// One of them.
pub fn card(awaited: AwaitedTransfer) -> AnyView {
    let context = AppContext::get();
    let AwaitedTransfer { enrollment_id, target_api, intitule, nom_raison_sociale, waiting } = awaited;
    let number = format!("n°\u{a0}{enrollment_id}");
    let title = if intitule.trim().is_empty() { "Projet sans nom".to_owned() } else { intitule };
    let until = waiting
        .due_on
        .map(|last| format!(" Répondez d’ici au {}\u{a0}: ensuite, l’administration peut le faire.", day(last)));
    let (badge, told) = if waiting.kind == TransferKind::Ask {
        ("Transfert demandé", format!("{} demande à reprendre cette demande.", waiting.to))
    } else {
        ("Transfert proposé", format!("{} vous propose de reprendre cette demande.", waiting.from))
    };
    view! {
        <li class="dp-card">
            <p class="dp-card__meta fr-text--sm">
                <span class="fr-badge fr-badge--new fr-badge--no-icon">{badge}</span>
                <span>{number.clone()}</span>
                <span>{format!("Le {}", date(waiting.created_at))}</span>
            </p>
            <p class="dp-card__title">{title}</p>
            <p class="dp-card__detail fr-text--sm">{nom_raison_sociale}</p>
            <p class="dp-card__detail fr-text--sm">{move || context.label_of(&target_api)}</p>
            <p class="fr-text--sm">{told} {until}</p>
            <a
                class="fr-link fr-icon-arrow-right-line fr-link--icon-right"
                href=format!("/demandes/{enrollment_id}/transfert")
            >
                "Répondre"
                <span class="fr-sr-only">{format!(" ({number})")}</span>
            </a>
        </li>
    }
    .into_any()
}

/// That they did not come, with a way to ask again. It stays until they are there; then the focus goes to the page.
#[component]
pub fn Failure(
    /// The transfers.
    transfers: Loader<Vec<AwaitedTransfer>>,
    /// The last answer.
    last: LastAnswer<Vec<AwaitedTransfer>>,
) -> impl IntoView {
    let failure = Memo::new(move |_| last.get().and_then(Result::err).map(|error| error.message()));
    Effect::new(move |had_failed: Option<bool>| {
        let has_failed = failure.with(Option::is_some);
        if had_failed == Some(true) && !has_failed {
            browser::focus("contenu");
        }
        has_failed
    });
    move || {
        failure.get().map(|message| {
            view! {
                <Alert tone=Tone::Warning title="Les transferts qui vous attendent n’ont pas pu être chargés" live=true>
                    <p>{message}</p>
                    <button
                        type="button"
                        class="fr-btn fr-btn--tertiary fr-btn--sm"
                        aria-disabled=move || transfers.is_loading().then_some("true")
                        on:click=move |_| transfers.reload()
                    >
                        "Réessayer"
                    </button>
                </Alert>
            }
        })
    }
}
