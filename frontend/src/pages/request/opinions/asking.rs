//! The form that asks for an opinion: of whom, until when, what.

use chrono::{Days, NaiveDate};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::opinion::{Candidate, NewOpinion, due_problem, question_problem};

use super::{ASK_ID, Opinions};
use crate::api::{ApiError, opinions as api};
use crate::browser;
use crate::components::choice::{Choice, Select};
use crate::components::composer::{kept, trouble};
use crate::components::date;
use crate::components::field::{TextArea, TextInput};
use crate::form::backup::PREFIX;
use crate::loader::Loader;

const RECIPIENT: &str = "avis-destinataire";
const DUE: &str = "avis-echeance";
const QUESTION: &str = "avis-question";

/// How many days one has to answer, unless the form says otherwise.
const USUAL_DAYS: u64 = 14;

/// The form, once it is known whom one may ask.
#[component]
pub fn AskForm(
    /// Where the question goes.
    opinions: Opinions,
) -> impl IntoView {
    let candidates = Loader::new(move || api::candidates(opinions.id));
    let close = move |_| {
        opinions.is_asking.set(false);
        browser::focus_soon(ASK_ID.to_owned());
    };
    candidates.view(move |candidates| {
        if candidates.is_empty() {
            return view! {
                <p>
                    "Personne d’autre que vous ne suit cette demande comme rapporteur. Un administrateur peut donner ce rôle."
                </p>
                <button type="button" class="fr-btn fr-btn--secondary" on:click=close>
                    "Fermer"
                </button>
            }
            .into_any();
        }
        view! { <Form opinions candidates /> }.into_any()
    })
}

#[component]
fn Form(
    /// Where the question goes.
    opinions: Opinions,
    /// Whom one may ask.
    candidates: Vec<Candidate>,
) -> impl IntoView {
    let today = date::today();
    let usual = today.checked_add_days(Days::new(USUAL_DAYS)).unwrap_or(today);
    let recipient = RwSignal::new(String::new());
    let due_on = RwSignal::new(usual.to_string());
    let question = kept(format!("{PREFIX}avis.{}", opinions.id));
    let is_tried = RwSignal::new(false);
    let is_sending = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);

    let day = move || due_on.with(|text| text.parse::<NaiveDate>().ok());
    let recipient_error = Signal::derive(move || {
        (is_tried.get() && recipient.with(String::is_empty)).then(|| "Choisissez à qui demander cet avis.".to_owned())
    });
    let due_error = Signal::derive(move || match day() {
        _ if !is_tried.get() => None,
        None => Some("Choisissez un jour.".to_owned()),
        Some(day) => due_problem(day, today).map(|problem| problem.to_string()),
    });
    let question_error = Signal::derive(move || {
        is_tried
            .get()
            .then(|| question.with(|text| question_problem(text)))
            .flatten()
            .map(|problem| problem.to_string())
    });
    let send = move || {
        if is_sending.get_untracked() {
            return;
        }
        is_tried.set(true);
        let errors = [(RECIPIENT, recipient_error), (DUE, due_error), (QUESTION, question_error)];
        if let Some((wrong, _)) = errors.iter().find(|(_, error)| error.with_untracked(Option::is_some)) {
            browser::focus(wrong);
            return;
        }
        let (Ok(recipient), Some(due_on)) = (recipient.get_untracked().parse(), untrack(day)) else { return };
        let new = NewOpinion { recipient, question: question.get_untracked(), due_on };
        failure.set(None);
        is_sending.set(true);
        spawn_local(async move {
            let answer = api::ask(opinions.id, new).await;
            // The page is gone.
            if is_sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(all) => {
                    question.set(String::new());
                    opinions.is_asking.set(false);
                    opinions.done(all, "La demande d’avis est envoyée.");
                    browser::focus_soon(ASK_ID.to_owned());
                }
                Err(error) => failure.set(Some(error)),
            }
        });
    };
    let choices: Vec<Choice> =
        candidates.into_iter().map(|one| Choice::new(one.recipient.to_string(), one.label)).collect();
    browser::focus_soon(RECIPIENT.to_owned());
    view! {
        <form
            class="dp-compose dp-no-print"
            novalidate=true
            aria-labelledby="avis-titre"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <h3 class="fr-h6" id="avis-titre">
                "Demander un avis"
            </h3>
            <Select
                id=RECIPIENT
                label="À qui"
                hint="Dans un groupe, la première réponse vaut pour tous."
                required=true
                choices=Signal::stored(choices)
                value=recipient
                error=recipient_error
                on_change=move |chosen: String| recipient.set(chosen)
            />
            <TextInput
                id=DUE
                label="Réponse attendue au plus tard le"
                hint="Un rappel est envoyé la veille."
                kind="date"
                required=true
                value=due_on
                error=due_error
                on_input=move |text: String| due_on.set(text)
            />
            <TextArea
                id=QUESTION
                label="Votre question"
                hint="Elle est envoyée par courriel avec un lien vers la demande."
                required=true
                rows=4
                value=question
                error=question_error
                on_input=move |text: String| question.set(text)
            />
            <div aria-live="assertive">
                {move || failure.get().map(|error| trouble("La demande d’avis n’a pas été envoyée", error))}
            </div>
            <ul class="fr-btns-group fr-btns-group--inline-md">
                <li>
                    <button type="submit" class="fr-btn" aria-disabled=move || is_sending.get().then_some("true")>
                        {move || if is_sending.get() { "Envoi en cours…" } else { "Envoyer la demande d’avis" }}
                    </button>
                </li>
                <li>
                    <button
                        type="button"
                        class="fr-btn fr-btn--secondary"
                        on:click=move |_| {
                            opinions.is_asking.set(false);
                            browser::focus_soon(ASK_ID.to_owned());
                        }
                    >
                        "Annuler"
                    </button>
                </li>
            </ul>
        </form>
    }
}
