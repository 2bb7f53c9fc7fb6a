//! The form of a policy that is tried: the real one, filled in for nobody.

use std::sync::Arc;

use leptos::prelude::*;
use shared::policy::Policy;
use shared::user::User;

use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::form::EnrollmentForm;
use crate::pages::form::summary::{self, Summary};
use crate::sections::section;

/// The whole form on one page.
pub fn trial_form(policy: Arc<Policy>, user: User) -> AnyView {
    let introduction = policy.introduction.iter().map(|paragraph| view! { <p>{paragraph.clone()}</p> }).collect_view();
    let sections = policy.sections.clone();
    let form = EnrollmentForm::of_trial(policy, user);
    let is_complete = RwSignal::new(false);
    let attempt = move |_| {
        is_complete.set(form.attempt());
        if !is_complete.get_untracked() {
            browser::focus_soon(summary::ID.to_owned());
        }
    };
    let said = move || {
        if is_complete.get() { "Rien ne manque\u{a0}: la demande pourrait être soumise." } else { "" }
    };
    view! {
        <Alert tone=Tone::Info title="C’est un essai">
            <p>
                "Le formulaire est celui que verra un demandeur, avec vos propres organisation et coordonnées. Rien n’est enregistré ni envoyé."
            </p>
        </Alert>
        {introduction}
        <Summary form />
        <form class="dp-form" novalidate=true on:submit=|event| event.prevent_default()>
            {sections.into_iter().map(|one| section(form, one)).collect_view()}
            <button type="button" class="fr-btn fr-btn--secondary" on:click=attempt>
                "Vérifier les réponses"
            </button>
            <p role="status" class="fr-mt-2w">
                {said}
            </p>
        </form>
    }
    .into_any()
}
