//! What stands in the place of content: a spinner, the empty state of a list.

use leptos::prelude::*;

/// A sign of waiting, which screen readers hear.
#[component]
pub fn Spinner() -> impl IntoView {
    view! {
        <div class="dp-loading" role="status">
            <span class="dp-loading__wheel" aria-hidden="true"></span>
            "Chargement…"
        </div>
    }
}

/// A list without rows: why, and what to do.
#[component]
pub fn EmptyState(
    /// Why it is empty.
    #[prop(into)]
    title: String,
    /// What to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="dp-empty fr-my-4w">
            <p class="fr-text--lead fr-mb-2w">{title}</p>
            {children()}
        </div>
    }
}
