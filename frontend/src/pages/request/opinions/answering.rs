//! Answers a request for an opinion: for or against, and why.

use leptos::prelude::*;
use shared::opinion::{NewAnswer, Verdict, text_flaw};

use super::{ID, Opinions};
use crate::api::opinions as api;
use crate::browser::{self, DRAFT_PREFIX};
use crate::components::choice::{Choice, RadioGroup};
use crate::components::field::TextArea;
use crate::pages::request::composer::{TEXT_IS_KEPT, kept_text};
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::{InputErrors, Submission};

fn errors(verdict: Option<Verdict>, text: &str) -> InputErrors {
    match verdict {
        None => vec![("/verdict", "Choisissez le sens de votre avis.".to_owned())],
        Some(verdict) => text_flaw(verdict, text).map(|flaw| ("/text", flaw.to_string())).into_iter().collect(),
    }
}

#[component]
pub fn AnswerForm(
    /// The opinions on the request.
    opinions: Opinions,
    /// Number of the opinion.
    number: i64,
) -> impl IntoView {
    let (verdict_id, text_id) = (format!("avis-{number}-sens"), format!("avis-{number}-texte"));
    let verdict = RwSignal::new(String::new());
    let text = kept_text(format!("{DRAFT_PREFIX}avis.reponse.{number}"));
    let chosen = move || verdict.with(|verdict| verdict.parse::<Verdict>().ok());
    let inputs = [("/verdict", verdict_id.as_str()), ("/text", text_id.as_str())];
    let check = move || text.with(|text| errors(chosen(), text));
    let submission = Submission::new(&format!("avis-{number}"), &inputs, check);
    let send = move || {
        let Some(verdict) = submission.is_ready().then(|| untrack(chosen)).flatten() else { return };
        let new = NewAnswer { verdict, text: text.get_untracked() };
        submission.send(api::answer(opinions.id, number, new), move |all| {
            text.set(String::new());
            opinions.done(all, "Votre avis est rendu.");
            browser::focus_soon(ID.to_owned());
        });
    };
    let choices = Verdict::ALL.iter().map(|verdict| Choice::new(verdict.as_str(), verdict.label())).collect();
    view! {
        <form
            class="dp-compose dp-no-print"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <RadioGroup
                id=verdict_id
                legend="Votre avis"
                required=true
                choices
                value=verdict
                error=submission.error_at("/verdict")
                on_change=move |chosen: String| verdict.set(chosen)
            />
            <TextArea
                id=text_id
                label="Vos raisons"
                hint="Facultatives si l’avis est favorable. Un avis rendu ne se modifie plus."
                rows=4
                value=text
                error=submission.error_at("/text")
                on_input=move |written: String| text.set(written)
            />
            <RefusalAlert submission title="Votre avis n’a pas été envoyé" note=TEXT_IS_KEPT />
            <SubmitButton submission label="Rendre cet avis" class="fr-btn fr-mb-2w" />
        </form>
    }
}
