//! One webhook: its settings, a trial, its secret, the log of its calls.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::webhook::{Webhook, WebhookState};

use super::actions::Actions;
use super::deliveries::Deliveries;
use super::settings::ChangeButton;
use super::trial::Trial;
use super::{PATH, TITLE, for_developers, labels};
use crate::api::{ApiError, webhooks};
use crate::components::alert::{Alert, Tone};
use crate::components::breadcrumb::Breadcrumb;
use crate::components::date::{date, date_time};
use crate::components::placeholder::Spinner;
use crate::components::secret_panel::{SecretPanel, ShownSecret};
use crate::context::AppContext;
use crate::loader::{Loader, Remote};
use crate::shell::loading::ErrorState;
use crate::shell::title::PageTitle;

/// Id of the title of the settings, which takes the focus when something is done.
pub const SETTINGS_ID: &str = "reglages";

/// The page `/developpeurs/:id`.
#[component]
pub fn WebhookPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    move || {
        let id = id.get();
        for_developers(move |_| view! { <Loaded id=id.clone() /> }.into_any())
    }
}

#[component]
fn Loaded(
    /// Its number.
    id: String,
) -> impl IntoView {
    let loader = {
        let id = id.clone();
        Loader::new(move || webhooks::one(id.clone()))
    };
    // What is on the page stays there when the webhook changes.
    let arrived = Memo::new(move |_| match loader.remote() {
        Remote::Loading => None,
        Remote::Ready(_) => Some(Ok(())),
        Remote::Failed(error) => Some(Err::<(), ApiError>(error)),
    });
    let id = StoredValue::new(id);
    view! {
        <Breadcrumb trail=vec![("/".to_owned(), "Accueil".to_owned()), (PATH.to_owned(), TITLE.to_owned())] current="Webhook" />
        <PageTitle title="Webhook" />
        {move || match arrived.get() {
            None => Spinner().into_any(),
            Some(Err(error)) => view! { <ErrorState error retry=move |()| loader.reload() /> }.into_any(),
            Some(Ok(())) => view! { <Content id=id.get_value() loader /> }.into_any(),
        }}
    }
}

/// The webhook, once it is there.
#[component]
fn Content(
    /// Its number.
    id: String,
    loader: Loader<Webhook>,
) -> impl IntoView {
    let done = RwSignal::new(String::new());
    let shown = RwSignal::new(None::<ShownSecret>);
    view! {
        <SecretPanel shown back=SETTINGS_ID />
        <h2 class="fr-h4" id=SETTINGS_ID tabindex="-1">
            "Réglages"
        </h2>
        <p role="status">{move || done.get()}</p>
        {move || loader.get().map(facts)}
        <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm">
            <li>
                <ChangeButton loader done />
            </li>
            <Actions loader done shown />
        </ul>
        <Trial id=id.clone() />
        <Signature />
        <Deliveries id />
    }
}

fn facts(webhook: Webhook) -> AnyView {
    let context = AppContext::get();
    let Webhook { target_api, url, events, granting_event, state, disabled_reason, failing_since, .. } = webhook;
    let disabled = (state == WebhookState::Disabled).then(|| {
        view! {
            <Alert tone=Tone::Error title="Ce webhook a été désactivé">
                <p>{disabled_reason}</p>
                <p>"Ce qui arrive depuis attend. Une fois votre service réparé, réactivez-le\u{a0}: il reprend là où il s’est arrêté."</p>
            </Alert>
        }
    });
    let failing = failing_since.map(|at| {
        view! { <p class="fr-error-text">{format!("Tous les appels échouent depuis le {}.", date_time(at))}</p> }
    });
    let previous = webhook.has_previous_secret.then(|| {
        view! {
            <p>
                "Deux secrets sont en usage. "
                <code>"webhook-signature"</code> " porte une signature de chacun\u{a0}; "
                <code>"X-Hub-Signature-256"</code>
                ", qui n’en porte qu’une, reste signé avec l’ancien. Quand votre service connaît le nouveau, retirez l’ancien."
            </p>
        }
    });
    let told =
        events.iter().map(|event| view! { <li>{labels::event(*event)} " (" <code>{event.as_str()}</code> ")"</li> });
    view! {
        {disabled}
        <dl class="dp-facts">
            <div>
                <dt>"État"</dt>
                <dd>{labels::state_badge(state)}</dd>
            </div>
            <div>
                <dt>"API"</dt>
                <dd>{move || context.label_of(&target_api)}</dd>
            </div>
            <div>
                <dt>"Adresse"</dt>
                <dd class="dp-break">{url}</dd>
            </div>
            <div>
                <dt>"Nom d’un accord"</dt>
                <dd>
                    <code>{granting_event.as_str()}</code>
                </dd>
            </div>
            <div>
                <dt>"Créé le"</dt>
                <dd>{date(webhook.created_at)}</dd>
            </div>
        </dl>
        {failing}
        <details class="dp-details fr-mb-2w">
            <summary>{format!("Événements\u{a0}: {}", events.len())}</summary>
            <ul>{told.collect_view()}</ul>
        </details>
        {previous}
    }
    .into_any()
}

/// How a receiver knows that a call is ours.
#[component]
fn Signature() -> impl IntoView {
    view! {
        <section class="dp-section" aria-labelledby="signature">
            <h2 class="fr-h4" id="signature">
                "Vérifier la signature"
            </h2>
            <p>
                "Chaque appel porte deux signatures de son corps, tel qu’il est reçu. Vérifiez l’une des deux avant de lire ce corps, et refusez l’appel si elle ne correspond pas."
            </p>
            <ul>
                <li>
                    <code>"X-Hub-Signature-256"</code>
                    "\u{a0}: «\u{a0}sha256=\u{a0}» puis le HMAC-SHA-256 du corps, en hexadécimal. La clef est le secret entier, comme il vous a été montré."
                </li>
                <li>
                    <code>"webhook-signature"</code>
                    "\u{a0}: la norme "
                    <a rel="external noopener" href="https://www.standardwebhooks.com/">
                        "Standard Webhooks"
                    </a>
                    ", dont des bibliothèques existent pour la plupart des langages."
                </li>
            </ul>
            <p>
                "Un appel peut arriver deux fois\u{a0}: "
                <code>"webhook-id"</code> " reste alors le même. Voyez le "
                <a rel="external" href="/tutoriels#recevoir-un-webhook">
                    "tutoriel en Python"
                </a> " et la "
                <a rel="external" href="/api/docs/">
                    "documentation de l’API"
                </a> "."
            </p>
        </section>
    }
}
