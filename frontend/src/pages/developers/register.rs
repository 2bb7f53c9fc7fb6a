//! Makes a webhook.

use leptos::prelude::*;
use shared::user::User;
use shared::webhook::WebhookWithSecret;

use super::inputs::{TARGET_API, WebhookInputs, blank, submission};
use crate::api::webhooks;
use crate::components::choice::{Choice, Select};
use crate::context::AppContext;
use crate::shell::submitting::{RefusalAlert, SubmitButton};

#[component]
pub fn RegisterWebhookForm(
    /// Who makes it.
    user: User,
    /// Called with the webhook and its secret.
    on_made: Callback<WebhookWithSecret>,
) -> impl IntoView {
    let context = AppContext::get();
    let own: Vec<String> = user.developed_apis().map(ToOwned::to_owned).collect();
    let only = match own.as_slice() {
        [only] if !user.is_administrator() => only.clone(),
        _ => String::new(),
    };
    let apis = Signal::derive(move || {
        if user.is_administrator() {
            let of = |policies: &Vec<shared::api::PolicySummary>| {
                policies.iter().map(|policy| Choice::new(&policy.target_api, &policy.label)).collect::<Vec<_>>()
            };
            context.catalogue().read(of).unwrap_or_default()
        } else {
            own.iter().map(|api| Choice::new(api, context.label_of(api))).collect()
        }
    });
    let input = RwSignal::new(blank(only.clone()));
    let submission = submission("creer-un-webhook", input);
    let send = move || {
        if submission.is_ready() {
            let only = only.clone();
            submission.send(webhooks::create(input.get_untracked()), move |made| {
                input.set(blank(only));
                on_made.run(made);
            });
        }
    };
    view! {
        <form
            class="dp-panel fr-mt-4w"
            novalidate=true
            aria-labelledby="creer-un-webhook"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <h2 class="fr-h5" id="creer-un-webhook">
                "Créer un webhook"
            </h2>
            <RefusalAlert submission title="Le webhook n’a pas été créé" />
            <Select
                id=TARGET_API
                label="API"
                required=true
                choices=apis
                value=Signal::derive(move || input.with(|input| input.target_api.clone()))
                error=submission.error_at("/target_api")
                on_change=Callback::new(move |api| input.update(|input| input.target_api = api))
            />
            <WebhookInputs input submission />
            <SubmitButton submission label="Créer ce webhook" class="fr-btn fr-mt-2w" />
        </form>
    }
}
