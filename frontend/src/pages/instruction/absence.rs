//! An instructor who is away: nothing is handed over to them meanwhile.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::queue::Absence;

use crate::api;
use crate::components::alert::{Alert, Tone};
use crate::components::date;
use crate::components::disclosure::Accordion;
use crate::components::field::TextInput;
use crate::loader::Loader;

/// Says that the reader is away, and lets them come back.
#[component]
pub fn AwayBanner(
    /// Until when.
    absence: Loader<Absence>,
    /// Called once they are back.
    on_change: Callback<()>,
) -> impl IntoView {
    let error = RwSignal::new(None::<String>);
    let come_back = move |_| send(Absence::default(), absence, error, on_change);
    move || {
        absence.get().and_then(|absence| absence.until).map(|until| {
            view! {
                <Alert tone=Tone::Info title=format!("Vous êtes en congé jusqu’au {}", date::day(until))>
                    <p>"Jusqu’à la fin de ce jour, aucune demande ne peut vous être confiée. Celles que vous suiviez et qui attendaient une réponse ne sont plus à personne."</p>
                    <button type="button" class="fr-btn fr-btn--secondary fr-btn--sm fr-mt-1w" on:click=come_back>
                        "Mettre fin à mon congé"
                    </button>
                    <div aria-live="assertive">{move || error.get().map(|error| view! { <p class="fr-error-text">{error}</p> })}</div>
                </Alert>
            }
        })
    }
}

/// Where one says that one will be away.
#[component]
pub fn GoAway(
    /// Until when they are.
    absence: Loader<Absence>,
    /// Called once they are.
    on_change: Callback<()>,
) -> impl IntoView {
    let day = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match day.get_untracked().parse() {
            Ok(until) => send(Absence { until: Some(until) }, absence, error, on_change),
            Err(_) => {
                error.set(Some("Choisissez le dernier jour de votre congé.".to_owned()));
                crate::browser::focus(DAY_ID);
            }
        }
    };
    view! {
        <div class="fr-accordions-group fr-mt-3w dp-no-print">
            <Accordion id="conge" title="Partir en congé" level=2>
                <p>
                    "Les demandes que vous suivez et qui n’ont pas encore reçu de réponse ne seront plus à personne, et vos collègues ne pourront rien vous confier."
                </p>
                <form on:submit=submit>
                    <TextInput
                        id=DAY_ID
                        label="Dernier jour de congé"
                        kind="date"
                        required=true
                        value=day
                        error
                        on_input=move |value: String| {
                            error.set(None);
                            day.set(value);
                        }
                    />
                    <button type="submit" class="fr-btn fr-btn--secondary fr-mt-2w">
                        "Je serai en congé"
                    </button>
                </form>
            </Accordion>
        </div>
    }
}

/// Id of the field of the day.
const DAY_ID: &str = "conge-jour";

fn send(absence: Absence, loader: Loader<Absence>, error: RwSignal<Option<String>>, on_change: Callback<()>) {
    spawn_local(async move {
        match api::queue::be_absent(absence).await {
            Ok(absence) => {
                error.try_set(None);
                loader.set(absence);
                on_change.run(());
                crate::browser::focus_soon(super::TOP_ID.to_owned());
            }
            Err(failure) => {
                error.try_set(Some(failure.message()));
            }
        }
    });
}
