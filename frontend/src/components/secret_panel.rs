//! A secret that is shown once.

use leptos::prelude::*;

use super::alert::{Alert, Tone};
use super::copy_field::CopyField;
use crate::browser;

const PANEL: &str = "secret";

/// A secret, with what goes with it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownSecret {
    /// Whose it is.
    pub title: String,
    /// What to do with it.
    pub advice: &'static str,
    /// What to copy: id, label, value.
    pub fields: Vec<(&'static str, &'static str, String)>,
}

/// The secret, until one says that it is copied. It takes the focus when it appears.
#[component]
pub fn SecretPanel(
    /// The secret; nothing where there is none to show.
    shown: RwSignal<Option<ShownSecret>>,
    /// Id of what has the focus afterwards.
    back: &'static str,
) -> impl IntoView {
    Effect::new(move |_| {
        if shown.with(Option::is_some) {
            browser::focus_soon(PANEL.to_owned());
        }
    });
    move || {
        shown.get().map(|ShownSecret { title, advice, fields }| {
            let name = title.clone();
            let fields =
                fields.into_iter().map(|(id, label, value)| view! { <CopyField id label value /> }).collect_view();
            view! {
                <div id=PANEL tabindex="-1" role="group" aria-label=name>
                    <Alert tone=Tone::Success title>
                        <p>{advice}</p>
                        {fields}
                        <button
                            type="button"
                            class="fr-btn fr-btn--secondary fr-mt-2w"
                            on:click=move |_| {
                                shown.set(None);
                                browser::focus_soon(back.to_owned());
                            }
                        >
                            "J’ai copié le secret"
                        </button>
                    </Alert>
                </div>
            }
        })
    }
}
