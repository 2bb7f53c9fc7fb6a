//! The choice of a theme: light, dark, or as the system is.
//!
//! The page's first script (`style/theme.js`) applies and remembers the choice; here it is only made.

use leptos::prelude::*;

use crate::components::choice::{Choice, RadioGroup};
use crate::components::dialog::Dialog;

/// The attribute of `<html>` that holds the choice.
const SCHEME: &str = "data-fr-scheme";

/// The button that opens the choice of a theme.
#[component]
pub fn ThemeButton(
    /// Whether the choice is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="fr-footer__bottom-link fr-icon-theme-fill fr-btn--icon-left"
            aria-haspopup="dialog"
            on:click=move |_| open.set(true)
        >
            "Paramètres d’affichage"
        </button>
    }
}

/// The choice of a theme.
#[component]
pub fn ThemeDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let root = || document().document_element();
    let present = root().and_then(|root| root.get_attribute(SCHEME));
    let scheme = RwSignal::new(present.unwrap_or_else(|| "system".to_owned()));
    let choose = Callback::new(move |chosen: String| {
        if let Some(root) = root() {
            let _ = root.set_attribute(SCHEME, &chosen);
        }
        scheme.set(chosen);
    });
    let choices = StoredValue::new(vec![
        Choice::new("light", "Thème clair"),
        Choice::new("dark", "Thème sombre"),
        Choice { hint: "Utilise les paramètres de votre appareil.".to_owned(), ..Choice::new("system", "Système") },
    ]);
    view! {
        <Dialog id="theme" title="Paramètres d’affichage" open>
            <RadioGroup
                id="theme-choice"
                legend="Choisissez un thème pour personnaliser l’apparence du site."
                choices=choices.get_value()
                value=scheme
                on_change=choose
            />
        </Dialog>
    }
}
