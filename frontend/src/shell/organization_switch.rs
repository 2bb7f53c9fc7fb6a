//! The organisation switcher of the header.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{FocusEvent, Node};
use leptos_router::hooks::use_location;
use shared::organization::Organization;
use shared::user::User;

use crate::api::with_return_to;
use crate::browser;
use crate::components::siret::{grouped, name_of};
use crate::context::AppContext;

const ALL: &str = "Toutes mes organisations";

/// A button with the chosen organisation, over the list. Nothing where there is neither an organisation nor a way to
/// join one.
#[component]
pub fn OrganizationSwitch(
    /// Id of the list; unique in the page.
    id: &'static str,
    /// Whose organisations.
    user: User,
    /// The page where one joins another.
    join_url: Option<String>,
) -> impl IntoView {
    let organizations = user.organizations;
    if organizations.is_empty() && join_url.is_none() {
        return ().into_any();
    }
    let is_open = RwSignal::new(false);
    let button = format!("{id}-bouton");
    let close = {
        let button = button.clone();
        Callback::new(move |()| {
            is_open.set(false);
            browser::focus(&button);
        })
    };
    let choices = choices(&organizations, close);
    let join = join_url.map(|url| join_link(url, organizations.is_empty()));
    view! {
        <div
            class="dp-switch"
            on:keydown=move |event| {
                if event.key() == "Escape" && is_open.get_untracked() {
                    event.stop_propagation();
                    close.run(());
                }
            }
            on:focusout=move |event| {
                if has_left(&event) {
                    is_open.set(false);
                }
            }
        >
            <button
                type="button"
                id=button
                class="fr-btn dp-switch__button"
                aria-expanded=move || is_open.get().to_string()
                aria-controls=id
                on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
            >
                <span class="fr-sr-only">"Organisation\u{a0}: "</span>
                {move || shown(&organizations)}
            </button>
            <ul id=id class="dp-switch__list" hidden=move || !is_open.get()>
                {choices}
                {join}
            </ul>
        </div>
    }
    .into_any()
}

/// The organisations to choose from; nothing to choose where there is only one.
fn choices(organizations: &[Organization], close: Callback<()>) -> Option<AnyView> {
    let context = AppContext::get();
    let chosen = Memo::new(move |_| context.organization().map(|organization| organization.siret.to_string()));
    let choice = move |siret: Option<String>, label: String, hint: Option<String>| {
        let own = siret.clone();
        view! {
            <li>
                <button
                    type="button"
                    class="dp-switch__item"
                    aria-current=move || chosen.with(|chosen| *chosen == own).then_some("true")
                    on:click=move |_| {
                        context.choose_organization(siret.clone());
                        close.run(());
                    }
                >
                    {label}
                    {hint.map(|hint| view! { <span class="dp-switch__hint">{hint}</span> })}
                </button>
            </li>
        }
    };
    match organizations {
        [] => None,
        [only] => Some(view! { <li class="dp-switch__item">{number(only)}</li> }.into_any()),
        several => {
            let each = several
                .iter()
                .map(|own| choice(Some(own.siret.to_string()), name_of(own), Some(number(own))))
                .collect_view();
            Some(view! { {choice(None, ALL.to_owned(), None)} {each} }.into_any())
        }
    }
}

fn number(organization: &Organization) -> String {
    format!("SIRET {}", grouped(organization.siret.as_str()))
}

/// What the button says.
fn shown(organizations: &[Organization]) -> String {
    match organizations {
        [] => "Aucune organisation".to_owned(),
        [only] => name_of(only),
        _ => AppContext::get().organization().map_or_else(|| ALL.to_owned(), |chosen| name_of(&chosen)),
    }
}

fn join_link(url: String, is_first: bool) -> AnyView {
    let path = use_location().pathname;
    let href = move || {
        path.track();
        with_return_to(&url)
    };
    view! {
        <li>
            <a class="dp-switch__item fr-icon-add-line" rel="external" href=href>
                {if is_first { "Rejoindre une organisation" } else { "Rejoindre une autre organisation" }}
            </a>
        </li>
    }
    .into_any()
}

/// Whether the focus goes elsewhere. Where it goes nowhere, a click may still be under way in the list.
fn has_left(event: &FocusEvent) -> bool {
    let node = |target: Option<leptos::web_sys::EventTarget>| target.and_then(|target| target.dyn_into::<Node>().ok());
    match (node(event.current_target()), node(event.related_target())) {
        (Some(list), Some(next)) => !list.contains(Some(&next)),
        _ => false,
    }
}
