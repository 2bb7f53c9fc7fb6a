//! A file to choose.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{File, HtmlInputElement};

use super::field::{Label, Messages, messages_id};

/// A field to choose one file.
#[component]
pub fn FileInput(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    /// Label.
    #[prop(into)]
    label: String,
    /// What the file should contain, its formats and its limit.
    #[prop(into, optional)]
    hint: String,
    /// Whether a file is needed.
    #[prop(optional)]
    required: bool,
    /// File name endings with their dot, separated by commas.
    #[prop(into)]
    accept: String,
    /// Whether a file is on its way.
    #[prop(into)]
    is_busy: Signal<bool>,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Called with the file.
    #[prop(into)]
    on_file: Callback<ChosenFile>,
) -> impl IntoView {
    view! {
        <div class=move || {
            if error.with(Option::is_some) { "fr-upload-group fr-upload-group--error" } else { "fr-upload-group" }
        }>
            <Label id=id.clone() label hint required />
            <input
                type="file"
                class="fr-upload"
                id=id.clone()
                name=id.clone()
                accept=accept
                disabled=move || is_busy.get()
                aria-required=required.then_some("true")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=messages_id(&id)
                on:change=move |event| {
                    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
                        return;
                    };
                    if let Some(file) = input.files().and_then(|files| files.get(0)) {
                        // Emptied, so that the same file can be chosen again after a correction.
                        input.set_value("");
                        on_file.run(ChosenFile(file));
                    }
                }
            />
            <Messages id=id.clone() error />
        </div>
    }
}

/// The file that was chosen.
#[derive(Clone, Debug)]
pub struct ChosenFile(pub File);
