//! A read-only text with a button that copies it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::field::TextInput;
use crate::browser;

/// The text, which cannot be changed, and the button.
#[component]
pub fn CopyField(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(into)] value: String,
) -> impl IntoView {
    let said = RwSignal::new("");
    let hidden = format!(" – {label}");
    let (text, field) = (value.clone(), id.clone());
    let copy = move |_| {
        let (text, field) = (text.clone(), field.clone());
        spawn_local(async move {
            let is_copied = browser::copy(&text).await;
            if !is_copied {
                browser::select(&field);
            }
            said.try_set(if is_copied { "Copié." } else { "Copiez le texte sélectionné avec votre clavier." });
        });
    };
    view! {
        <div class="dp-copyable">
            <TextInput
                id
                label
                readonly=true
                autocomplete="off"
                value=Signal::stored(value)
                on_input=Callback::new(|_| ())
            />
            <div class="dp-copyable__act">
                <button type="button" class="fr-btn fr-btn--secondary" on:click=copy>
                    "Copier"
                    <span class="fr-sr-only">{hidden}</span>
                </button>
                <span role="status">{move || said.get()}</span>
            </div>
        </div>
    }
}
