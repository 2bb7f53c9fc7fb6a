//! The submit button of every form, its refusal, and the dialog with a form.

use leptos::prelude::*;
use shared::problem::ErrorCode;

use super::sign_in::SignInAgainButton;
use crate::api::ApiError;
use crate::components::alert::{Alert, Tone};
use crate::components::dialog::Dialog;
use crate::submission::{InputErrors, Submission};

/// The button that sends a form.
#[component]
pub fn SubmitButton(
    submission: Submission,
    /// What it says; while it is sent, and after no answer came, it says so.
    #[prop(into)]
    label: Signal<String>,
    /// Called to send, where the button does not stand in a `<form>`.
    #[prop(into, optional)]
    on_click: Option<Callback<()>>,
    /// Whether there is nothing to send yet.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    #[prop(default = "fr-btn")] class: &'static str,
) -> impl IntoView {
    let can_retry = move || submission.failure().is_some_and(|error| error.is_passing());
    view! {
        <button
            type=if on_click.is_some() { "button" } else { "submit" }
            class=class
            aria-disabled=move || (submission.is_sending() || disabled.get()).then_some("true")
            on:click=move |_| if let Some(on_click) = on_click { on_click.run(()) }
        >
            {move || match (submission.is_sending(), can_retry()) {
                (true, _) => "Envoi en cours…".to_owned(),
                (false, true) => "Réessayer".to_owned(),
                (false, false) => label.get(),
            }}
        </button>
    }
}

/// Why a form was refused.
#[component]
pub fn RefusalAlert(
    submission: Submission,
    /// What was not done: « Le rôle n’a pas été donné ».
    title: &'static str,
    /// What became of what was typed.
    #[prop(optional)]
    note: &'static str,
) -> impl IntoView {
    let show = move |error: ApiError| {
        let is_signed_out = error.code() == Some(ErrorCode::Unauthorized);
        view! {
            <Alert tone=Tone::Error title>
                <p>{submission.failure_text()}</p>
                {(!note.is_empty()).then(|| view! { <p>{note}</p> })}
                {is_signed_out.then(|| view! { <SignInAgainButton small=true /> })}
            </Alert>
        }
        .into_any()
    };
    view! { <RefusalBox submission show /> }
}

/// The live region of a refusal. It is always there, so that screen readers notice what appears in it.
#[component]
pub fn RefusalBox(
    submission: Submission,
    /// Draws what went wrong.
    #[prop(into)]
    show: Callback<ApiError, AnyView>,
) -> impl IntoView {
    view! {
        <div id=submission.alert_id() tabindex="-1" aria-live="assertive">
            {move || submission.failure().map(|error| show.run(error))}
        </div>
    }
}

/// Whether a dialog that asks for a reason is open: it opens, with nothing written in it, each time something is asked
/// about.
pub fn opened_by<T: Send + Sync + 'static>(
    asked: RwSignal<Option<T>>,
    submission: Submission,
    reason: RwSignal<String>,
) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if asked.with(Option::is_some) {
            reason.set(String::new());
            submission.clear();
            open.set(true);
        }
    });
    open
}

/// That a reason is still to be given, where it is.
pub fn missing_reason(reason: RwSignal<String>) -> InputErrors {
    let is_missing = reason.with(|reason| reason.trim().is_empty());
    is_missing.then(|| ("/reason", "Dites pourquoi\u{a0}: la raison est conservée.".to_owned())).into_iter().collect()
}

/// A modal dialog with a form. It stays open until the server has accepted the input.
#[component]
pub fn FormDialog(
    /// Id; unique in the page.
    id: &'static str,
    #[prop(into)] title: Signal<String>,
    /// Whether it is open.
    open: RwSignal<bool>,
    submission: Submission,
    /// What the main button says.
    #[prop(into)]
    confirm: Signal<String>,
    /// Title of a refusal.
    refused: &'static str,
    /// Whether there is nothing to send yet.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// Called to send.
    on_confirm: Callback<()>,
    /// The inputs.
    children: ChildrenFn,
) -> impl IntoView {
    let actions = ViewFn::from(move || {
        view! {
            <SubmitButton submission label=confirm disabled on_click=on_confirm />
            <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| open.set(false)>
                "Annuler"
            </button>
        }
    });
    view! {
        <Dialog id title open actions>
            <RefusalAlert submission title=refused />
            {children()}
        </Dialog>
    }
}
