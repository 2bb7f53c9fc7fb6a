//! The absence of an instructor, to whom nothing is assigned meanwhile.

use chrono::NaiveDate;
use leptos::prelude::*;
use shared::queue::Absence;

use crate::api::{self, ApiError};
use crate::browser;
use crate::components::accordion::Accordion;
use crate::components::alert::{Alert, Tone};
use crate::components::date;
use crate::components::field::TextInput;
use crate::loader::Loader;
use crate::shell::submitting::{RefusalAlert, RefusalBox, SubmitButton};
use crate::submission::Submission;

/// Says that the reader is away, and lets them come back.
#[component]
pub fn AbsenceBanner(
    /// Until when.
    absence: Loader<Absence>,
    /// Called once they are back.
    on_change: Callback<()>,
) -> impl IntoView {
    let submission = Submission::of_button("retour-de-conge");
    let come_back = move |_| send(Absence::default(), absence, submission, on_change);
    let refusal = |error: ApiError| view! { <p class="fr-error-text">{error.message()}</p> }.into_any();
    move || {
        absence.get().and_then(|absence| absence.until).map(|until| {
            view! {
                <Alert tone=Tone::Info title=format!("Vous êtes en congé jusqu’au {}", date::day(until))>
                    <p>"Jusqu’à la fin de ce jour, aucune demande ne peut vous être confiée. Celles que vous suiviez et qui attendaient une réponse ne sont plus attribuées."</p>
                    <button type="button" class="fr-btn fr-btn--secondary fr-btn--sm fr-mt-1w" on:click=come_back>
                        "Mettre fin à mon congé"
                    </button>
                    <RefusalBox submission show=refusal />
                </Alert>
            }
        })
    }
}

/// Where one says that one will be away.
#[component]
pub fn AbsenceForm(
    /// Until when they are.
    absence: Loader<Absence>,
    /// Called once they are.
    on_change: Callback<()>,
) -> impl IntoView {
    let day = RwSignal::new(String::new());
    let submission = Submission::new("conge", &[("/until", DAY_ID)], move || {
        let is_missing = day.with(|day| day.parse::<NaiveDate>().is_err());
        is_missing.then(|| ("/until", "Choisissez le dernier jour de votre congé.".to_owned())).into_iter().collect()
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let (true, Ok(until)) = (submission.is_ready(), day.get_untracked().parse()) {
            send(Absence { until: Some(until) }, absence, submission, on_change);
        }
    };
    view! {
        <div class="fr-accordions-group fr-mt-3w dp-no-print">
            <Accordion id="conge" title="Partir en congé" level=2>
                <p>
                    "Les demandes que vous suivez et qui n’ont pas encore reçu de réponse ne seront plus attribuées, et vos collègues ne pourront rien vous confier."
                </p>
                <form on:submit=submit>
                    <TextInput
                        id=DAY_ID
                        label="Dernier jour de congé"
                        kind="date"
                        required=true
                        value=day
                        error=submission.error_at("/until")
                        on_input=move |value: String| day.set(value)
                    />
                    <RefusalAlert submission title="Votre congé n’est pas enregistré" />
                    <SubmitButton submission label="Je serai en congé" class="fr-btn fr-btn--secondary fr-mt-2w" />
                </form>
            </Accordion>
        </div>
    }
}

/// Id of the field of the day.
const DAY_ID: &str = "conge-jour";

fn send(absence: Absence, loader: Loader<Absence>, submission: Submission, on_change: Callback<()>) {
    submission.send(api::queue::set_absence(absence), move |absence| {
        loader.set(absence);
        on_change.run(());
        browser::focus_soon(super::TOP_ID.to_owned());
    });
}
