//! What an administrator does with an account: keeps it out, lets it back in, acts for it. Each asks for a reason.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::user::{NewBan, NewImpersonation};

use crate::api::administration;
use crate::app::AppContext;
use crate::browser;
use crate::components::field::TextInput;
use crate::components::modal::{AskButton, Confirm};
use crate::form::backup;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Keep them out.
    Ban,
    /// Let them back in.
    Unban,
    /// Act for them.
    ActFor,
}

impl Step {
    /// What the button says.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ban => "Suspendre",
            Self::Unban => "Rétablir",
            Self::ActFor => "Se connecter comme cette personne",
        }
    }

    const fn question(self) -> &'static str {
        match self {
            Self::Ban => "Suspendre ce compte\u{a0}?",
            Self::Unban => "Rétablir ce compte\u{a0}?",
            Self::ActFor => "Se connecter comme cette personne\u{a0}?",
        }
    }

    const fn explanation(self) -> &'static str {
        match self {
            Self::Ban => {
                "La personne est déconnectée aussitôt, ne peut plus se connecter et ne reçoit plus de courriels. Ses demandes et ses rôles restent."
            }
            Self::Unban => "La personne peut de nouveau se connecter, avec les rôles qu’elle avait.",
            Self::ActFor => {
                "Vous verrez et ferez tout ce que cette personne voit et peut faire, pendant une heure au plus. Le journal et l’historique des demandes diront que c’était vous."
            }
        }
    }
}

/// The buttons of an account.
pub fn buttons(
    email: &str,
    is_banned: bool,
    is_administrator: bool,
    asked: RwSignal<Option<(String, Step)>>,
) -> AnyView {
    let mut steps = vec![if is_banned { Step::Unban } else { Step::Ban }];
    if !is_banned && !is_administrator {
        steps.push(Step::ActFor);
    }
    let buttons = steps
        .into_iter()
        .map(|step| {
            let own = email.to_owned();
            let about = format!(" {own}");
            let on_ask = move |()| asked.set(Some((own.clone(), step)));
            view! { <li><AskButton label=step.label() about on_ask /></li> }
        })
        .collect_view();
    view! { <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm fr-mt-2w">{buttons}</ul> }.into_any()
}

/// The window that asks why, and does it.
#[component]
pub fn AccountWindow(
    /// Whose account, and what; nothing while the window is closed.
    asked: RwSignal<Option<(String, Step)>>,
    /// Called once it is done, with what to say.
    on_done: Callback<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    // What the window is about, until it opens again: it still shows while it closes.
    let shown = RwSignal::new(None::<(String, Step)>);
    Effect::new(move |_| {
        if let Some(asked_now) = asked.get() {
            shown.set(Some(asked_now));
            reason.set(String::new());
            open.set(true);
            asked.set(None);
        }
    });
    let context = AppContext::get();
    let navigate = use_navigate();
    let on_confirm = Callback::new(move |()| {
        let Some((email, step)) = shown.get_untracked() else { return };
        let (reason, navigate) = (reason.get_untracked(), navigate.clone());
        spawn_local(async move {
            let result = match step {
                Step::ActFor => {
                    let begun = administration::act_for(NewImpersonation { email: email.clone(), reason }).await;
                    begun.map(|session| {
                        browser::forget_all(backup::PREFIX);
                        navigate("/", NavigateOptions::default());
                        context.session.set(session);
                    })
                }
                Step::Ban | Step::Unban => {
                    let ban = NewBan { email: email.clone(), banned: step == Step::Ban, reason };
                    administration::ban(ban).await.map(drop)
                }
            };
            on_done.run(match (result, step) {
                (Ok(()), Step::Ban) => format!("Compte suspendu\u{a0}: {email}."),
                (Ok(()), Step::Unban) => format!("Compte rétabli\u{a0}: {email}."),
                (Ok(()), Step::ActFor) => return,
                (Err(error), _) => format!("Rien n’a changé pour {email}. {}", error.message()),
            });
        });
    });
    let title = Signal::derive(move || shown.with(|shown| shown.as_ref().map_or("", |(_, step)| step.question())));
    let title = Signal::derive(move || title.get().to_owned());
    view! {
        <Confirm id="compte" title open confirm="Confirmer" on_confirm>
            <p>{move || shown.get().map(|(email, step)| format!("{email} – {}", step.explanation()))}</p>
            <TextInput
                id="compte-raison"
                label="Raison"
                hint="Elle est conservée."
                required=true
                autocomplete="off"
                value=reason
                on_input=Callback::new(move |text| reason.set(text))
            />
        </Confirm>
    }
}
