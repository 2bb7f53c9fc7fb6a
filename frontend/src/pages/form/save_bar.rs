//! The bar at the bottom of the form: the state of saving, the submit button.

use leptos::prelude::*;
use shared::workflow::Status;

use super::handover::Handover;
use super::steps::{Step, Steps};
use crate::browser;
use crate::components::date::clock_time;
use crate::components::dialog::ConfirmDialog;
use crate::form::EnrollmentForm;
use crate::form::autosave::Phase;
use crate::shell::sign_in::SignInAgainButton;

/// The bar. Its button leads on: to the next step, from the last one to the check of the answers, and hands the request over
/// from there.
#[component]
pub fn SaveBar(form: EnrollmentForm, steps: Steps, handover: Handover) -> impl IntoView {
    let on_press = handover.on_press();
    // Whoever has come from the check goes back there, and who has all parts before them has no next one.
    let next = move || {
        let (_, after) = steps.around();
        after.filter(|after| *after != Step::Review && steps.is_by_step() && steps.checked().is_none())
    };
    let on_click = move |_| {
        if untrack(|| steps.is_review()) {
            on_press.run(());
        } else {
            steps.open(untrack(next).unwrap_or(Step::Review));
        }
    };
    let label = move || match next() {
        _ if steps.is_review() => handover.label().into_any(),
        None => "Vérifier et soumettre".into_any(),
        Some(step) => view! {
            "Suivant"
            <span class="fr-sr-only">{format!("\u{a0}: {}", step.label())}</span>
        }
        .into_any(),
    };
    // From step to step, « Suivant » at the end of the step is the main button.
    let class = move || if steps.is_by_step() && !steps.is_review() { "fr-btn fr-btn--secondary" } else { "fr-btn" };
    let left = move || handover.points_left();
    let is_asking = handover.is_asking();
    view! {
        <div class="dp-savebar" role="region" aria-label="Enregistrement et envoi de la demande">
            <div class="dp-savebar__inner">
                <SaveState form />
                {handover.notice()}
                <button
                    type="button"
                    class=class
                    aria-disabled=move || handover.is_busy().then_some("true")
                    on:click=on_click
                >
                    {label}
                </button>
            </div>
        </div>
        <ConfirmDialog
            id="soumettre-ainsi"
            title="Soumettre la demande ainsi\u{a0}?"
            open=is_asking
            confirm="Soumettre quand même"
            on_confirm=handover.submit()
        >
            {move || (is_asking.get() && handover.is_unchanged()).then(|| view! { <p>{unchanged_warning(form)}</p> })}
            {move || (left() > 0).then(|| view! { <p>{untreated(left())}</p> })}
        </ConfirmDialog>
    }
}

fn unchanged_warning(form: EnrollmentForm) -> &'static str {
    if form.base().with_untracked(|base| base.reopening && base.status == Status::Draft) {
        "Rien ne diffère de l’habilitation en vigueur\u{a0}: la mise à jour serait instruite sans rien changer."
    } else {
        "Vous n’avez rien changé depuis votre dernière soumission. L’instruction le verra."
    }
}

fn untreated(count: usize) -> String {
    let points = if count == 1 {
        "1 point signalé par l’instruction n’a ni réponse, ni modification".to_owned()
    } else {
        format!("{count} points signalés par l’instruction n’ont ni réponse, ni modification")
    };
    format!("{points}. Vous pouvez soumettre la demande ainsi, mais elle risque de vous être renvoyée.")
}

/// What is saved. Screen readers hear only what goes wrong, and that it goes well again.
#[component]
fn SaveState(form: EnrollmentForm) -> impl IntoView {
    let error = Memo::new(move |_| save_error(form));
    let had_error = StoredValue::new(false);
    let spoken = Memo::new(move |_| {
        let error = error.get();
        if error.is_some() {
            had_error.set_value(true);
        }
        error.or_else(|| had_error.get_value().then(|| "Toutes vos modifications sont enregistrées.".to_owned()))
    });
    view! {
        <div class="dp-savebar__state">
            <p class=move || if error.with(Option::is_some) { "dp-save dp-save--trouble" } else { "dp-save" } aria-hidden="true">
                {move || error.get().unwrap_or_else(|| progress(form))}
            </p>
            <p class="fr-sr-only" role="status">
                {move || spoken.get()}
            </p>
            {move || way_out(form)}
        </div>
    }
}

/// What is said while all goes well.
fn progress(form: EnrollmentForm) -> String {
    match (form.phase(), form.saved_at()) {
        (Phase::Waiting | Phase::Saving, _) => "Enregistrement…".to_owned(),
        (_, Some(at)) => format!("Enregistré à {}", clock_time(at)),
        (_, None) => "Enregistrement automatique".to_owned(),
    }
}

/// What is said when something is wrong.
fn save_error(form: EnrollmentForm) -> Option<String> {
    let refusal = form.refusal().get();
    match form.phase() {
        Phase::Lost if browser::is_online() => Some(
            "Le serveur ne répond pas – vos modifications sont gardées dans ce navigateur et seront envoyées dès que possible"
                .to_owned(),
        ),
        Phase::Lost => Some("Hors connexion – vos modifications sont gardées dans ce navigateur".to_owned()),
        Phase::Conflict => Some("Conflit – cette demande a été modifiée ailleurs".to_owned()),
        Phase::SignedOut => Some("Votre session a pris fin – vos modifications sont gardées dans ce navigateur".to_owned()),
        Phase::Refused => {
            Some(format!("Non enregistré – {}", refusal.unwrap_or_else(|| "le serveur a refusé la modification.".to_owned())))
        }
        Phase::Clean | Phase::Waiting | Phase::Saving => refusal.filter(|_| form.phase() == Phase::Clean),
    }
}

/// What the user can do about it.
fn way_out(form: EnrollmentForm) -> AnyView {
    match form.phase() {
        Phase::Lost => view! {
            <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm" on:click=move |_| form.flush()>
                "Réessayer maintenant"
            </button>
        }
        .into_any(),
        Phase::Conflict => view! {
            <button
                type="button"
                class="fr-btn fr-btn--tertiary fr-btn--sm"
                on:click=move |_| {
                    browser::focus(super::conflict::ID);
                }
            >
                "Choisir une version"
            </button>
        }
        .into_any(),
        Phase::SignedOut => view! {
            <SignInAgainButton small=true />
        }
        .into_any(),
        Phase::Clean | Phase::Waiting | Phase::Saving | Phase::Refused => ().into_any(),
    }
}
