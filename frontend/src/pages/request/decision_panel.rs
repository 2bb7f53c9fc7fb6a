//! The panel where a decision is taken: buttons, comment, mail preview.

use std::time::Duration;

use leptos::prelude::*;
use shared::api::Mail;
use shared::enrollment::Enrollment;
use shared::policy::Policy;
use shared::workflow::Action;

use super::collected::{CollectedPoints, counted};
use super::decision::{COMMENT_ID, Decision};
use super::decision_messages::{DecisionMessages, is_key};
use super::decision_wording::{Wording, label, wording};
use super::head::JumpLink;
use super::opinions;
use super::status::decisions;
use super::strike::{self, StrikeScopes};
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::debounce::Debounce;
use crate::components::field::TextArea;
use crate::components::placeholder::Spinner;
use crate::loader::Loader;
use crate::shell::submitting::{RefusalBox, SubmitButton};

/// How long to wait for the next key before the mail is shown anew.
const DEBOUNCE: Duration = Duration::from_millis(600);

/// Id of the panel's title, which takes the focus when the panel is drawn anew.
pub const TITLE_ID: &str = "decision";

#[component]
pub fn DecisionPanel(
    /// What is being decided.
    decision: Decision,
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
    /// The opinions that are still expected, in words.
    expected: Signal<Option<String>>,
    /// Whether they are still being asked for.
    awaits_opinions: Signal<bool>,
    /// The other instructor who takes care of it, if one does.
    other: Option<String>,
    /// Called once it is done, with the request as it is now.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when somebody else acted first: the request must be read again.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let choices = decisions(&enrollment);
    let has_decision = choices.iter().any(|action| action.needs_comment());
    let Enrollment { version, reopening, .. } = enrollment;
    let dossier = StoredValue::new((enrollment, policy));
    let offered = choices.clone();
    let content = move || match decision.action.get() {
        Some(action) if offered.contains(&action) => match wording(action, reopening) {
            Some(usual) => {
                let confirm = Callback::new(move |()| decision.confirm(version, on_done, on_conflict));
                view! { <DecisionForm decision action usual dossier confirm /> }.into_any()
            }
            None => ().into_any(),
        },
        Some(action) => view! { <NoLongerPossible decision action /> }.into_any(),
        None => view! { <DecisionButtons decision choices=offered.clone() reopening /> }.into_any(),
    };
    let is_empty = choices.is_empty();
    move || {
        if is_empty && decision.action.with(Option::is_none) {
            return ().into_any();
        }
        let content = content.clone();
        let other = other.clone().filter(|_| has_decision);
        view! {
            <section class="dp-panel dp-no-print" aria-labelledby=TITLE_ID>
                <h2 class="fr-h5" id=TITLE_ID tabindex="-1">
                    {if has_decision { "Décision" } else { "Action" }}
                </h2>
                {has_decision.then(|| expected_line(expected, awaits_opinions))}
                {other.map(|name| view! { <p>{format!("{name} suit cette demande\u{a0}: vous décidez à sa place.")}</p> })}
                {content}
            </section>
        }
        .into_any()
    }
}

/// What is still expected. A decision does not have to wait for it.
fn expected_line(expected: Signal<Option<String>>, awaits_opinions: Signal<bool>) -> AnyView {
    (move || {
        if awaits_opinions.get() {
            return Some(Spinner().into_any());
        }
        expected.get().map(|expected| {
            view! {
                <p class="fr-text--sm fr-mb-2w">
                    <JumpLink target=opinions::ID.to_owned() label=expected class="fr-link fr-link--sm" />
                </p>
            }
            .into_any()
        })
    })
    .into_any()
}

#[component]
fn DecisionButtons(
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
                        {label(action, reopening)} {(action == Action::RequestChanges).then(|| points_of(decision))}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="fr-btns-group">{buttons}</ul> }
}

/// How many points wait to be sent.
fn points_of(decision: Decision) -> impl IntoView {
    move || match decision.points.with(Vec::len) {
        0 => String::new(),
        count => format!(" ({})", counted(count)),
    }
}

fn button_id(action: Action) -> String {
    format!("decider-{action}")
}

#[component]
fn DecisionForm(
    /// What is being decided.
    decision: Decision,
    /// The decision.
    action: Action,
    /// Its words, where nothing makes another one of it.
    usual: Wording,
    /// The request, and what its API asks for.
    dossier: StoredValue<(Enrollment, Policy)>,
    /// Called to send.
    confirm: Callback<()>,
) -> impl IntoView {
    let cancel = move |_| {
        decision.cancel();
        browser::focus_soon(button_id(action));
    };
    let (id, reopening, target_api) =
        dossier.with_value(|(enrollment, _)| (enrollment.id, enrollment.reopening, enrollment.target_api.clone()));
    let open = RwSignal::new(false);
    // Once data is taken out, granting becomes offering.
    let event = Memo::new(move |_| decision.event().unwrap_or(action));
    let wording = Memo::new(move |_| wording(event.get(), reopening).unwrap_or(usual));
    let points = (action == Action::RequestChanges).then(|| {
        let policy = dossier.with_value(|(_, policy)| policy.clone());
        view! { <CollectedPoints points=decision.points policy /> }
    });
    let (enrollment, policy) = dossier.get_value();
    let may_offer = enrollment.allows(Action::OfferPartialGrant) && strike::is_possible(&policy, &enrollment);
    let strike = (action == Action::Validate && may_offer)
        .then(|| view! { <StrikeScopes struck=decision.struck enrollment policy /> });
    let comment = move || {
        let Wording { label, hint, .. } = wording.get();
        view! {
            <TextArea
                id=COMMENT_ID
                label
                hint
                required=action.needs_comment() && action != Action::RequestChanges
                rows=8
                value=decision.comment
                error=decision.submission.error_at("/comment")
                on_input=move |text: String| decision.comment.set(text)
            />
        }
    };
    let label = Signal::derive(move || wording.get().confirm.to_owned());
    view! {
        <div
            class="dp-decision"
            on:keydown=move |key| {
                if is_key(&key, open) {
                    key.prevent_default();
                }
            }
        >
            <h3 class="fr-h6">{move || wording.get().title}</h3>
            <RefusalBox submission=decision.submission show=refusal />
            {points}
            {strike}
            <DecisionMessages decision event id target_api open>
                {comment}
            </DecisionMessages>
            <MailPreview decision id />
            <ul class="fr-btns-group fr-btns-group--inline dp-decision__act">
                <li>
                    <SubmitButton submission=decision.submission label on_click=confirm />
                </li>
                <li>
                    <button type="button" class="fr-btn fr-btn--secondary" on:click=cancel>
                        "Annuler"
                    </button>
                </li>
            </ul>
        </div>
    }
}

/// Why the decision did not go through. What was typed stays.
fn refusal(error: ApiError) -> AnyView {
    if error.is_conflict() {
        return view! {
            <Alert tone=Tone::Warning title="La demande a changé entre-temps">
                <p>
                    "Une autre personne a agi sur cette demande pendant que vous écriviez. Elle est affichée ici dans son état actuel\u{a0}; votre message est conservé. Vérifiez-la, puis confirmez de nouveau si la décision convient toujours."
                </p>
            </Alert>
        }
        .into_any();
    }
    let (title, note) = if error.is_passing() {
        ("La décision n’a pas été envoyée", "Votre message est conservé dans ce navigateur.")
    } else {
        ("La décision n’a pas été acceptée", "Votre message est conservé.")
    };
    view! {
        <Alert tone=Tone::Error title>
            <p>{error.message()}</p>
            <p>{note}</p>
        </Alert>
    }
    .into_any()
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
    /// Number of the request.
    id: i64,
) -> impl IntoView {
    let settled = RwSignal::new(untrack(|| decision.change()));
    let debounce = Debounce::of(DEBOUNCE);
    Effect::new(move |_| {
        let change = decision.change();
        debounce.cancel();
        if change != settled.get_untracked() {
            debounce.then(move || settled.set(change));
        }
    });
    let is_waiting = move || {
        settled
            .with(|change| change.as_ref().is_some_and(|change| change.needs_comment() && change.comment().is_empty()))
    };
    let loader = Loader::new(move || match settled.get().filter(|_| !is_waiting()) {
        Some(change) => Answer::of(async move { api::mail_preview(id, change).await.map(Some) }),
        None => Answer::known(None),
    });
    let last = loader.last_answer();
    let content = move || {
        if is_waiting() {
            return view! { <p class="fr-hint-text">"L’aperçu apparaîtra ici quand vous aurez écrit votre message."</p> }.into_any();
        }
        match last.get() {
            None | Some(Ok(None)) => view! { <p class="fr-hint-text">"Chargement de l’aperçu…"</p> }.into_any(),
            Some(Err(error)) => view! {
                <p class="fr-hint-text">{format!("L’aperçu n’est pas disponible\u{a0}: {}", error.message())}</p>
            }
            .into_any(),
            Some(Ok(Some(mails))) if mails.is_empty() => {
                view! { <p class="fr-hint-text">"Aucun courriel ne sera envoyé."</p> }.into_any()
            }
            Some(Ok(Some(mails))) => {
                mails.into_iter().enumerate().map(|(index, mail)| preview(index, mail)).collect_view().into_any()
            }
        }
    };
    let title = move || match last.get() {
        Some(Ok(Some(mails))) if mails.len() > 1 => format!("Aperçu des {} courriels", mails.len()),
        Some(Ok(_) | Err(_)) | None => "Aperçu du courriel".to_owned(),
    };
    // On a phone what one writes and what sends it stay together.
    view! {
        <details class="dp-details dp-preview" open=browser::is_wide()>
            <summary>
                <h4 class="fr-text--md dp-details__title">{title}</h4>
            </summary>
            {content}
        </details>
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
