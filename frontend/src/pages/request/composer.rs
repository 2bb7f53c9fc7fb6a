//! A text being written, kept in local storage until it is sent. Its form opens under a button, at once where it was begun.

use leptos::prelude::*;
use leptos::web_sys::{KeyboardEvent, SubmitEvent};
use shared::text::MAX_LENGTH;

use crate::browser;
use crate::components::field::TextArea;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::Submission;

/// Said where a text was not sent.
pub const TEXT_IS_KEPT: &str = "Votre texte est conservé dans ce navigateur.";

/// How near to the limit what is left is told.
const COUNTDOWN_FROM: usize = 500;

/// A text being written.
#[derive(Clone, Copy, Debug)]
pub struct Composer {
    text: RwSignal<String>,
    is_open: RwSignal<bool>,
    is_sent: RwSignal<bool>,
    /// Its sending.
    pub submission: Submission,
}

impl Composer {
    /// For the field of that id, with what this browser kept under that key. It is kept there until it is sent.
    pub fn kept_under(key: String, id: &str) -> Self {
        let text = kept_text(key);
        let is_open = RwSignal::new(text.with_untracked(|text| !text.trim().is_empty()));
        let check = move || text.with(|text| error(text, true)).map(|error| ("/body", error)).into_iter().collect();
        Self { text, is_open, is_sent: RwSignal::new(false), submission: Submission::new(id, &[("/body", id)], check) }
    }

    /// Opens the form. It begins with a text, where nothing is being written.
    pub fn begin(self, text: String) {
        self.is_open.set(true);
        if self.text.with_untracked(|text| text.trim().is_empty()) {
            self.text.set(text);
        }
    }

    fn open(self, id: &str) {
        self.is_sent.set(false);
        self.is_open.set(true);
        browser::focus_soon(id.to_owned());
    }

    /// What is written stays.
    fn close(self, id: &str) {
        if untrack(|| self.submission.is_sending()) {
            return;
        }
        self.submission.clear();
        self.is_open.set(false);
        browser::focus_soon(button_id(id));
    }

    fn write(self, text: String) {
        self.is_sent.set(false);
        self.text.set(text);
    }

    /// What is wrong with the text; that it is too long is said at once.
    fn error(self) -> Signal<Option<String>> {
        let refused = self.submission.error_at("/body");
        Signal::derive(move || refused.get().or_else(|| self.text.with(|text| error(text, false))))
    }

    /// The text to send. `None` while one is on its way, or where it cannot be sent; then the page says why.
    pub fn start(self) -> Option<String> {
        self.submission.is_ready().then(|| {
            self.is_sent.set(false);
            self.text.get_untracked()
        })
    }

    /// Says that it is sent. What was typed meanwhile stays.
    pub fn finish(self, text: &str) {
        self.text.update(|now| *now = now.strip_prefix(text).unwrap_or(now).to_owned());
        self.is_sent.set(true);
    }
}

/// A text that this browser keeps under that key until it is emptied.
pub fn kept_text(key: String) -> RwSignal<String> {
    let text = RwSignal::new(browser::stored(&key).unwrap_or_default());
    Effect::new(move |_| {
        text.with(|text| {
            if text.trim().is_empty() {
                browser::forget(&key);
            } else {
                browser::store(&key, text);
            }
        });
    });
    text
}

/// What is wrong with a text, once one has tried to send it; that it is too long is said at once.
fn error(text: &str, is_tried: bool) -> Option<String> {
    match text.trim().chars().count() {
        0 if is_tried => Some("Écrivez un texte avant de l’envoyer.".to_owned()),
        length if length > MAX_LENGTH => {
            Some(format!("Le texte compte {length} caractères\u{a0}; raccourcissez-le à {MAX_LENGTH} au plus."))
        }
        _ => None,
    }
}

/// What is left near the limit: by steps, as screen readers say each change.
fn left(text: &str) -> Option<String> {
    let left = MAX_LENGTH.checked_sub(text.trim().chars().count()).filter(|left| *left <= COUNTDOWN_FROM)?;
    let step = if left > 50 { 50 } else { 10 };
    Some(format!("Il reste {} caractères au plus.", left.div_ceil(step) * step))
}

/// The words of a form.
#[derive(Clone, Copy, Debug)]
pub struct ComposerLabels {
    /// Id of the field.
    pub id: &'static str,
    /// Its label.
    pub label: &'static str,
    pub hint: &'static str,
    /// What opens the form.
    pub open: &'static str,
    /// What opens it where a text was begun.
    pub resume: &'static str,
    pub send: &'static str,
    /// Once it is sent.
    pub sent: &'static str,
    /// When it could not be sent.
    pub failed: &'static str,
}

/// Id of the button that opens the form of that field.
fn button_id(id: &str) -> String {
    format!("{id}-ouvrir")
}

/// The button that opens the form, and the form.
#[component]
pub fn ComposerForm(
    composer: Composer,
    words: ComposerLabels,
    /// Called to send.
    on_send: Callback<()>,
) -> impl IntoView {
    move || {
        if composer.is_open.get() {
            return form(composer, words, on_send);
        }
        view! {
            <button
                type="button"
                class="fr-btn fr-btn--secondary fr-btn--sm dp-no-print"
                id=button_id(words.id)
                on:click=move |_| composer.open(words.id)
            >
                {if composer.text.with(|text| text.trim().is_empty()) { words.open } else { words.resume }}
            </button>
        }
        .into_any()
    }
}

/// The form. Ctrl + Enter sends too.
fn form(composer: Composer, words: ComposerLabels, on_send: Callback<()>) -> AnyView {
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            on_send.run(());
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        on_send.run(());
    };
    view! {
        <form class="dp-compose dp-no-print" novalidate=true on:submit=on_submit on:keydown=on_key>
            <TextArea
                id=words.id
                label=words.label
                hint=words.hint
                rows=2
                value=composer.text
                error=composer.error()
                remark=Signal::derive(move || composer.text.with(|text| left(text)))
                on_input=move |text: String| composer.write(text)
            />
            <RefusalAlert submission=composer.submission title=words.failed note=TEXT_IS_KEPT />
            <ul class="fr-btns-group fr-btns-group--inline">
                <li>
                    <SubmitButton submission=composer.submission label=words.send />
                </li>
                <li>
                    <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| composer.close(words.id)>
                        "Fermer"
                    </button>
                </li>
            </ul>
            <p class="dp-state dp-compose__sent" class:dp-state--done=move || composer.is_sent.get() role="status">
                {move || composer.is_sent.get().then_some(words.sent)}
            </p>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_wrong_once_one_tries_to_send_it_and_a_long_one_at_once() {
        assert_eq!(error(" \n", false), None);
        assert!(error(" \n", true).is_some());
        assert_eq!(error(&"é".repeat(MAX_LENGTH), true), None);
        let told = error(&"é".repeat(MAX_LENGTH + 1), false).unwrap();
        assert!(told.contains("10001 caractères"), "{told}");
    }

    #[test]
    fn what_is_left_is_told_by_steps_near_the_limit() {
        let left_after = |length: usize| left(&"é".repeat(length));
        assert_eq!(left_after(0), None);
        assert_eq!(left_after(MAX_LENGTH - COUNTDOWN_FROM - 1), None);
        assert_eq!(left_after(MAX_LENGTH - 500).as_deref(), Some("Il reste 500 caractères au plus."));
        assert_eq!(left_after(MAX_LENGTH - 499), left_after(MAX_LENGTH - 451));
        assert_eq!(left_after(MAX_LENGTH - 31).as_deref(), Some("Il reste 40 caractères au plus."));
        assert_eq!(left_after(MAX_LENGTH + 1), None);
    }
}
