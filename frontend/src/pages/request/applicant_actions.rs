//! The actions of the applicant outside the form: withdraw, reopen, cancel the reopening, copy. Each asks for
//! confirmation.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::PolicySummary;
use shared::change_state::ChangeState;
use shared::enrollment::Enrollment;
use shared::workflow::{Action, Status};

use crate::api::{self, ApiError};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::dialog::ConfirmDialog;
use crate::components::placeholder::Spinner;
use crate::context::AppContext;
use crate::form::renewal::Renewal;
use crate::shell::submitting::RefusalBox;
use crate::submission::Submission;

/// Id of the panel's title.
pub const TITLE_ID: &str = "actions";

/// What the page says of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording {
    pub button: &'static str,
    /// Title of the dialog that asks.
    pub question: &'static str,
    /// What will happen.
    pub explanation: &'static str,
    /// Once it is done.
    pub done: &'static str,
}

/// The words for an action; `None` for what is none.
pub const fn wording(action: Action, status: Status, reopening: bool) -> Option<Wording> {
    Some(match action {
        Action::Withdraw if reopening => Wording {
            button: "Retirer la mise à jour de l’instruction",
            question: "Retirer la mise à jour de l’instruction\u{a0}?",
            explanation: "Elle quitte la file d’instruction\u{a0}: vous pourrez la modifier, et personne n’en décidera tant que vous ne l’aurez pas soumise de nouveau. L’habilitation reste en vigueur.",
            done: "La mise à jour est retirée de l’instruction\u{a0}: vous pouvez la modifier.",
        },
        Action::Withdraw => Wording {
            button: Action::Withdraw.label(),
            question: "Retirer la demande de l’instruction\u{a0}?",
            explanation: "Elle quitte la file d’instruction\u{a0}: vous pourrez la modifier, et personne n’en décidera tant que vous ne l’aurez pas soumise de nouveau.",
            done: "La demande est retirée de l’instruction\u{a0}: vous pouvez la modifier.",
        },
        Action::Reopen => Wording {
            button: Action::Reopen.label(),
            question: "Mettre à jour l’habilitation\u{a0}?",
            explanation: "Vous modifiez le formulaire, puis le soumettez. L’habilitation actuelle reste en vigueur, telle quelle, jusqu’à ce que la mise à jour soit validée\u{a0}; si elle est refusée ou abandonnée, rien ne change.",
            done: "La mise à jour est commencée. L’habilitation actuelle reste en vigueur.",
        },
        Action::Restore => Wording {
            button: Action::Restore.label(),
            question: "Rétablir ce brouillon\u{a0}?",
            explanation: "Il revient dans vos demandes, tel que vous l’avez laissé.",
            done: "Le brouillon est rétabli.",
        },
        Action::CancelReopening => Wording {
            button: Action::CancelReopening.label(),
            question: "Abandonner la mise à jour\u{a0}?",
            explanation: "Tout ce que vous avez saisi pour cette mise à jour est perdu. L’habilitation reste en vigueur, telle qu’elle a été accordée.",
            done: "La mise à jour est abandonnée. L’habilitation reste en vigueur, telle qu’elle a été accordée.",
        },
        Action::Copy => Wording {
            button: match status {
                Status::Refused => "Déposer une nouvelle demande",
                _ => Action::Copy.label(),
            },
            question: match status {
                Status::Refused => "Déposer une nouvelle demande\u{a0}?",
                _ => "Renouveler cette demande\u{a0}?",
            },
            explanation: "Une nouvelle demande est créée avec le même contenu et les mêmes fichiers. Vous la relisez, la complétez et la soumettez\u{a0}; celle-ci reste telle qu’elle est.",
            done: "Une nouvelle demande est créée avec le même contenu. Relisez-la, puis soumettez-la.",
        },
        _ => return None,
    })
}

/// What is said once an action is taken that stays on the page.
pub fn done(action: Action, reopening: bool) -> Option<&'static str> {
    match action {
        Action::AcceptOffer => Some("Vous avez accepté l’accord partiel\u{a0}: l’habilitation est en vigueur."),
        Action::DeclineOffer => {
            Some("Vous avez décliné l’accord partiel\u{a0}: la demande est de nouveau en cours d’instruction.")
        }
        action => wording(action, Status::Validated, reopening).map(|wording| wording.done),
    }
}

/// The actions that the caller may take, in the order of their buttons. A request is renewed once, and only where its API
/// still takes requests.
fn actions(enrollment: &Enrollment, catalogue: &[PolicySummary]) -> Vec<Action> {
    let is_open = |policy: &&PolicySummary| !policy.retired && !policy.frozen && policy.start_url.is_none();
    let mut offered = catalogue.iter().filter(is_open);
    let can_copy = enrollment.copies.is_empty() && offered.any(|policy| policy.target_api == enrollment.target_api);
    [Action::Withdraw, Action::Reopen, Action::Restore, Action::CancelReopening, Action::Copy]
        .into_iter()
        .filter(|&action| enrollment.allows(action) && (action != Action::Copy || can_copy))
        .collect()
}

/// Whether there may be an action to take.
pub fn may_act(enrollment: &Enrollment) -> bool {
    let is_copied = !enrollment.copies.is_empty();
    let actions = [Action::Withdraw, Action::Reopen, Action::Restore, Action::CancelReopening];
    actions.into_iter().any(|action| enrollment.allows(action)) || (enrollment.allows(Action::Copy) && !is_copied)
}

/// The panel. Nothing where there is no action to take.
#[component]
pub fn ApplicantActions(
    /// What is on its way.
    progress: Submission,
    enrollment: Enrollment,
    /// Called once an action is taken that stays on the page.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when somebody else acted first: the request must be read again.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let context = AppContext::get();
    if untrack(|| progress.failure()).is_some() {
        // The request was read again: its buttons, and the focus that was on one, are gone.
        browser::focus_soon(TITLE_ID.to_owned());
    }
    let enrollment = StoredValue::new(enrollment);
    let offered = Memo::new(move |_| {
        let catalogue = context.catalogue().get().unwrap_or_default();
        enrollment.with_value(|enrollment| actions(enrollment, &catalogue))
    });
    let refusal = |error: ApiError| {
        let title =
            if error.is_conflict() { "La demande a changé entre-temps" } else { "L’action n’a pas abouti" };
        view! {
            <Alert tone=Tone::Warning title>
                <p>{error.message()}</p>
            </Alert>
        }
        .into_any()
    };
    // Whether it can be renewed is known with the catalogue.
    let awaits_catalogue = Memo::new(move |_| {
        enrollment.with_value(|enrollment| enrollment.allows(Action::Copy)) && context.catalogue().is_loading()
    });
    move || {
        if awaits_catalogue.get() {
            return Spinner().into_any();
        }
        let actions = offered.get();
        if actions.is_empty() && progress.failure().is_none() {
            return ().into_any();
        }
        let buttons = enrollment.with_value(|enrollment| {
            let action = |action| view! { <ApplicantAction progress action enrollment=enrollment.clone() on_done on_conflict /> };
            actions.into_iter().map(action).collect_view()
        });
        view! {
            <section class="dp-panel dp-no-print" aria-labelledby=TITLE_ID>
                <h2 class="fr-h5" id=TITLE_ID tabindex="-1">
                    "Vos actions"
                </h2>
                <RefusalBox submission=progress show=refusal />
                <ul class="fr-btns-group">{buttons}</ul>
            </section>
        }
        .into_any()
    }
}

/// A button, and the question behind it.
#[component]
fn ApplicantAction(
    /// What is on its way.
    progress: Submission,
    /// The action.
    action: Action,
    enrollment: Enrollment,
    /// Called once it is taken, if it stays on the page.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when somebody else acted first.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let context = AppContext::get();
    let navigate = use_navigate();
    let is_asking = RwSignal::new(false);
    let Enrollment { id, version, .. } = enrollment;
    let Some(wording) = wording(action, enrollment.status, enrollment.reopening) else { return ().into_any() };
    let before = StoredValue::new(enrollment);
    let on_confirm = Callback::new(move |()| {
        let navigate = navigate.clone();
        let call = match ChangeState::step(action, String::new()) {
            Some(change) => api::change_state(id, version, change),
            None => api::copy(id),
        };
        progress.send_then(call, move |answer| match answer {
            Ok(enrollment) if matches!(action, Action::Reopen | Action::Copy) => {
                let before = before.get_value();
                spawn_local(async move {
                    let renewal = renewal(&before, &enrollment).await;
                    context.flash(format!("{} {}", wording.done, renewal.told()).trim_end());
                    navigate(&format!("/demandes/{}/modifier", enrollment.id), NavigateOptions::default());
                });
            }
            Ok(enrollment) => {
                // What was said of the action before no longer holds.
                context.dismiss();
                on_done.run((action, enrollment));
            }
            Err(error) if error.is_conflict() => on_conflict.run(()),
            Err(_) => {}
        });
    });
    let class = if action == Action::Reopen { "fr-btn" } else { "fr-btn fr-btn--secondary" };
    view! {
        <li>
            <button
                type="button"
                class=class
                aria-haspopup="dialog"
                aria-disabled=move || progress.is_sending().then_some("true")
                on:click=move |_| is_asking.set(true)
            >
                {wording.button}
            </button>
            <ConfirmDialog id=format!("confirmer-{action}") title=wording.question open=is_asking confirm=wording.button on_confirm>
                <p>{wording.explanation}</p>
            </ConfirmDialog>
        </li>
    }
    .into_any()
}

/// What an update or a renewal has left behind, or asks for again, under the form in force.
async fn renewal(before: &Enrollment, after: &Enrollment) -> Renewal {
    if before.policy_revision == after.policy_revision {
        return Renewal::default();
    }
    let policy = |of: &Enrollment| api::policy_revision(of.target_api.clone(), of.policy_revision.clone());
    match (policy(before).await, policy(after).await) {
        (Ok(older), Ok(newer)) => Renewal::of((&older, &before.content), (&newer, &after.content)),
        (Err(_), _) | (_, Err(_)) => Renewal::default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pages::request::samples;

    fn catalogue(retired: bool) -> Vec<PolicySummary> {
        let policy = json!({
            "target_api": "essai", "label": "API Essai", "kind": "api", "provider": {"id": "p", "label": "P"},
            "description": "d", "stage": null, "previous": null, "retired": retired, "replaced_by": [],
            "frozen": false, "start_url": null, "hidden_from_public_filters": false,
        });
        vec![serde_json::from_value(policy).unwrap()]
    }

    #[test]
    fn a_request_is_renewed_once_and_while_its_api_takes_requests() {
        let mut enrollment = samples::enrollment();
        enrollment.actions = vec![Action::Show, Action::Copy, Action::Reopen];
        assert_eq!(actions(&enrollment, &catalogue(false)), [Action::Reopen, Action::Copy]);
        assert_eq!(actions(&enrollment, &catalogue(true)), [Action::Reopen]);
        enrollment.copies = vec![12];
        assert_eq!(actions(&enrollment, &catalogue(false)), [Action::Reopen]);
    }

    #[test]
    fn every_step_has_its_words() {
        for action in [Action::Withdraw, Action::Reopen, Action::Restore, Action::CancelReopening, Action::Copy] {
            assert!(wording(action, Status::Validated, false).is_some(), "{action}");
        }
        assert_eq!(wording(Action::Validate, Status::Submitted, true), None);
    }
}
