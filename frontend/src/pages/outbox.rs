//! What could not be delivered, and the accesses that somebody must look at, for administrators.

pub mod issues;
mod senders;

use leptos::prelude::*;
use shared::outbox::{OutboxMessage, OutboxState};

use self::issues::Issues;
use self::senders::Senders;
use crate::api::administration;
use crate::components::alert::{Alert, Tone};
use crate::components::date::date_time;
use crate::components::done::Done;
use crate::components::placeholder::EmptyState;
use crate::loader::Loader;
use crate::query::Cursors;
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::sign_in::signed_in;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::shell::title::PageTitle;
use crate::submission::Submission;

/// The address of the page.
const PATH: &str = "/envois";

const TITLE: &str = "Envois et accès";

#[component]
pub fn Outbox() -> impl IntoView {
    signed_in(|user| {
        if user.is_administrator() {
            view! {
                <PageTitle title=TITLE />
                <Messages />
                <Issues />
                <Senders />
            }
            .into_any()
        } else {
            view! {
                <PageTitle title=TITLE />
                <Alert tone=Tone::Info title="Cette page est réservée aux administrateurs">
                    <p>"Les courriels qui vous concernent sont aussi annoncés sur la page de chaque demande."</p>
                </Alert>
            }
            .into_any()
        }
    })
}

#[component]
fn Messages() -> impl IntoView {
    let query = page_query(PATH);
    let cursors = Memo::new(move |_| query.with(Cursors::of));
    let loader = Loader::new(move || administration::failing_messages(cursors.with(Cursors::current)));
    let submission = Submission::of_button("envois");
    let done = Done::new();
    done.on_page_of(cursors);
    let retry = Callback::new(move |id: Option<String>| {
        submission.send(administration::retry_message(id.clone()), move |retried| {
            let said = match retried.count {
                1 => "L’envoi va être réessayé.".to_owned(),
                count => format!("{count} envois vont être réessayés."),
            };
            done.tell(id.unwrap_or_default(), said);
            loader.reload();
        });
    });
    let rows = move |messages: Vec<OutboxMessage>| {
        let gone = done.above(messages.iter().map(|message| message.id.as_str()));
        let items = messages.into_iter().map(|message| item(message, submission, done, retry)).collect_view();
        view! {
            {gone}
            <ul class="dp-cards">{items}</ul>
        }
        .into_any()
    };
    let has_several = move || loader.read(|page| page.items.len() > 1 || page.next.is_some()).unwrap_or_default();
    view! {
        <h2 class="fr-h4">"Envois en échec"</h2>
        <p>
            "Les courriels, les appels de webhooks et les demandes aux gestionnaires d’API qui n’ont pas abouti. Chacun est réessayé de plus en plus rarement pendant deux à quatre jours, puis abandonné\u{a0}: une fois la cause réparée, réessayez."
        </p>
        <RefusalAlert submission title="L’envoi n’a pas pu être réessayé" />
        {move || {
            has_several()
                .then(|| {
                    view! {
                        <p>
                            <SubmitButton submission label="Tout réessayer" on_click=Callback::new(move |()| retry.run(None)) />
                        </p>
                    }
                })
        }}
        <PagedList
            loader
            cursors
            href=|cursors: Cursors| cursors.href(PATH)
            words=("Aucun envoi en échec", "envoi en échec", "envois en échec")
            empty=move || {
                view! {
                    {done.above(std::iter::empty())}
                    <EmptyState title="Tout est remis">
                        <p>"Un envoi qui échoue paraîtra ici, avec sa cause."</p>
                    </EmptyState>
                }
            }
            rows
        />
    }
}

fn item(message: OutboxMessage, submission: Submission, done: Done, retry: Callback<Option<String>>) -> AnyView {
    let (class, state) = match message.state {
        OutboxState::Failing => ("fr-badge fr-badge--sm fr-badge--warning", "En échec"),
        OutboxState::GivenUp => ("fr-badge fr-badge--sm fr-badge--error", "Abandonné"),
    };
    let next = message.next_attempt_at.map(|at| format!(" Prochain essai le {}.", date_time(at))).unwrap_or_default();
    let tries = match message.attempts {
        1 => "1 essai".to_owned(),
        count => format!("{count} essais"),
    };
    let done = done.beside(&message.id);
    let id = StoredValue::new(message.id);
    let named = format!("\u{a0}: {}, à {}", message.subject, message.receiver);
    view! {
        <li class="dp-card">
            <p class="dp-card__meta fr-text--sm">
                <span class=class>{state}</span>
                <span>{format!("Depuis le {}, {tries}.{next}", date_time(message.failing_since))}</span>
            </p>
            <p class="dp-card__title">{message.subject}</p>
            <p class="dp-card__detail fr-text--sm dp-break">{format!("À {}", message.receiver)}</p>
            <p class="dp-text">{message.error}</p>
            {message
                .enrollment_id
                .map(|id| {
                    view! {
                        <p>
                            <a class="fr-link fr-link--sm" href=format!("/demandes/{id}")>
                                {format!("Demande n°\u{a0}{id}")}
                            </a>
                        </p>
                    }
                })}
            {done}
            <button
                type="button"
                class="fr-btn fr-btn--secondary fr-btn--sm"
                aria-disabled=move || submission.is_sending().then_some("true")
                on:click=move |_| {
                    if !submission.is_sending() {
                        retry.run(Some(id.get_value()));
                    }
                }
            >
                "Réessayer"
                <span class="fr-sr-only">{named}</span>
            </button>
        </li>
    }
    .into_any()
}
