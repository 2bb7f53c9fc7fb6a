//! The panel where a decision is taken: its buttons, the comment, what the mail will say, what went wrong.

use std::time::Duration;

use leptos::prelude::*;
use shared::api::{ChangeState, Mail};
use shared::enrollment::Enrollment;
use shared::workflow::Action;

use super::decision::{COMMENT_ID, Decision, Trouble, Wording, label, wording};
use super::status::decisions;
use crate::api;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::field::TextArea;
use crate::components::pause::Pause;
use crate::loader::Loader;

/// How long to wait for the next key before the mail is shown anew.
const PAUSE: Duration = Duration::from_millis(600);

/// Id of the panel's title, which takes the focus when the panel is drawn anew.
pub const TITLE_ID: &str = "decision";

/// The panel.
#[component]
pub fn DecisionPanel(
    /// What is being decided.
    decision: Decision,
    /// The request.
    enrollment: Enrollment,
    /// Called once it is done, with the request as it is now.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when somebody else acted first: the request must be read again.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let choices = decisions(&enrollment);
    let has_decision = choices.iter().any(|action| action.needs_comment());
    let Enrollment { id, version, reopening, .. } = enrollment;
    let offered = choices.clone();
    let content = move || match decision.action.get() {
        Some(action) if offered.contains(&action) => match wording(action, reopening) {
            Some(wording) => {
                let confirm = Callback::new(move |()| decision.confirm(version, on_done, on_conflict));
                view! { <OpenPanel decision action wording id confirm /> }.into_any()
            }
            None => ().into_any(),
        },
        Some(action) => view! { <NoLongerPossible decision action /> }.into_any(),
        None => view! { <Buttons decision choices=offered.clone() reopening /> }.into_any(),
    };
    let is_empty = choices.is_empty();
    move || {
        if is_empty && decision.action.with(Option::is_none) {
            return ().into_any();
        }
        let content = content.clone();
        view! {
            <section class="dp-panel dp-no-print" aria-labelledby=TITLE_ID>
                <h2 class="fr-h5" id=TITLE_ID tabindex="-1">
                    {if has_decision { "Décision" } else { "Action" }}
                </h2>
                {content}
            </section>
        }
        .into_any()
    }
}

#[component]
fn Buttons(
    /// What is being decided.
    decision: Decision,
    /// The decisions that may be taken.
    choices: Vec<Action>,
    /// They are about the update of an authorisation.
    reopening: bool,
) -> impl IntoView {
    let buttons = choices
        .into_iter()
        .map(|action| {
            let class = match action {
                Action::Validate => "fr-btn",
                Action::Archive => "fr-btn fr-btn--tertiary",
                _ => "fr-btn fr-btn--secondary",
            };
            view! {
                <li>
                    <button
                        type="button"
                        class=class
                        id=button_id(action)
                        on:click=move |_| {
                            decision.choose(action);
                            browser::focus_soon(COMMENT_ID.to_owned());
                        }
                    >
                        {label(action, reopening)}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="fr-btns-group">{buttons}</ul> }
}

fn button_id(action: Action) -> String {
    format!("decider-{action}")
}

#[component]
fn OpenPanel(
    /// What is being decided.
    decision: Decision,
    /// The decision.
    action: Action,
    /// Its words.
    wording: Wording,
    /// Number of the request.
    id: i64,
    /// Called to send.
    confirm: Callback<()>,
) -> impl IntoView {
    let can_retry = move || decision.trouble.with(|trouble| matches!(trouble, Some(Trouble::Passing(_))));
    let cancel = move |_| {
        decision.cancel();
        browser::focus_soon(button_id(action));
    };
    view! {
        <h3 class="fr-h6">{wording.title}</h3>
        <TroubleAlert decision />
        <TextArea
            id=COMMENT_ID
            label=wording.label
            hint=wording.hint
            required=action.needs_comment()
            rows=8
            value=decision.comment
            error=decision.error
            on_input=move |text: String| decision.write(text)
        />
        <MailPreview decision action id />
        <ul class="fr-btns-group fr-mt-3w">
            <li>
                <button
                    type="button"
                    class="fr-btn"
                    aria-disabled=move || decision.is_sending.get().then_some("true")
                    on:click=move |_| confirm.run(())
                >
                    {move || match (decision.is_sending.get(), can_retry()) {
                        (true, _) => "Envoi en cours…",
                        (false, true) => "Réessayer",
                        (false, false) => wording.confirm,
                    }}
                </button>
            </li>
            <li>
                <button type="button" class="fr-btn fr-btn--secondary" on:click=cancel>
                    "Annuler"
                </button>
            </li>
        </ul>
    }
}

/// The box is always there, so that screen readers notice what appears in it.
#[component]
fn TroubleAlert(
    /// What is being decided.
    decision: Decision,
) -> impl IntoView {
    let alert = move || {
        let trouble = decision.trouble.get()?;
        Some(match trouble {
            Trouble::Passing(message) => view! {
                <Alert tone=Tone::Error title="La décision n’a pas été envoyée">
                    <p>{message}</p>
                    <p>"Votre message est conservé dans ce navigateur."</p>
                </Alert>
            },
            Trouble::Refused(message) => view! {
                <Alert tone=Tone::Error title="La décision n’a pas été acceptée">
                    <p>{message}</p>
                    <p>"Votre message est conservé."</p>
                </Alert>
            },
            Trouble::Conflict => view! {
                <Alert tone=Tone::Warning title="La demande a changé entre-temps">
                    <p>
                        "Une autre personne a agi sur cette demande pendant que vous écriviez. Elle est affichée ici dans son état actuel\u{a0}; votre message est conservé. Vérifiez-la, puis confirmez de nouveau si la décision convient toujours."
                    </p>
                </Alert>
            },
        })
    };
    view! { <div aria-live="assertive">{alert}</div> }
}

/// Somebody else decided first: the words are given back.
#[component]
fn NoLongerPossible(
    /// What was being decided.
    decision: Decision,
    /// The decision.
    action: Action,
) -> impl IntoView {
    view! {
        <div aria-live="assertive">
            <Alert tone=Tone::Warning title="Cette décision n’est plus possible">
                <p>
                    {format!(
                        "L’état de la demande ne permet pas, ou plus, l’action «\u{a0}{}\u{a0}». Voyez l’historique pour savoir ce qui s’est passé.",
                        action.label(),
                    )}
                </p>
            </Alert>
        </div>
        {move || {
            let comment = decision.comment.get();
            (!comment.trim().is_empty())
                .then(|| {
                    view! {
                        <p class="fr-text--bold fr-mb-1w">"Le message que vous aviez écrit"</p>
                        <p class="dp-text dp-quote">{comment}</p>
                    }
                })
        }}
        <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| decision.cancel()>
            "Fermer et oublier ce message"
        </button>
    }
}

/// What the mail will say, as one types.
#[component]
fn MailPreview(
    /// What is being decided.
    decision: Decision,
    /// The decision.
    action: Action,
    /// Number of the request.
    id: i64,
) -> impl IntoView {
    let settled = RwSignal::new(decision.comment.get_untracked());
    let pause = Pause::of(PAUSE);
    Effect::new(move |_| {
        let comment = decision.comment.get();
        pause.cancel();
        if comment != settled.get_untracked() {
            pause.then(move || settled.set(comment));
        }
    });
    let is_waiting = move || action.needs_comment() && settled.with(|comment| comment.trim().is_empty());
    let loader = Loader::new(move || {
        let change = (!is_waiting()).then(|| ChangeState { event: action, comment: settled.get().trim().to_owned() });
        async move {
            match change {
                Some(change) => api::mail_preview(id, change).await,
                None => Ok(Vec::new()),
            }
        }
    });
    let last = loader.last_answer();
    let content = move || {
        if is_waiting() {
            return view! { <p class="fr-hint-text">"L’aperçu apparaîtra ici quand vous aurez écrit votre message."</p> }.into_any();
        }
        match last.get() {
            None => view! { <p class="fr-hint-text">"Chargement de l’aperçu…"</p> }.into_any(),
            Some(Err(error)) => view! {
                <p class="fr-hint-text">{format!("L’aperçu n’est pas disponible\u{a0}: {}", error.message())}</p>
            }
            .into_any(),
            Some(Ok(mails)) if mails.is_empty() => {
                view! { <p class="fr-hint-text">"Aucun courriel ne sera envoyé."</p> }.into_any()
            }
            Some(Ok(mails)) => {
                mails.into_iter().enumerate().map(|(index, mail)| preview(index, mail)).collect_view().into_any()
            }
        }
    };
    let title = move || match last.get() {
        Some(Ok(mails)) if mails.len() > 1 => format!("Aperçu des {} courriels", mails.len()),
        Some(Ok(_) | Err(_)) | None => "Aperçu du courriel".to_owned(),
    };
    view! {
        <section aria-labelledby="apercu" class="dp-preview">
            <h4 class="fr-text--md fr-mb-1w" id="apercu">
                {title}
            </h4>
            {content}
        </section>
    }
}

/// The first in full, as it carries the comment; the others folded.
fn preview(index: usize, mail: Mail) -> AnyView {
    if index == 0 {
        return whole(mail);
    }
    let summary = format!("{} – {}", mail.to, mail.subject);
    view! {
        <details class="dp-details">
            <summary class="dp-break fr-text--sm">{summary}</summary>
            {whole(mail)}
        </details>
    }
    .into_any()
}

fn whole(mail: Mail) -> AnyView {
    view! {
        <dl class="dp-mail">
            <div>
                <dt>"À"</dt>
                <dd class="dp-break">{mail.to}</dd>
            </div>
            <div>
                <dt>"Objet"</dt>
                <dd>{mail.subject}</dd>
            </div>
            <div>
                <dt>"Message"</dt>
                <dd class="dp-text">{mail.body}</dd>
            </div>
        </dl>
    }
    .into_any()
}
