//! A search field.

use std::time::Duration;

use leptos::prelude::*;

use super::debounce::Debounce;

/// How long to wait for the next key before looking.
const DEBOUNCE: Duration = Duration::from_millis(400);

/// A search box with its label above. It looks as one types, after a short pause, and at once on Enter.
#[component]
pub fn SearchBox(
    /// Id of the field; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    /// What one may look for.
    #[prop(into, optional)]
    hint: String,
    /// The words that are looked for now.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the words to look for.
    #[prop(into)]
    on_search: Callback<String>,
) -> impl IntoView {
    let typed = RwSignal::new(value.get_untracked());
    let debounce = Debounce::of(DEBOUNCE);
    let sent = StoredValue::new(String::new());
    // Going back, or a button that clears the filters, changes the words from outside; what comes back from our own
    // search must not undo the keys struck since.
    Effect::new(move |_| {
        let value = value.get();
        if sent.with_value(|sent| *sent != value) {
            typed.set(value.clone());
            sent.set_value(value);
        }
    });
    let look = move || {
        debounce.cancel();
        let words = typed.get_untracked();
        if words != value.get_untracked() {
            sent.set_value(words.clone());
            on_search.run(words);
        }
    };
    let wait = move |words: String| {
        typed.set(words);
        debounce.then(look);
    };
    view! {
        <form
            role="search"
            class="dp-search"
            on:submit=move |event| {
                event.prevent_default();
                look();
            }
        >
            <label class="fr-label" for=id.clone()>
                {label}
                {(!hint.is_empty()).then(|| view! { <span class="fr-hint-text">{hint}</span> })}
            </label>
            <div class="fr-search-bar fr-mt-1w">
                <input
                    class="fr-input"
                    type="search"
                    id=id.clone()
                    name=id
                    autocomplete="off"
                    maxlength="200"
                    prop:value=move || typed.get()
                    on:input=move |event| wait(event_target_value(&event))
                />
                <button type="submit" class="fr-btn" title="Rechercher">
                    "Rechercher"
                </button>
            </div>
        </form>
    }
}
