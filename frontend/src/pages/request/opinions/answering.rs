//! The form that answers: for or against, and why.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::opinion::{NewAnswer, Verdict, text_problem};

use super::{ID, Opinions};
use crate::api::{ApiError, opinions as api};
use crate::browser;
use crate::components::choice::{Choice, RadioGroup};
use crate::components::composer::{kept, trouble};
use crate::components::field::TextArea;
use crate::form::backup::PREFIX;

/// The form.
#[component]
pub fn AnswerForm(
    /// Where the answer goes.
    opinions: Opinions,
    /// Number of the opinion.
    number: i64,
) -> impl IntoView {
    let (verdict_id, text_id) = (format!("avis-{number}-sens"), format!("avis-{number}-texte"));
    let verdict = RwSignal::new(String::new());
    let text = kept(format!("{PREFIX}avis.reponse.{number}"));
    let is_tried = RwSignal::new(false);
    let is_sending = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);

    let chosen = move || verdict.with(|verdict| verdict.parse::<Verdict>().ok());
    let verdict_error = Signal::derive(move || {
        (is_tried.get() && chosen().is_none()).then(|| "Choisissez le sens de votre avis.".to_owned())
    });
    let text_error = Signal::derive(move || {
        let problem = chosen().and_then(|verdict| text.with(|text| text_problem(verdict, text)));
        problem.filter(|_| is_tried.get()).map(|problem| problem.to_string())
    });
    let (verdict_field, text_field) = (verdict_id.clone(), text_id.clone());
    let send = move || {
        if is_sending.get_untracked() {
            return;
        }
        is_tried.set(true);
        let errors = [(&verdict_field, verdict_error), (&text_field, text_error)];
        if let Some((wrong, _)) = errors.iter().find(|(_, error)| error.with_untracked(Option::is_some)) {
            browser::focus(wrong);
            return;
        }
        let Some(verdict) = untrack(chosen) else { return };
        let new = NewAnswer { verdict, text: text.get_untracked() };
        failure.set(None);
        is_sending.set(true);
        spawn_local(async move {
            let answer = api::answer(opinions.id, number, new).await;
            // The page is gone.
            if is_sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(all) => {
                    text.set(String::new());
                    opinions.done(all, "Votre avis est rendu.");
                    browser::focus_soon(ID.to_owned());
                }
                Err(error) => failure.set(Some(error)),
            }
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
                error=verdict_error
                on_change=move |chosen: String| verdict.set(chosen)
            />
            <TextArea
                id=text_id
                label="Vos raisons"
                hint="Facultatives si l’avis est favorable. Un avis rendu ne se modifie plus."
                rows=4
                value=text
                error=text_error
                on_input=move |written: String| text.set(written)
            />
            <div aria-live="assertive">
                {move || failure.get().map(|error| trouble("Votre avis n’a pas été envoyé", error))}
            </div>
            <button type="submit" class="fr-btn fr-mb-2w" aria-disabled=move || is_sending.get().then_some("true")>
                {move || if is_sending.get() { "Envoi en cours…" } else { "Rendre cet avis" }}
            </button>
        </form>
    }
}
