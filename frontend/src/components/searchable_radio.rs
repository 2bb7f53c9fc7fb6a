//! Radio buttons with a search field, for more answers than a person reads through.

use leptos::prelude::*;

use super::choice::{Choice, radio};
use super::field::{Messages, TextInput, asterisk, messages_id};
use crate::words;

/// Radio buttons under a search field that hides the others.
#[component]
pub fn SearchableRadioGroup(
    /// Id of the group; unique in the page. Those of the buttons begin with it.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    legend: String,
    /// Label of the search field.
    #[prop(into)]
    search: String,
    /// Says how many answers are shown, out of how many.
    count: fn(usize, usize) -> String,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    /// The answer that is always shown: none of the others.
    #[prop(optional)]
    none: Option<Choice>,
    /// Whether one must be chosen.
    #[prop(optional)]
    required: bool,
    /// What is wrong.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// The one that is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the new choice.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        choices.with(|choices| {
            choices
                .iter()
                .enumerate()
                .filter(|(_, choice)| words::holds(&choice.label, &typed.read()))
                .map(|(index, choice)| (index, choice.clone()))
                .collect::<Vec<_>>()
        })
    });
    let legend_id = format!("{id}-legend");
    let name = id.clone();
    view! {
        <fieldset
            class=move || if error.with(Option::is_some) { "fr-fieldset fr-fieldset--error" } else { "fr-fieldset" }
            id=id.clone()
            aria-labelledby=format!("{legend_id} {}", messages_id(&id))
        >
            <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id=legend_id.clone()>
                {legend}
                {required.then(asterisk)}
            </legend>
            <div class="fr-fieldset__element dp-no-print">
                <TextInput
                    id=format!("{id}-recherche")
                    label=search
                    kind="search"
                    inputmode="search"
                    autocomplete="off"
                    value=typed
                    on_input=Callback::new(move |text| typed.set(text))
                />
                <p role="status" class="fr-text--sm fr-mb-0">
                    {move || count(found.with(Vec::len), choices.with(Vec::len))}
                </p>
            </div>
            <div class="dp-finder">
                {none.map(|none| radio(&id, 0, none, value, on_change))}
                {move || {
                    found
                        .get()
                        .into_iter()
                        .map(|(index, choice)| radio(&name, index + 1, choice, value, on_change))
                        .collect_view()
                }}
            </div>
            <Messages id=id.clone() error />
        </fieldset>
    }
}
