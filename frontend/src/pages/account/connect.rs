//! The form that connects a tool.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::access::{ApiClientWithSecret, ApiScope, NewApiClient};

use crate::api::account;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::Checkbox;
use crate::components::field::{Messages, TextInput, messages_id};

const NAME: &str = "outil-nom";
const RIGHTS: &str = "outil-droits";

/// The form.
#[component]
pub fn ConnectForm(
    /// Called with the tool and its secret.
    on_secret: Callback<ApiClientWithSecret>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let scopes = RwSignal::new(Vec::<ApiScope>::new());
    let is_tried = RwSignal::new(false);
    let is_sending = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let name_error = Signal::derive(move || {
        let is_missing = is_tried.get() && name.with(|name| name.trim().is_empty());
        is_missing.then(|| "Nommez l’outil, pour le reconnaître.".to_owned())
    });
    let rights_error = Signal::derive(move || {
        let is_missing = is_tried.get() && scopes.with(Vec::is_empty);
        is_missing.then(|| "Choisissez au moins un droit.".to_owned())
    });
    let send = move || {
        is_tried.set(true);
        for (error, id) in [(name_error, NAME), (rights_error, RIGHTS)] {
            if error.with_untracked(Option::is_some) {
                browser::focus(id);
                return;
            }
        }
        trouble.set(None);
        is_sending.set(true);
        let new = NewApiClient { name: name.get_untracked(), scopes: scopes.get_untracked() };
        spawn_local(async move {
            let made = account::connect(new).await;
            is_sending.try_set(false);
            match made {
                Ok(made) => {
                    is_tried.try_set(false);
                    name.try_set(String::new());
                    scopes.try_set(Vec::new());
                    on_secret.run(made);
                }
                Err(error) => {
                    trouble.try_set(Some(error.message()));
                }
            }
        });
    };
    let boxes = ApiScope::ALL
        .iter()
        .map(|&scope| {
            let checked = Signal::derive(move || scopes.with(|scopes| scopes.contains(&scope)));
            let on_change = Callback::new(move |is_ticked| {
                scopes.update(|scopes| {
                    scopes.retain(|other| *other != scope);
                    if is_ticked {
                        scopes.push(scope);
                    }
                });
            });
            view! {
                <div class="fr-fieldset__element">
                    <Checkbox
                        id=format!("outil-{}", scope.as_str().replace(':', "-"))
                        label=move || scope.label()
                        hint=format!("{} ({scope})", scope.meaning())
                        checked
                        on_change
                    />
                </div>
            }
        })
        .collect_view();
    view! {
        <form
            class="dp-panel fr-mt-4w"
            novalidate=true
            aria-labelledby="connecter-un-outil"
            on:submit=move |event| {
                event.prevent_default();
                if !is_sending.get_untracked() {
                    send();
                }
            }
        >
            <h3 class="fr-h5" id="connecter-un-outil">
                "Connecter un outil"
            </h3>
            {move || {
                trouble
                    .get()
                    .map(|trouble| {
                        view! {
                            <Alert tone=Tone::Error title="L’outil n’a pas été connecté" live=true>
                                <p>{trouble}</p>
                            </Alert>
                        }
                    })
            }}
            <TextInput
                id=NAME
                label="Nom de l’outil"
                hint="Pour vous y retrouver. Par exemple\u{a0}: logiciel de suivi des conventions."
                required=true
                autocomplete="off"
                value=name
                error=name_error
                on_input=Callback::new(move |text| name.set(text))
            />
            <fieldset
                class=move || {
                    if rights_error.with(Option::is_some) { "fr-fieldset fr-fieldset--error" } else { "fr-fieldset" }
                }
                id=RIGHTS
                aria-labelledby=format!("{RIGHTS}-legend {}", messages_id(RIGHTS))
            >
                <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id=format!("{RIGHTS}-legend")>
                    "Ce que l’outil pourra faire"
                    <span class="fr-hint-text">"Ne donnez que ce dont il a besoin."</span>
                </legend>
                {boxes}
                <Messages id=RIGHTS error=rights_error />
            </fieldset>
            <button type="submit" class="fr-btn" aria-disabled=move || is_sending.get().then_some("true")>
                "Connecter cet outil"
            </button>
        </form>
    }
}
