//! The messages of a request, and the internal notes.

use leptos::prelude::*;
use shared::enrollment::Enrollment;
use shared::message::{Audience, Message};
use shared::policy::Policy;
use shared::workflow::Action;

use super::conversation::{Conversation, MESSAGE_ID, MessageBlock, NOTE_ID, ReadState, anchor, message_block};
use crate::components::badge::unread;
use crate::components::date;
use crate::pages::request::composer::{ComposerForm, ComposerLabels};
use crate::shell::places::jump;

/// Id of the title of the messages; mails lead there.
pub const ID: &str = "messages";

/// Id of the title of the notes.
pub const NOTES_ID: &str = "notes";

/// The form of a message.
const MESSAGE: ComposerLabels = ComposerLabels {
    id: MESSAGE_ID,
    label: "Votre message",
    hint: "Il reste avec la demande. Ctrl\u{a0}+\u{a0}Entrée l’envoie.",
    open: "Écrire un message",
    resume: "Reprendre le message commencé",
    send: "Envoyer le message",
    sent: "Votre message est envoyé.",
    failed: "Le message n’a pas été envoyé",
};

/// The form of a note.
const NOTE: ComposerLabels = ComposerLabels {
    id: NOTE_ID,
    label: "Votre note",
    hint: "Personne n’en est prévenu, et le demandeur ne la voit jamais. Ctrl\u{a0}+\u{a0}Entrée l’ajoute.",
    open: "Ajouter une note",
    resume: "Reprendre la note commencée",
    send: "Ajouter la note",
    sent: "Votre note est ajoutée.",
    failed: "La note n’a pas été ajoutée",
};

/// A link to the messages that says how many wait.
pub fn messages_link(unread_count: Signal<i64>, class: &'static str) -> AnyView {
    let label = move || match unread_count.get() {
        0 => "Messages".to_owned(),
        count => unread(count),
    };
    view! {
        <a class=class class:fr-text--bold=move || unread_count.get() != 0 href=format!("#{ID}") on:click=jump(ID.to_owned())>
            {label}
        </a>
    }
    .into_any()
}

/// The messages.
#[component]
pub fn Messages(
    /// What is written.
    conversation: Conversation,
    /// On which side the reader is, if on any.
    side: Option<Audience>,
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
) -> impl IntoView {
    let list = conversation.messages.view(move |all| {
        conversation.mark_when_seen(side, &all);
        let lines = items(conversation, side, all, false);
        if lines.is_empty() {
            return view! { <p class="dp-missing">"Aucun message pour l’instant."</p> }.into_any();
        }
        view! { <ol class="dp-messages">{lines}</ol> }.into_any()
    });
    let form = match message_block(&enrollment, &policy) {
        MessageBlock::None => {
            let on_send = Callback::new(move |()| conversation.send(false));
            let hint = match side {
                Some(Audience::Instructors) => {
                    "Le demandeur est prévenu par courriel. Ctrl\u{a0}+\u{a0}Entrée envoie le message."
                }
                _ => MESSAGE.hint,
            };
            view! { <ComposerForm composer=conversation.message words=ComposerLabels { hint, ..MESSAGE } on_send /> }
                .into_any()
        }
        MessageBlock::Archived => ().into_any(),
        why => {
            let address = (why == MessageBlock::NoMessages).then(|| mail_link(policy.support_email));
            view! { <p>{why.words()} {address}</p> }.into_any()
        }
    };
    view! {
        <section class="dp-section dp-exchange" aria-labelledby=ID>
            <h2 class="fr-h4" id=ID tabindex="-1">
                "Messages"
            </h2>
            {list}
            <p class="dp-detail" role="status">
                {move || conversation.news.get()}
            </p>
            {form}
        </section>
    }
}

fn mail_link(address: String) -> AnyView {
    view! {
        <a class="dp-break" rel="external" href=format!("mailto:{address}")>
            {address.clone()}
        </a>
    }
    .into_any()
}

/// The notes of the administration; nothing for those who may neither read nor write any.
#[component]
pub fn Notes(
    /// What is written.
    conversation: Conversation,
    enrollment: Enrollment,
) -> impl IntoView {
    if !enrollment.allows(Action::Annotate) {
        return ().into_any();
    }
    let list = move || {
        let lines = items(conversation, None, conversation.messages.get()?, true);
        Some(if lines.is_empty() {
            view! { <p class="dp-missing">"Aucune note pour l’instant."</p> }.into_any()
        } else {
            view! {
                <p class="fr-text--sm">
                    "Lues seulement par les personnes chargées de l’instruction de cette API et par ses rapporteurs. Le demandeur ne les voit jamais."
                </p>
                <ol class="dp-messages">{lines}</ol>
            }
            .into_any()
        })
    };
    let on_send = Callback::new(move |()| conversation.send(true));
    view! {
        <section class="dp-section dp-exchange dp-notes" aria-labelledby=NOTES_ID>
            <h2 class="fr-h4 fr-icon-lock-line" id=NOTES_ID tabindex="-1">
                " Notes internes"
            </h2>
            {list}
            <ComposerForm composer=conversation.note words=NOTE on_send />
        </section>
    }
    .into_any()
}

/// The messages, or the notes.
fn items(conversation: Conversation, side: Option<Audience>, all: Vec<Message>, notes: bool) -> Vec<AnyView> {
    let wanted = all.into_iter().filter(|one| (one.audience == Audience::Administration) == notes);
    wanted.map(|one| item(&one, side, conversation.mark(&one))).collect()
}

fn item(message: &Message, side: Option<Audience>, mark: ReadState) -> AnyView {
    let author_side = match message.audience {
        Audience::Instructors => Some("Demandeur"),
        Audience::Applicant => Some("Instruction"),
        Audience::Administration => None,
    };
    let is_own = side.is_some_and(|side| side != message.audience);
    let class = if is_own { "dp-message dp-message--own" } else { "dp-message" };
    let read = match mark {
        ReadState::Read(at) => Some(format!("Lu le {}", date::date_time(at))),
        ReadState::Unread => Some("Pas encore lu".to_owned()),
        ReadState::New | ReadState::None => None,
    };
    view! {
        <li class=class id=anchor(message)>
            <p class="dp-message__head">
                <strong class="dp-break">{message.author.clone()}</strong>
                {author_side.map(|label| view! { <span class="fr-badge fr-badge--sm fr-badge--no-icon">{label}</span> })}
                {(mark == ReadState::New).then(|| view! { <span class="fr-badge fr-badge--sm fr-badge--new">"Nouveau"</span> })}
            </p>
            <p class="dp-text">{message.body.clone()}</p>
            <p class="dp-detail">
                <time datetime=message.created_at.to_rfc3339()>{date::date_time(message.created_at)}</time>
                {read.map(|read| format!(" – {read}"))}
            </p>
        </li>
    }
    .into_any()
}
