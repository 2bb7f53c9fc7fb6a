//! What is done with a webhook, after a question: suspended and switched on, its secret renewed, removed.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::webhook::{Webhook, WebhookChanges, WebhookState};

use super::webhook::SETTINGS_ID;
use super::{PATH, secret_of};
use crate::api::{Answer, webhooks};
use crate::browser;
use crate::components::dialog::DialogButton;
use crate::components::secret_panel::ShownSecret;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::shell::submitting::FormDialog;
use crate::submission::Submission;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WebhookAction {
    Suspend,
    Resume,
    Renew,
    Forget,
    Remove,
}

impl WebhookAction {
    /// What can be done with that webhook.
    fn of(webhook: &Webhook) -> Vec<Self> {
        let is_on = webhook.state == WebhookState::On;
        let mut actions = vec![if is_on { Self::Suspend } else { Self::Resume }, Self::Renew];
        if webhook.has_previous_secret {
            actions.push(Self::Forget);
        }
        actions.push(Self::Remove);
        actions
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Suspend => "Suspendre",
            Self::Resume => "Réactiver",
            Self::Renew => "Renouveler le secret",
            Self::Forget => "Retirer l’ancien secret",
            Self::Remove => "Supprimer",
        }
    }

    const fn question(self) -> &'static str {
        match self {
            Self::Suspend => "Suspendre ce webhook\u{a0}?",
            Self::Resume => "Réactiver ce webhook\u{a0}?",
            Self::Renew => "Renouveler le secret de ce webhook\u{a0}?",
            Self::Forget => "Retirer l’ancien secret de ce webhook\u{a0}?",
            Self::Remove => "Supprimer ce webhook\u{a0}?",
        }
    }

    const fn explanation(self) -> &'static str {
        match self {
            Self::Suspend => {
                "Il n’appelle plus votre service. Ce qui arrive attend, et partira quand vous le réactiverez."
            }
            Self::Resume => "Il reprend là où il s’est arrêté\u{a0}: ce qui a attendu part maintenant, dans l’ordre.",
            Self::Renew => {
                "Un nouveau secret sera montré, une seule fois. L’actuel signe encore, lui aussi, jusqu’à ce que vous le retiriez\u{a0}: votre service n’est pas interrompu. Un secret plus ancien, s’il y en a un, ne signe plus."
            }
            Self::Forget => {
                "Seul le dernier secret signera. Vérifiez que votre service l’utilise déjà, sinon il refusera les appels."
            }
            Self::Remove => {
                "Votre service n’est plus prévenu de rien, et le registre des appels disparaît avec ce qui attend. Cette action est définitive."
            }
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::Suspend => "Le webhook est suspendu.",
            Self::Resume => "Le webhook est actif\u{a0}: il reprend là où il s’est arrêté.",
            Self::Renew => "",
            Self::Forget => "L’ancien secret est retiré.",
            Self::Remove => "Le webhook est supprimé.",
        }
    }
}

/// What an action leaves.
enum Left {
    Webhook(Webhook),
    Secret(Webhook, ShownSecret),
    Nothing,
}

fn act(id: String, action: WebhookAction) -> Answer<Left> {
    let switch = |is_on| WebhookChanges { active: Some(is_on), ..WebhookChanges::default() };
    Answer::of(async move {
        match action {
            WebhookAction::Suspend => webhooks::change(&id, switch(false)).await.map(Left::Webhook),
            WebhookAction::Resume => webhooks::change(&id, switch(true)).await.map(Left::Webhook),
            WebhookAction::Renew => {
                let made = webhooks::new_secret(&id).await?;
                Ok(Left::Secret(made.webhook.clone(), secret_of(made)))
            }
            WebhookAction::Forget => webhooks::forget_secret(&id).await.map(Left::Webhook),
            WebhookAction::Remove => webhooks::remove(&id).await.map(|()| Left::Nothing),
        }
    })
}

/// The buttons, each in a list item, and the question.
#[component]
pub fn Actions(
    /// The webhook.
    loader: Loader<Webhook>,
    /// What was just done, for those who do not see the page change.
    done: RwSignal<String>,
    /// Another secret.
    shown: RwSignal<Option<ShownSecret>>,
) -> impl IntoView {
    let context = AppContext::get();
    let navigate = use_navigate();
    let open = RwSignal::new(false);
    let asked = RwSignal::new(None::<WebhookAction>);
    let submission = Submission::of_button("webhook");
    let on_removed = Callback::new(move |()| {
        context.flash(WebhookAction::Remove.done());
        navigate(PATH, NavigateOptions::default());
    });
    let on_confirm = Callback::new(move |()| {
        let (Some(action), Some(webhook)) = (asked.get_untracked(), untrack(|| loader.get())) else { return };
        submission.send(act(webhook.id, action), move |left| {
            open.set(false);
            match left {
                Left::Nothing => on_removed.run(()),
                Left::Secret(webhook, secret) => {
                    loader.set(webhook);
                    done.set(String::new());
                    shown.set(Some(secret));
                }
                Left::Webhook(webhook) => {
                    loader.set(webhook);
                    done.set(action.done().to_owned());
                    browser::focus_soon(SETTINGS_ID.to_owned());
                }
            }
        });
    });
    let actions = Memo::new(move |_| loader.read(WebhookAction::of).unwrap_or_default());
    let button = move |action: WebhookAction| {
        let on_ask = move |()| {
            submission.clear();
            asked.set(Some(action));
            open.set(true);
        };
        view! { <li><DialogButton label=action.label() about=String::new() on_ask /></li> }
    };
    let title = Signal::derive(move || asked.get().map_or("", WebhookAction::question).to_owned());
    view! {
        {move || actions.get().into_iter().map(button).collect_view()}
        <FormDialog
            id="webhook"
            title
            open
            submission
            confirm="Confirmer"
            refused="Rien n’a changé"
            on_confirm
        >
            <p>{move || asked.get().map(WebhookAction::explanation)}</p>
        </FormDialog>
    }
}
