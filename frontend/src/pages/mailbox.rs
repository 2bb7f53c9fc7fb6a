//! The mailbox of a demonstration: the mails that would have been sent.

use leptos::prelude::*;
use shared::api::MailboxMessage;

use crate::api;
use crate::components::date;
use crate::components::placeholder::EmptyState;
use crate::loader::Loader;
use crate::query::Cursors;
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// The address of the page.
const PATH: &str = "/mailbox";

#[component]
pub fn Mailbox() -> impl IntoView {
    signed_in(|_| view! { <Messages /> }.into_any())
}

#[component]
fn Messages() -> impl IntoView {
    let query = page_query(PATH);
    let cursors = Memo::new(move |_| query.with(Cursors::of));
    let loader = Loader::new(move || api::mailbox(cursors.with(Cursors::current)));
    let is_loading = Signal::derive(move || loader.is_loading());
    view! {
        <PageTitle title="Courriels envoyés" />
        <p class="fr-text--lead">
            "Cette plateforme est une démonstration\u{a0}: aucun courriel ne quitte cette machine. Ceux qu’elle aurait envoyés sont gardés ici, le plus récent d’abord."
        </p>
        <button
            type="button"
            class="fr-btn fr-btn--secondary fr-btn--icon-left fr-icon-refresh-line fr-mb-2w"
            aria-disabled=move || is_loading.get().then_some("true")
            on:click=move |_| if !is_loading.get_untracked() { loader.reload() }
        >
            "Actualiser"
        </button>
        <PagedList
            loader
            cursors
            href=|cursors: Cursors| cursors.href(PATH)
            words=("Aucun courriel", "courriel", "courriels")
            empty=|| {
                view! {
                    <EmptyState title="Aucun courriel pour l’instant">
                        <p>"Soumettez une demande, ou prenez une décision\u{a0}: les courriels correspondants paraîtront ici."</p>
                    </EmptyState>
                }
            }
            rows=messages
        />
    }
}

fn messages(mails: Vec<MailboxMessage>) -> AnyView {
    view! { <ol class="dp-mails">{mails.into_iter().map(message).collect_view()}</ol> }.into_any()
}

fn message(message: MailboxMessage) -> AnyView {
    let MailboxMessage { enrollment_id, from, mail, sent_at, .. } = message;
    view! {
        <li>
            <details class="dp-details">
                <summary>
                    <span class="dp-mails__subject">{mail.subject}</span>
                    <span class="dp-detail">
                        "À " {mail.to} ", le " <time datetime=sent_at.to_rfc3339()>{date::date_time(sent_at)}</time>
                    </span>
                </summary>
                <p class="dp-detail">{format!("De {from}")}</p>
                <p class="dp-text">{mail.body}</p>
            </details>
            {enrollment_id
                .map(|id| {
                    view! {
                        <a class="fr-link fr-link--sm" href=format!("/demandes/{id}")>
                            {format!("Demande n°\u{a0}{id}")}
                        </a>
                    }
                })}
        </li>
    }
    .into_any()
}
