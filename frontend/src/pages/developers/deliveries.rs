//! The log of a webhook: what it was told, each call for it, and « Rejouer ».

use leptos::prelude::*;
use shared::webhook::{Replay, WebhookAttempt, WebhookDelivery};

use super::replay::ReplayForm;
use super::trial::{answer, sentence};
use super::{PATH, labels};
use crate::api::webhooks;
use crate::components::date::date_time;
use crate::components::placeholder::EmptyState;
use crate::json;
use crate::loader::Loader;
use crate::query::Cursors;
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::submitting::RefusalAlert;
use crate::submission::Submission;

#[component]
pub fn Deliveries(
    /// Number of the webhook.
    id: String,
) -> impl IntoView {
    let path = format!("{PATH}/{id}");
    let query = page_query(path.clone());
    let cursors = Memo::new(move |_| query.with(Cursors::of));
    let id = StoredValue::new(id);
    let loader = Loader::new(move || webhooks::deliveries(id.get_value(), cursors.with(Cursors::current)));
    let submission = Submission::of_button("rejouer");
    let said = RwSignal::new(String::new());
    let on_replayed = Callback::new(move |count: usize| {
        said.set(match count {
            0 => "Aucun envoi à rejouer.".to_owned(),
            1 => "Un envoi est rejoué.".to_owned(),
            count => format!("{count} envois sont rejoués."),
        });
        loader.reload();
    });
    let replay = Callback::new(move |delivery: String| {
        let replay = Replay { delivery: Some(delivery), ..Replay::default() };
        submission.send(webhooks::replay(id.get_value(), replay), move |replayed| on_replayed.run(replayed.count));
    });
    let rows = move |deliveries: Vec<WebhookDelivery>| {
        let items = deliveries.into_iter().map(|delivery| item(delivery, submission, replay)).collect_view();
        view! { <ul class="dp-roles">{items}</ul> }.into_any()
    };
    view! {
        <section aria-labelledby="envois">
            <h2 class="fr-h4" id="envois">
                "Envois"
            </h2>
            <button
                type="button"
                class="fr-btn fr-btn--secondary fr-btn--icon-left fr-icon-refresh-line fr-mb-2w"
                aria-disabled=move || loader.is_loading().then_some("true")
                on:click=move |_| if !untrack(|| loader.is_loading()) { loader.reload() }
            >
                "Actualiser"
            </button>
            <RefusalAlert submission title="L’envoi n’a pas été rejoué" />
            <p role="status">{move || said.get()}</p>
            <PagedList
                loader
                cursors
                href=move |cursors: Cursors| cursors.href(&path)
                words=("Aucun envoi", "envoi", "envois")
                empty=|| {
                    view! {
                        <EmptyState title="Aucun envoi pour l’instant">
                            <p>"Le prochain événement choisi paraîtra ici, avec la réponse de votre service."</p>
                        </EmptyState>
                    }
                }
                rows
            />
            <ReplayForm id=id.get_value() on_replayed />
        </section>
    }
}

fn item(delivery: WebhookDelivery, submission: Submission, replay: Callback<String>) -> AnyView {
    let next = delivery.next_attempt_at.map(|at| format!("Prochain appel le {}.", date_time(at)));
    let facts = format!(
        "Événement «\u{a0}{}\u{a0}», demande n°\u{a0}{}, séquence {}",
        delivery.event, delivery.enrollment_id, delivery.sequence
    );
    let named = format!("\u{a0}: {}, demande n°\u{a0}{}", labels::told(&delivery.event), delivery.enrollment_id);
    let attempts = delivery.attempts.into_iter().map(attempt).collect_view();
    let id = StoredValue::new(delivery.id.clone());
    view! {
        <li class="dp-card fr-mb-2w">
            <p class="dp-card__meta fr-text--sm">
                {labels::delivery_badge(delivery.state)} <span>{date_time(delivery.created_at)}</span>
            </p>
            <p class="dp-card__title">{labels::told(&delivery.event).to_owned()}</p>
            <p class="fr-text--sm">{facts}</p>
            <p class="dp-detail">"webhook-id\u{a0}: " {delivery.id}</p>
            {next.map(|next| view! { <p class="fr-text--sm">{next}</p> })}
            <ol class="fr-text--sm">{attempts}</ol>
            <details class="dp-details fr-mb-1w">
                <summary>"Corps de l’appel, où ce qui est personnel est masqué"</summary>
                <pre class="dp-code">{json::pretty(&delivery.body)}</pre>
            </details>
            <button
                type="button"
                class="fr-btn fr-btn--secondary fr-btn--sm"
                aria-disabled=move || submission.is_sending().then_some("true")
                on:click=move |_| {
                    if !untrack(|| submission.is_sending()) {
                        replay.run(id.get_value());
                    }
                }
            >
                "Rejouer"
                <span class="fr-sr-only">{named}</span>
            </button>
        </li>
    }
    .into_any()
}

fn attempt(attempt: WebhookAttempt) -> AnyView {
    let told = format!("{}\u{a0}: {}", date_time(attempt.at), sentence(&attempt));
    view! { <li>{told} {answer(attempt.answer)}</li> }.into_any()
}
