//! Handing the request over: what the submit buttons do, and what a submission waits for.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::workflow::Status;

use super::steps::Steps;
use super::summary;
use crate::context::AppContext;
use crate::form::EnrollmentForm;
use crate::form::saving::SubmitOutcome;
use crate::shell::awaited_membership::awaited_by;
use crate::{api, browser};

/// Why a press has submitted nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The applicant does not speak for the organisation yet.
    Waits,
    /// The server did not say whether they do.
    Unknown,
}

/// What the submit buttons share. A handle: copies share one state.
#[derive(Clone, Copy)]
pub struct Handover {
    form: EnrollmentForm,
    steps: Steps,
    /// The organisation that the applicant waits to speak for.
    awaited: Memo<Option<String>>,
    settled: Memo<BTreeMap<i64, bool>>,
    /// What a press has come to, where nothing was submitted.
    told: RwSignal<Option<Told>>,
    /// Whether the applicant may speak for the organisation by now is being asked.
    is_finding_out: RwSignal<bool>,
    /// Whether to submit although nothing has changed, or points were left, is asked.
    is_asking: RwSignal<bool>,
}

impl Handover {
    /// Of that form.
    pub fn new(form: EnrollmentForm, steps: Steps) -> Self {
        Self {
            form,
            steps,
            awaited: awaited_by(form),
            settled: form.settled_points(),
            told: RwSignal::new(None),
            is_finding_out: RwSignal::new(false),
            is_asking: RwSignal::new(false),
        }
    }

    /// Whether the question before a submission is asked.
    pub const fn is_asking(self) -> RwSignal<bool> {
        self.is_asking
    }

    /// What a submit button says.
    pub fn label(self) -> &'static str {
        if self.is_busy() { "Envoi de la demande…" } else { "Soumettre la demande" }
    }

    /// Whether a press is being answered.
    pub fn is_busy(self) -> bool {
        self.form.is_submitting() || self.is_finding_out.get()
    }

    /// Submits.
    pub fn submit(self) -> Callback<()> {
        let (context, form) = (AppContext::get(), self.form);
        let navigate = use_navigate();
        Callback::new(move |()| {
            let navigate = navigate.clone();
            spawn_local(async move {
                match form.submit().await {
                    SubmitOutcome::Done => {
                        let id = form.id();
                        context.flash(format!(
                            "Votre demande n°\u{a0}{id} est soumise. Vous serez prévenu par courriel de la suite qui lui est donnée."
                        ));
                        navigate(&format!("/demandes/{id}"), NavigateOptions::default());
                    }
                    SubmitOutcome::Incomplete => browser::focus_soon(summary::ID.to_owned()),
                    SubmitOutcome::Failed => {}
                }
            });
        })
    }

    /// What a submit button does: it says what is missing, or what is waited for, or submits.
    pub fn on_press(self) -> Callback<()> {
        let (context, form) = (AppContext::get(), self.form);
        let submit = self.submit();
        Callback::new(move |()| {
            if untrack(|| self.is_busy()) {
                return;
            }
            self.told.set(None);
            if self.awaited.with_untracked(Option::is_none) {
                self.go_on(submit);
            } else if !form.attempt() {
                self.told.set(Some(Told::Waits));
                browser::focus_soon(summary::ID.to_owned());
            } else {
                // It may have been decided since the session was read.
                self.is_finding_out.set(true);
                let own = form.user().id;
                spawn_local(async move {
                    let session = api::session().await;
                    // Nothing to do where the page was left meanwhile.
                    if self.is_finding_out.try_set(false).is_some() {
                        return;
                    }
                    match session {
                        Ok(session) if session.user.as_ref().is_some_and(|user| user.id == own) => {
                            context.renew(session);
                            if self.awaited.with_untracked(Option::is_none) {
                                self.go_on(submit);
                            } else {
                                self.told.set(Some(Told::Waits));
                            }
                        }
                        Ok(_) => context.lose_session(),
                        Err(_) => self.told.set(Some(Told::Unknown)),
                    }
                });
            }
        })
    }

    /// Points that nobody did anything about are no obstacle, nor is a version like the one before, but should be on purpose.
    fn go_on(self, submit: Callback<()>) {
        if untrack(|| self.form.is_submitting()) {
            return;
        }
        if self.form.is_complete() && (untrack(|| self.points_left()) > 0 || self.is_unchanged()) {
            self.is_asking.set(true);
        } else {
            submit.run(());
        }
    }

    /// How many points of the instructors were left as they are.
    pub fn points_left(self) -> usize {
        self.settled.with(|settled| settled.values().filter(|is| !**is).count())
    }

    /// Whether a submission would hand over what was handed over before or, in an update, what is in force.
    pub fn is_unchanged(self) -> bool {
        self.form.base().with_untracked(|base| {
            let is_held_against = base.status == Status::ChangesRequested || base.reopening;
            is_held_against
                && base.changes.is_empty()
                && self.form.draft().with_untracked(|draft| *draft == base.content)
        })
    }

    /// What a submission waits for, at the check. Screen readers hear that a press has changed nothing.
    pub fn notice(self) -> AnyView {
        let name = Memo::new(move |_| if self.steps.is_review() { self.awaited.get() } else { None });
        let class = move || match (name.with(Option::is_some), self.told.get()) {
            (false, _) => "fr-mb-0",
            (true, None) => "fr-message fr-message--info dp-awaits",
            (true, Some(_)) => "fr-message fr-message--warning dp-awaits",
        };
        let text = move || {
            name.get().map(|name| match self.told.get() {
                None => format!("Vous pourrez soumettre la demande quand votre rattachement à {name} sera confirmé."),
                Some(Told::Waits) => format!(
                    "La demande n’est pas soumise\u{a0}: votre rattachement à {name} n’est pas encore confirmé. Vous serez prévenu par courriel."
                ),
                Some(Told::Unknown) => format!(
                    "La demande n’est pas soumise\u{a0}: votre rattachement à {name} n’a pas pu être vérifié. Réessayez."
                ),
            })
        };
        view! {
            <p class=class role="status">
                {text}
            </p>
        }
        .into_any()
    }
}
