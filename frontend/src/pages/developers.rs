//! The developers' space: the webhooks of the APIs that one looks after.

mod actions;
mod deliveries;
mod inputs;
mod labels;
mod register;
mod replay;
mod settings;
mod trial;
pub mod webhook;

use std::collections::BTreeMap;

use leptos::prelude::*;
use shared::user::User;
use shared::webhook::{Webhook, WebhookWithSecret};

use self::register::RegisterWebhookForm;
use crate::api::webhooks;
use crate::components::alert::{Alert, Tone};
use crate::components::date::date_time;
use crate::components::placeholder::EmptyState;
use crate::components::secret_panel::{SecretPanel, ShownSecret};
use crate::context::AppContext;
use crate::loader::Loader;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

const TITLE: &str = "Espace développeur";

/// The address of the page.
const PATH: &str = "/developpeurs";

/// Id of the title of the list, which takes the focus when a secret is copied.
const LIST_ID: &str = "liste";

#[component]
pub fn Developers() -> impl IntoView {
    for_developers(|user| view! { <Webhooks user /> }.into_any())
}

/// Draws `show` for whoever looks after webhooks; others are told whom the page is for.
fn for_developers(show: impl Fn(User) -> AnyView + Send + 'static) -> AnyView {
    signed_in(move |user| {
        if user.is_developer() {
            return show(user);
        }
        view! {
            <PageTitle title=TITLE />
            <Alert tone=Tone::Info title="Cette page est réservée aux développeurs d’une API">
                <p>
                    "Pour recevoir les événements d’une API, demandez-en le rôle de développeur à la page "
                    <a href="/mon-compte">"Mon compte"</a> "."
                </p>
            </Alert>
        }
        .into_any()
    })
}

/// The secret of a webhook, to be copied.
fn secret_of(made: WebhookWithSecret) -> ShownSecret {
    ShownSecret {
        title: "Secret du webhook".to_owned(),
        advice: "Copiez-le maintenant dans la configuration de votre service\u{a0}: il ne sera plus jamais montré. Avec lui, votre service vérifie que chaque appel vient de DataPass.",
        fields: vec![("secret-valeur", "Secret", made.secret)],
    }
}

#[component]
fn Webhooks(user: User) -> impl IntoView {
    let loader = Loader::new(webhooks::all);
    let shown = RwSignal::new(None::<ShownSecret>);
    let on_made = Callback::new(move |made: WebhookWithSecret| {
        shown.set(Some(secret_of(made)));
        loader.reload();
    });
    view! {
        <PageTitle title=TITLE />
        <p class="fr-text--lead">
            "Un webhook prévient votre service dès qu’une demande de son API avance\u{a0}: DataPass appelle l’adresse que vous donnez, signe chaque appel et réessaie quand elle ne répond pas."
        </p>
        <ul>
            <li>
                <a rel="external" href="/tutoriels">
                    "Tutoriels\u{a0}: appeler l’API, recevoir un webhook, ouvrir l’accès"
                </a>
            </li>
            <li>
                <a rel="external" href="/api/docs/">
                    "Documentation de l’API"
                </a>
            </li>
        </ul>
        <SecretPanel shown back=LIST_ID />
        <h2 class="fr-h4 fr-mt-4w" id=LIST_ID tabindex="-1">
            "Webhooks"
        </h2>
        {loader.view(list)}
        <RegisterWebhookForm user on_made />
    }
}

fn list(found: Vec<Webhook>) -> AnyView {
    if found.is_empty() {
        return view! {
            <EmptyState title="Aucun webhook">
                <p>
                    "Sans webhook, votre service doit interroger l’API pour savoir ce qui est accordé. Créez-en un ci-dessous\u{a0}: il l’apprendra dans la seconde."
                </p>
            </EmptyState>
        }
        .into_any();
    }
    let mut by_api = BTreeMap::<String, Vec<Webhook>>::new();
    for webhook in found {
        by_api.entry(webhook.target_api.clone()).or_default().push(webhook);
    }
    let context = AppContext::get();
    by_api
        .into_iter()
        .map(|(target_api, own)| {
            view! {
                <h3 class="fr-h6 fr-mt-3w fr-mb-1w">{move || context.label_of(&target_api)}</h3>
                <ul class="dp-roles">{own.into_iter().map(card).collect_view()}</ul>
            }
        })
        .collect_view()
        .into_any()
}

fn card(webhook: Webhook) -> AnyView {
    let failing = webhook.failing_since.map(|at| {
        view! { <p class="fr-error-text fr-mt-0">{format!("En échec depuis le {}.", date_time(at))}</p> }
    });
    let why = (!webhook.disabled_reason.is_empty()).then(|| view! { <p class="dp-text">{webhook.disabled_reason}</p> });
    view! {
        <li class="dp-card fr-mb-2w">
            <p class="dp-card__meta fr-text--sm">{labels::state_badge(webhook.state)}</p>
            <p class="dp-card__title dp-break">
                <a href=format!("{PATH}/{}", webhook.id)>{webhook.url}</a>
            </p>
            <p class="fr-text--sm">{labels::events(&webhook.events)}</p>
            {failing}
            {why}
        </li>
    }
    .into_any()
}
