//! Bans an account, lifts a ban, impersonates somebody: each with a reason.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::user::{NewBan, NewImpersonation};

use crate::api::administration;
use crate::browser;
use crate::components::dialog::DialogButton;
use crate::components::done::Done;
use crate::components::field::TextInput;
use crate::context::AppContext;
use crate::shell::submitting::{FormDialog, missing_reason, opened_by};
use crate::submission::Submission;

const REASON: &str = "compte-raison";

/// What is done with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountAction {
    /// Bans it.
    Ban,
    /// Lifts the ban.
    Unban,
    /// Impersonates its owner.
    ActFor,
}

impl AccountAction {
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
                "La personne est déconnectée aussitôt, ne peut plus se connecter et ne reçoit plus de courriels. Ses demandes et ses rôles restent. Elle lira la raison que vous donnez."
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
    asked: RwSignal<Option<(String, AccountAction)>>,
) -> AnyView {
    let mut actions = vec![if is_banned { AccountAction::Unban } else { AccountAction::Ban }];
    if !is_banned && !is_administrator {
        actions.push(AccountAction::ActFor);
    }
    let buttons = actions
        .into_iter()
        .map(|action| {
            let own = email.to_owned();
            let about = format!(" {own}");
            let on_ask = move |()| asked.set(Some((own.clone(), action)));
            view! { <li><DialogButton label=action.label() about on_ask /></li> }
        })
        .collect_view();
    view! { <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm fr-mt-2w">{buttons}</ul> }.into_any()
}

/// The dialog that asks why, and does it.
#[component]
pub fn AccountDialog(
    /// Whose account, and what is done with it; nothing until something is.
    asked: RwSignal<Option<(String, AccountAction)>>,
    /// What was just done, by e-mail address.
    done: Done,
    /// Called once it is done.
    on_done: Callback<()>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let submission = Submission::new("compte", &[("/reason", REASON)], move || missing_reason(reason));
    let open = opened_by(asked, submission, reason);
    let context = AppContext::get();
    let navigate = use_navigate();
    let on_confirm = Callback::new(move |()| {
        let Some((email, action)) = asked.get_untracked().filter(|_| submission.is_ready()) else { return };
        let (reason, navigate) = (reason.get_untracked(), navigate.clone());
        if action == AccountAction::ActFor {
            submission.send(administration::impersonate(NewImpersonation { email, reason }), move |session| {
                browser::forget_drafts();
                navigate("/", NavigateOptions::default());
                context.session.set(session);
            });
            return;
        }
        let banned = action == AccountAction::Ban;
        let said = format!("{}\u{a0}: {email}.", if banned { "Compte suspendu" } else { "Compte rétabli" });
        let whose = email.clone();
        submission.send(administration::ban(NewBan { email, banned, reason }), move |_| {
            open.set(false);
            done.tell(whose, said);
            on_done.run(());
        });
    });
    let title = Signal::derive(move || {
        asked.with(|asked| asked.as_ref().map_or("", |(_, action)| action.question())).to_owned()
    });
    view! {
        <FormDialog
            id="compte"
            title
            open
            submission
            confirm="Confirmer"
            refused="Rien n’a changé"
            on_confirm
        >
            <p>{move || asked.get().map(|(email, action)| format!("{email} – {}", action.explanation()))}</p>
            <TextInput
                id=REASON
                label="Raison"
                hint="Elle est conservée."
                required=true
                autocomplete="off"
                value=reason
                error=submission.error_at("/reason")
                on_input=Callback::new(move |text| reason.set(text))
            />
        </FormDialog>
    }
}
