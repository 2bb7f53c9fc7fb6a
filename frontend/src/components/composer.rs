//! A text to write and to send, which is not lost: until it is sent, this browser keeps it.

use leptos::prelude::*;
use leptos::web_sys::KeyboardEvent;
use shared::api::ErrorCode;
use shared::text::MAX_LENGTH;

use super::alert::{Alert, Tone};
use super::field::TextArea;
use crate::api::{ApiError, sign_in_url};
use crate::browser;

/// How near to the limit what is left is told.
const NEAR: usize = 500;

/// A text being written.
#[derive(Clone, Copy, Debug)]
pub struct Composer {
    text: RwSignal<String>,
    is_tried: RwSignal<bool>,
    is_sending: RwSignal<bool>,
    is_sent: RwSignal<bool>,
    trouble: RwSignal<Option<ApiError>>,
}

impl Composer {
    /// With what this browser kept under that key. It is kept there until it is sent.
    pub fn kept_under(key: String) -> Self {
        Self {
            text: kept(key),
            is_tried: RwSignal::new(false),
            is_sending: RwSignal::new(false),
            is_sent: RwSignal::new(false),
            trouble: RwSignal::new(None),
        }
    }

    fn write(self, text: String) {
        self.is_sent.set(false);
        self.is_tried.set(false);
        self.text.set(text);
    }

    fn error(self) -> Option<String> {
        self.text.with(|text| error(text, self.is_tried.get()))
    }

    /// The text to send. `None` while one is on its way, or where it cannot be sent; then the page says why.
    pub fn start(self) -> Option<String> {
        if self.is_sending.get_untracked() {
            return None;
        }
        self.is_tried.set(true);
        if untrack(|| self.error()).is_some() {
            return None;
        }
        self.is_sent.set(false);
        self.trouble.set(None);
        self.is_sending.set(true);
        Some(self.text.get_untracked())
    }

    /// What came of it. What was typed meanwhile stays. Whether the page is still there.
    pub fn finish(self, text: &str, trouble: Option<ApiError>) -> bool {
        if self.is_sending.try_set(false).is_some() {
            return false;
        }
        if trouble.is_none() {
            self.text.update(|now| *now = now.strip_prefix(text).unwrap_or(now).to_owned());
            self.is_tried.set(false);
            self.is_sent.set(true);
        }
        self.trouble.set(trouble);
        true
    }
}

/// A text that this browser keeps under that key until it is emptied.
pub fn kept(key: String) -> RwSignal<String> {
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
    let left = MAX_LENGTH.checked_sub(text.trim().chars().count()).filter(|left| *left <= NEAR)?;
    let step = if left > 50 { 50 } else { 10 };
    Some(format!("Il reste {} caractères au plus.", left.div_ceil(step) * step))
}

/// The words of a form.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Id of the field.
    pub id: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Help.
    pub hint: &'static str,
    /// The button.
    pub send: &'static str,
    /// Once it is sent.
    pub sent: &'static str,
    /// When it could not be sent.
    pub failed: &'static str,
}

/// The form. Ctrl + Enter sends too.
#[component]
pub fn Compose(
    /// The text.
    composer: Composer,
    /// The words.
    words: Words,
    /// Called to send.
    on_send: Callback<()>,
) -> impl IntoView {
    let send = move || {
        on_send.run(());
        if untrack(|| composer.error()).is_some() {
            browser::focus(words.id);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            send();
        }
    };
    let on_submit = move |event: leptos::web_sys::SubmitEvent| {
        event.prevent_default();
        send();
    };
    view! {
        <form class="dp-compose dp-no-print" novalidate=true on:submit=on_submit on:keydown=on_key>
            <TextArea
                id=words.id
                label=words.label
                hint=words.hint
                rows=4
                value=composer.text
                error=Signal::derive(move || composer.error())
                remark=Signal::derive(move || composer.text.with(|text| left(text)))
                on_input=move |text: String| composer.write(text)
            />
            <div aria-live="assertive">
                {move || composer.trouble.get().map(|error| trouble(words.failed, error))}
            </div>
            <button type="submit" class="fr-btn" aria-disabled=move || composer.is_sending.get().then_some("true")>
                {move || match (composer.is_sending.get(), composer.trouble.with(Option::is_some)) {
                    (true, _) => "Envoi en cours…",
                    (false, true) => "Réessayer",
                    (false, false) => words.send,
                }}
            </button>
            <p class="dp-state dp-compose__sent" class:dp-state--done=move || composer.is_sent.get() role="status">
                {move || composer.is_sent.get().then_some(words.sent)}
            </p>
        </form>
    }
}

/// Why a text was not sent, and what to do.
pub fn trouble(title: &'static str, error: ApiError) -> AnyView {
    let sign_in = (error.code() == Some(ErrorCode::Unauthorized)).then(|| {
        view! {
            <p>
                <a class="fr-link" rel="external" href=sign_in_url(&browser::current_path())>
                    "Se connecter"
                </a>
            </p>
        }
    });
    view! {
        <Alert tone=Tone::Error title>
            <p>{error.message()}</p>
            <p>"Votre texte est conservé dans ce navigateur."</p>
            {sign_in}
        </Alert>
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
        assert_eq!(left_after(MAX_LENGTH - NEAR - 1), None);
        assert_eq!(left_after(MAX_LENGTH - 500).as_deref(), Some("Il reste 500 caractères au plus."));
        assert_eq!(left_after(MAX_LENGTH - 499), left_after(MAX_LENGTH - 451));
        assert_eq!(left_after(MAX_LENGTH - 31).as_deref(), Some("Il reste 40 caractères au plus."));
        assert_eq!(left_after(MAX_LENGTH + 1), None);
    }
}
