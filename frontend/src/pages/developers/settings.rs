//! Changes what a webhook tells, and where.

use leptos::prelude::*;
use shared::webhook::{NewWebhook, Webhook, WebhookChanges};

use super::inputs::{WebhookInputs, blank, submission};
use super::webhook::SETTINGS_ID;
use crate::api::webhooks;
use crate::browser;
use crate::components::dialog::DialogButton;
use crate::loader::Loader;
use crate::shell::submitting::FormDialog;

fn input_of(webhook: Webhook) -> NewWebhook {
    NewWebhook {
        target_api: webhook.target_api,
        url: webhook.url,
        events: webhook.events,
        granting_event: webhook.granting_event,
    }
}

/// The button, and its dialog.
#[component]
pub fn ChangeButton(
    /// The webhook.
    loader: Loader<Webhook>,
    /// What was just done, for those who do not see the page change.
    done: RwSignal<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let input = RwSignal::new(blank(String::new()));
    let submission = submission("modifier", input);
    let on_ask = move |()| {
        if let Some(webhook) = untrack(|| loader.get()) {
            submission.clear();
            input.set(input_of(webhook));
            open.set(true);
        }
    };
    let on_confirm = Callback::new(move |()| {
        let Some(webhook) = untrack(|| loader.get()).filter(|_| submission.is_ready()) else { return };
        let NewWebhook { url, events, granting_event, .. } = input.get_untracked();
        let changes =
            WebhookChanges { url: Some(url), events: Some(events), granting_event: Some(granting_event), active: None };
        submission.send(webhooks::change(&webhook.id, changes), move |changed| {
            open.set(false);
            loader.set(changed);
            done.set("Les réglages sont enregistrés.".to_owned());
            browser::focus_soon(SETTINGS_ID.to_owned());
        });
    });
    view! {
        <DialogButton label="Modifier" about=String::new() on_ask />
        <FormDialog
            id="reglages-dialogue"
            title="Modifier ce webhook"
            open
            submission
            confirm="Enregistrer"
            refused="Les réglages n’ont pas été enregistrés"
            on_confirm
        >
            <WebhookInputs input submission />
        </FormDialog>
    }
}
