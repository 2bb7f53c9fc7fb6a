//! Connects an API client.

use leptos::prelude::*;
use shared::access::{ApiClientWithSecret, ApiScope, NewApiClient};

use super::identity::{IdentityHint, leave_to_confirm};
use crate::api::account;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{CheckboxGroup, Choice};
use crate::components::field::TextInput;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::{InputErrors, Submission};
use crate::{browser, json};

const NAME: &str = "outil-nom";
const SCOPES: &str = "outil-droits";
const BACK: &str = "outil-repris";

/// Where what was typed is kept while one shows who one is.
const BEGUN: &str = "datapass.outil";

/// What was typed before, if anything was.
fn begun() -> Option<NewApiClient> {
    serde_json::from_value(json::parse(&browser::take_back(BEGUN)?)?).ok()
}

fn errors(name: &str, scopes: &[ApiScope]) -> InputErrors {
    let mut errors = Vec::new();
    if name.trim().is_empty() {
        errors.push(("/name", "Nommez l’outil, pour le reconnaître.".to_owned()));
    }
    if scopes.is_empty() {
        errors.push(("/scopes", "Choisissez au moins un droit.".to_owned()));
    }
    errors
}

#[component]
pub fn ConnectToolForm(
    /// Called with the tool and its secret.
    on_secret: Callback<ApiClientWithSecret>,
) -> impl IntoView {
    let begun = begun();
    let is_resumed = RwSignal::new(begun.is_some());
    let begun = begun.unwrap_or(NewApiClient { name: String::new(), scopes: Vec::new() });
    let (name, scopes) = (RwSignal::new(begun.name), RwSignal::new(begun.scopes));
    Effect::new(move |_| {
        if is_resumed.get() {
            browser::focus_soon(BACK.to_owned());
        }
    });
    let submission = Submission::new("connecter-un-outil", &[("/name", NAME), ("/scopes", SCOPES)], move || {
        name.with(|name| scopes.with(|scopes| errors(name, scopes)))
    });
    let send = move || {
        if submission.is_ready() {
            let new = NewApiClient { name: name.get_untracked(), scopes: scopes.get_untracked() };
            let text = serde_json::to_value(&new).map(|new| json::print(&new)).unwrap_or_default();
            submission.send_then(account::connect(new), move |answer| match answer {
                Ok(made) => {
                    name.set(String::new());
                    scopes.set(Vec::new());
                    is_resumed.set(false);
                    on_secret.run(made);
                }
                Err(error) => {
                    leave_to_confirm(&error, BEGUN, &text);
                }
            });
        }
    };
    view! {
        <form
            class="dp-panel fr-mt-4w"
            novalidate=true
            aria-labelledby="connecter-un-outil"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <h3 class="fr-h5" id="connecter-un-outil">
                "Connecter un outil"
            </h3>
            <IdentityHint />
            {move || is_resumed.get().then(resumed)}
            <RefusalAlert submission title="L’outil n’a pas été connecté" />
            <TextInput
                id=NAME
                label="Nom de l’outil"
                hint="Pour vous y retrouver. Par exemple\u{a0}: logiciel de suivi des conventions."
                required=true
                autocomplete="off"
                value=name
                error=submission.error_at("/name")
                on_input=Callback::new(move |text| name.set(text))
            />
            <Scopes scopes error=submission.error_at("/scopes") />
            <SubmitButton submission label="Connecter cet outil" />
        </form>
    }
}

/// Says that what was typed is still there. It has the focus when one comes back.
fn resumed() -> impl IntoView {
    view! {
        <div id=BACK tabindex="-1">
            <Alert tone=Tone::Info title="Votre saisie est conservée">
                <p>"Vérifiez-la, puis connectez l’outil."</p>
            </Alert>
        </div>
    }
}

/// What the tool may do.
#[component]
fn Scopes(scopes: RwSignal<Vec<ApiScope>>, error: Signal<Option<String>>) -> impl IntoView {
    let choice = |scope: &ApiScope| Choice {
        hint: format!("{} ({scope})", scope.meaning()),
        ..Choice::new(scope.as_str(), scope.label())
    };
    let chosen = Signal::derive(move || scopes.with(|scopes| scopes.iter().map(ToString::to_string).collect()));
    let on_change = Callback::new(move |(name, is_ticked): (String, bool)| {
        scopes.update(|scopes| {
            scopes.retain(|other| other.as_str() != name);
            if is_ticked {
                scopes.extend(name.parse::<ApiScope>());
            }
        });
    });
    view! {
        <CheckboxGroup
            id=SCOPES
            legend="Ce que l’outil pourra faire"
            hint="Ne donnez que ce dont il a besoin."
            choices=ApiScope::ALL.iter().map(choice).collect()
            chosen
            error
            on_change
        />
    }
}
