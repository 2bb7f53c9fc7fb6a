//! The button « Voir plus » of a list that grows.

use leptos::prelude::*;

/// « Voir plus »: asks for the next page of a list that grows. Says how many rows are there.
#[component]
pub fn LoadMore(
    /// How many rows are shown.
    #[prop(into)]
    shown: Signal<usize>,
    /// Whether there are more.
    #[prop(into)]
    has_more: Signal<bool>,
    /// Whether they are on their way.
    #[prop(into)]
    is_loading: Signal<bool>,
    /// Called to get them.
    #[prop(into)]
    on_more: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="fr-mt-3w">
            <p class="fr-text--sm" role="status">
                {move || match (is_loading.get(), shown.get()) {
                    (true, _) => "Chargement…".to_owned(),
                    (false, 0) => String::new(),
                    (false, 1) => "1 ligne affichée".to_owned(),
                    (false, shown) => format!("{shown} lignes affichées"),
                }}
            </p>
            {move || {
                has_more
                    .get()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="fr-btn fr-btn--secondary"
                                aria-disabled=move || is_loading.get().then_some("true")
                                on:click=move |_| if !is_loading.get_untracked() { on_more.run(()) }
                            >
                                "Voir plus"
                            </button>
                        }
                    })
            }}
        </div>
    }
}
