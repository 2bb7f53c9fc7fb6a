//! The end of the form: the way to the next step, what happens next, and how to abandon the draft.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::enrollment::Enrollment;
use shared::workflow::Action;

use super::handover::Handover;
use super::step_views::StepLink;
use super::steps::{Step, Steps};
use crate::components::alert::{Alert, Tone};
use crate::components::dialog::ConfirmDialog;
use crate::context::AppContext;
use crate::form::EnrollmentForm;
use crate::pages::request::applicant_actions::{Wording, wording};
use crate::pages::request::outline::section_anchor;

/// The end of the form.
#[component]
pub fn Closing(form: EnrollmentForm, steps: Steps, handover: Handover) -> impl IntoView {
    let on_press = handover.on_press();
    let ending = form.base().with_untracked(ending);
    let is_between = move || steps.is_by_step() && !steps.is_review();
    view! {
        {move || (steps.is_by_step() || steps.is_review()).then(|| moves(steps, handover, on_press))}
        <section class="dp-part" aria-labelledby="et-ensuite" hidden=is_between>
            <h2 class="fr-h3" id="et-ensuite">
                "Et ensuite\u{a0}?"
            </h2>
            <p>
                "Quand vous soumettez la demande, le fournisseur des données l’instruit. Vous recevez sa réponse par courriel\u{a0}: l’habilitation, ou une demande de précisions. En attendant, la demande reste consultable et ne peut plus être modifiée."
            </p>
            {ending.map(|ending| view! { <Abandon form ending /> })}
        </section>
    }
}

/// The ways to the steps around, and back to the check from a part that one came from there to change; at the end, the
/// submission.
fn moves(steps: Steps, handover: Handover, on_press: Callback<()>) -> AnyView {
    let (before, after) = if steps.is_by_step() { steps.around() } else { (None, None) };
    let checked = steps.checked();
    let back = checked.map(|section| {
        let to = section_anchor(section);
        view! {
            <li>
                <StepLink steps step=Step::Review class="fr-btn" to>
                    "Revenir à la vérification"
                </StepLink>
            </li>
        }
    });
    let before = before.map(|step| {
        view! {
            <li>
                <StepLink steps step class="fr-btn fr-btn--secondary">
                    "Précédent"
                    <span class="fr-sr-only">{format!("\u{a0}: {}", step.label())}</span>
                </StepLink>
            </li>
        }
    });
    let class = if checked.is_some() { "fr-btn fr-btn--secondary" } else { "fr-btn" };
    let after = after.map(|step| {
        view! {
            <li>
                <StepLink steps step class>
                    "Suivant"
                    <span class="fr-sr-only">{format!("\u{a0}: {}", step.label())}</span>
                </StepLink>
            </li>
        }
    });
    let submit = steps.is_review().then(|| {
        view! {
            <li>
                <button
                    type="button"
                    class="fr-btn"
                    aria-disabled=move || handover.is_busy().then_some("true")
                    on:click=move |_| on_press.run(())
                >
                    {move || handover.label()}
                </button>
            </li>
        }
    });
    view! {
        <ul class="fr-btns-group fr-btns-group--inline-md fr-mt-3w dp-no-print">
            {back}
            {before}
            {after}
            {submit}
        </ul>
    }
    .into_any()
}

/// How what is being written is given up.
#[derive(Clone)]
struct Abandonment {
    action: Action,
    button: &'static str,
    question: &'static str,
    explanation: &'static str,
    done: String,
    /// Where one goes afterwards; the user's requests, if nowhere else.
    path: Option<String>,
}

/// The way to give it up, if there is one.
fn ending(base: &Enrollment) -> Option<Abandonment> {
    let id = base.id;
    if base.allows(Action::CancelReopening) {
        let action = Action::CancelReopening;
        let Wording { button, question, explanation, done } = wording(action, base.status, true)?;
        let path = Some(format!("/demandes/{id}"));
        return Some(Abandonment { action, button, question, explanation, done: done.to_owned(), path });
    }
    let archive = Abandonment {
        action: Action::Archive,
        button: "Abandonner cette demande",
        question: "Abandonner cette demande\u{a0}?",
        explanation: "Vous ne la verrez plus dans vos demandes, et vous ne pourrez pas la récupérer vous-même.",
        done: format!("La demande n°\u{a0}{id} est abandonnée."),
        path: None,
    };
    if base.allows(Action::Delete) {
        return Some(Abandonment {
            action: Action::Delete,
            button: "Supprimer ce brouillon",
            question: "Supprimer ce brouillon\u{a0}?",
            explanation: "Vous pourrez le rétablir pendant 30 jours, au bas de vos demandes. Il sera ensuite effacé, avec ses fichiers.",
            done: format!(
                "Le brouillon n°\u{a0}{id} est supprimé. Vous pouvez le rétablir pendant 30 jours, au bas de vos demandes."
            ),
            path: None,
        });
    }
    base.allows(Action::Archive).then_some(archive)
}

#[component]
fn Abandon(form: EnrollmentForm, ending: Abandonment) -> impl IntoView {
    let Abandonment { action, button, question, explanation, done, path } = ending;
    let context = AppContext::get();
    let navigate = use_navigate();
    let is_asking = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let on_confirm = Callback::new(move |()| {
        let navigate = navigate.clone();
        let (done, path) = (done.clone(), path.clone());
        spawn_local(async move {
            match form.give_up(action).await {
                Ok(()) => {
                    context.flash(done);
                    let home = if context.user().is_some_and(|user| user.has_role()) { "/mes-demandes" } else { "/" };
                    navigate(path.as_deref().unwrap_or(home), NavigateOptions::default());
                }
                Err(message) => {
                    error.try_set(Some(message));
                }
            }
        });
    });
    view! {
        <div aria-live="assertive">
            {move || error.get().map(|error| view! { <Alert tone=Tone::Error><p>{error}</p></Alert> })}
        </div>
        <button
            type="button"
            class="fr-btn fr-btn--tertiary fr-icon-delete-line fr-btn--icon-left"
            aria-haspopup="dialog"
            on:click=move |_| is_asking.set(true)
        >
            {button}
        </button>
        <ConfirmDialog id="abandon" title=question open=is_asking confirm=button on_confirm>
            <p>{explanation}</p>
        </ConfirmDialog>
    }
}
