//! Prints the page.

use leptos::prelude::*;

/// A button that prints the page.
#[component]
pub fn PrintButton() -> impl IntoView {
    view! {
        <button
            type="button"
            class="fr-btn fr-btn--tertiary fr-btn--icon-left fr-icon-printer-line dp-no-print fr-mt-2w"
            on:click=|_| {
                let _ = window().print();
            }
        >
            "Imprimer"
        </button>
    }
}
