//! The keyboard shortcuts of the list. They can be turned off, and do nothing while one types (WCAG 2.1.4).

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement, KeyboardEvent};

use super::filters::SEARCH_ID;
use crate::browser;
use crate::components::choice::Checkbox;
use crate::components::dialog::Dialog;

/// Where it is kept that the keys are turned off.
const SHORTCUTS_OFF_KEY: &str = "datapass.instruction.keys_off";

/// The keys, and what they do.
const KEYS: [(&str, &str); 6] = [
    ("j", "Aller à la demande suivante"),
    ("k", "Aller à la demande précédente"),
    ("Entrée", "Ouvrir la demande"),
    ("x", "Sélectionner la demande, ou la désélectionner"),
    ("/", "Aller à la recherche"),
    ("?", "Afficher ces raccourcis"),
];

/// Listens to the keys, and lists them.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let open = RwSignal::new(false);
    let is_on = RwSignal::new(browser::stored(SHORTCUTS_OFF_KEY).is_none());
    let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if is_on.get_untracked() {
            follow(&event, open);
        }
    });
    on_cleanup(move || handle.remove());
    let turn = move |on: bool| {
        is_on.set(on);
        if on {
            browser::forget(SHORTCUTS_OFF_KEY);
        } else {
            browser::store(SHORTCUTS_OFF_KEY, "1");
        }
    };
    let keys = move || {
        let line = |(key, what)| {
            view! {
                <div>
                    <dt>
                        <kbd>{key}</kbd>
                    </dt>
                    <dd>{what}</dd>
                </div>
            }
        };
        KEYS.map(line).collect_view()
    };
    view! {
        <p class="fr-mt-2w dp-no-print">
            <button
                type="button"
                class="fr-btn fr-btn--tertiary-no-outline fr-btn--sm"
                aria-haspopup="dialog"
                on:click=move |_| open.set(true)
            >
                "Raccourcis clavier"
            </button>
        </p>
        <Dialog id="raccourcis" title="Raccourcis clavier" open>
            <dl class="dp-keys">{keys}</dl>
            <Checkbox
                id="raccourcis-actifs"
                label=|| "Utiliser ces raccourcis"
                hint="Ils sont sans effet pendant la saisie d’un texte. Ce choix est conservé dans ce navigateur."
                checked=is_on
                on_change=turn
            />
        </Dialog>
    }
}

fn follow(event: &KeyboardEvent, open: RwSignal<bool>) {
    let is_used = event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented();
    if is_used || document().query_selector("dialog[open]").ok().flatten().is_some() {
        return;
    }
    let focused = document().active_element();
    if focused.as_ref().is_some_and(is_typed_in) {
        return;
    }
    let row = focused.and_then(|focused| focused.closest(ROW).ok().flatten());
    let is_done = match event.key().as_str() {
        "j" | "J" => go(row.as_ref(), true),
        "k" | "K" => go(row.as_ref(), false),
        "x" | "X" => row.is_some_and(|row| click(&row, "input[type=checkbox]")),
        "Enter" => row.is_some_and(|row| !on_link() && click(&row, LINK)),
        "/" => browser::focus(SEARCH_ID),
        "?" => {
            open.set(true);
            true
        }
        _ => false,
    };
    if is_done {
        event.prevent_default();
    }
}

const ROW: &str = "tr.dp-row";
const LINK: &str = ".dp-row-link";

/// Whether keys are letters there.
fn is_typed_in(element: &Element) -> bool {
    match element.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => {
            !matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "radio" | "button" | "submit"))
        }
        _ => element.has_attribute("contenteditable"),
    }
}

fn on_link() -> bool {
    document().active_element().is_some_and(|element| matches!(element.tag_name().as_str(), "A" | "BUTTON"))
}

/// To the next row, or to the one before; to the first from outside.
fn go(row: Option<&Element>, forward: bool) -> bool {
    let target = match row {
        Some(row) if forward => row.next_element_sibling(),
        Some(row) => row.previous_element_sibling(),
        None => document().query_selector(ROW).ok().flatten(),
    };
    let link = target.and_then(|row| row.query_selector(LINK).ok().flatten());
    link.and_then(|link| link.dyn_into::<HtmlElement>().ok()).is_some_and(|link| link.focus().is_ok())
}

fn click(row: &Element, selector: &str) -> bool {
    let target = row.query_selector(selector).ok().flatten().and_then(|found| found.dyn_into::<HtmlElement>().ok());
    target.inspect(HtmlElement::click).is_some()
}
