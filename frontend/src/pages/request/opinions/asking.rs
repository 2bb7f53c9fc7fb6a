//! Asks for an opinion: of whom, until when, what.

use chrono::{Days, NaiveDate};
use leptos::prelude::*;
use shared::opinion::{Candidate, NewOpinion, due_flaw, question_flaw};

use super::{ASK_ID, Opinions};
use crate::api::opinions as api;
use crate::browser::{self, DRAFT_PREFIX};
use crate::components::choice::{Choice, Select};
use crate::components::date;
use crate::components::field::{TextArea, TextInput};
use crate::loader::Loader;
use crate::pages::request::composer::{TEXT_IS_KEPT, kept_text};
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::{InputErrors, Submission};

const RECIPIENT: &str = "avis-destinataire";
const DUE: &str = "avis-echeance";
const QUESTION: &str = "avis-question";

/// How many days one has to answer, unless the form says otherwise.
const USUAL_DAYS: u64 = 14;

/// What is typed.
#[derive(Clone, Copy)]
struct Input {
    recipient: RwSignal<String>,
    due_on: RwSignal<String>,
    question: RwSignal<String>,
}

impl Input {
    fn day(self) -> Option<NaiveDate> {
        self.due_on.with(|text| text.parse().ok())
    }

    fn errors(self, today: NaiveDate) -> InputErrors {
        let recipient = self.recipient.with(String::is_empty).then(|| "Choisissez à qui demander cet avis.".to_owned());
        let due_on = match self.day() {
            None => Some("Choisissez un jour.".to_owned()),
            Some(day) => due_flaw(day, today).map(|flaw| flaw.to_string()),
        };
        let question = self.question.with(|text| question_flaw(text)).map(|flaw| flaw.to_string());
        [("/recipient", recipient), ("/due_on", due_on), ("/question", question)]
            .into_iter()
            .filter_map(|(pointer, error)| Some((pointer, error?)))
            .collect()
    }

    fn opinion(self) -> Option<NewOpinion> {
        let recipient = self.recipient.get().parse().ok()?;
        Some(NewOpinion { recipient, question: self.question.get(), due_on: self.day()? })
    }
}

/// The form, once it is known whom one may ask.
#[component]
pub fn AskOpinionForm(
    /// The opinions on the request.
    opinions: Opinions,
) -> impl IntoView {
    let candidates = Loader::new(move || api::candidates(opinions.id));
    candidates.view(move |candidates| {
        if candidates.is_empty() {
            return view! {
                <p>
                    "Personne d’autre que vous ne suit cette demande comme rapporteur. Un administrateur peut donner ce rôle."
                </p>
                <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| close(opinions)>
                    "Fermer"
                </button>
            }
            .into_any();
        }
        view! { <QuestionForm opinions candidates /> }.into_any()
    })
}

/// Goes back to the button that opened the form.
fn close(opinions: Opinions) {
    opinions.is_asking.set(false);
    browser::focus_soon(ASK_ID.to_owned());
}

#[component]
fn QuestionForm(opinions: Opinions, candidates: Vec<Candidate>) -> impl IntoView {
    let today = date::today();
    let usual = today.checked_add_days(Days::new(USUAL_DAYS)).unwrap_or(today);
    let input = Input {
        recipient: RwSignal::new(String::new()),
        due_on: RwSignal::new(usual.to_string()),
        question: kept_text(format!("{DRAFT_PREFIX}avis.{}", opinions.id)),
    };
    let inputs = [("/recipient", RECIPIENT), ("/due_on", DUE), ("/question", QUESTION)];
    let submission = Submission::new("demande-avis", &inputs, move || input.errors(today));
    let send = move || {
        let Some(new) = submission.is_ready().then(|| untrack(|| input.opinion())).flatten() else { return };
        submission.send(api::ask(opinions.id, new), move |all| {
            input.question.set(String::new());
            opinions.done(all, "La demande d’avis est envoyée.");
            close(opinions);
        });
    };
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
            <Inputs input submission candidates />
            <RefusalAlert submission title="La demande d’avis n’a pas été envoyée" note=TEXT_IS_KEPT />
            <ul class="fr-btns-group fr-btns-group--inline-md">
                <li>
                    <SubmitButton submission label="Envoyer la demande d’avis" />
                </li>
                <li>
                    <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| close(opinions)>
                        "Annuler"
                    </button>
                </li>
            </ul>
        </form>
    }
}

#[component]
fn Inputs(input: Input, submission: Submission, candidates: Vec<Candidate>) -> impl IntoView {
    let choices: Vec<Choice> =
        candidates.into_iter().map(|one| Choice::new(one.recipient.to_string(), one.label)).collect();
    view! {
        <Select
            id=RECIPIENT
            label="À qui"
            hint="Dans un groupe, la première réponse vaut pour tous."
            required=true
            choices=Signal::stored(choices)
            value=input.recipient
            error=submission.error_at("/recipient")
            on_change=move |chosen: String| input.recipient.set(chosen)
        />
        <TextInput
            id=DUE
            label="Réponse attendue au plus tard le"
            hint="Un rappel est envoyé la veille."
            kind="date"
            required=true
            value=input.due_on
            error=submission.error_at("/due_on")
            on_input=move |text: String| input.due_on.set(text)
        />
        <TextArea
            id=QUESTION
            label="Votre question"
            hint="Elle est envoyée par courriel avec un lien vers la demande. Le demandeur ne la voit jamais."
            required=true
            rows=4
            value=input.question
            error=submission.error_at("/question")
            on_input=move |text: String| input.question.set(text)
        />
    }
}
