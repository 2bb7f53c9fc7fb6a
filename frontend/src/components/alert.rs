//! A DSFR alert.

use leptos::prelude::*;

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Info,
    /// It went well.
    Success,
    /// To be careful about.
    Warning,
    /// It went wrong.
    Error,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Info => "fr-alert fr-alert--info",
            Self::Success => "fr-alert fr-alert--success",
            Self::Warning => "fr-alert fr-alert--warning",
            Self::Error => "fr-alert fr-alert--error",
        }
    }
}

/// A framed message. With `live`, screen readers read it as soon as it appears.
#[component]
pub fn Alert(
    /// How serious it is.
    tone: Tone,
    /// Its title; a small message has none.
    #[prop(into, optional)]
    title: String,
    /// Whether it appears as an answer to something, and so must be read aloud.
    #[prop(optional)]
    live: bool,
    /// The message.
    children: Children,
) -> impl IntoView {
    let class = format!("{}{} fr-mb-3w", tone.class(), if title.is_empty() { " fr-alert--sm" } else { "" });
    let role = live.then_some(if tone == Tone::Error { "alert" } else { "status" });
    view! {
        <div class=class role=role>
            {(!title.is_empty()).then(|| view! { <p class="fr-alert__title">{title}</p> })}
            {children()}
        </div>
    }
}
