//! The browser sessions of the user, which they may end.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::access::BrowserSession;

use crate::api::account;
use crate::browser;
use crate::components::badge::Badge;
use crate::components::date;
use crate::components::dialog::{ConfirmDialog, DialogButton};
use crate::loader::Loader;

/// Where the focus goes once a line is gone.
pub const TITLE: &str = "mes-sessions";

#[component]
pub fn Sessions() -> impl IntoView {
    let loader = Loader::new(account::sessions);
    // What was just done, for those who do not see the list change.
    let done = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    // The session to end; all others, without one. It stays while the dialog closes.
    let asked = RwSignal::new(None::<BrowserSession>);
    let ask = Callback::new(move |which| {
        asked.set(which);
        open.set(true);
    });
    let on_confirm = Callback::new(move |()| {
        let asked = asked.get_untracked();
        spawn_local(async move {
            let (left, said) = match &asked {
                Some(one) => (account::end_session(&one.id).await, "La session est terminée."),
                None => (account::end_other_sessions().await, "Vous êtes déconnecté partout ailleurs."),
            };
            let said = match left {
                Ok(left) => {
                    loader.set(left);
                    said.to_owned()
                }
                Err(error) => error.message(),
            };
            done.try_set(said);
            browser::focus_soon(TITLE.to_owned());
        });
    });
    let title = Signal::derive(move || {
        let question = if asked.with(Option::is_some) {
            "Mettre fin à cette session\u{a0}?"
        } else {
            "Vous déconnecter partout ailleurs\u{a0}?"
        };
        question.to_owned()
    });
    view! {
        <section aria-labelledby=TITLE>
            <h2 class="fr-h4 fr-mt-6w" id=TITLE tabindex="-1">
                "Mes sessions"
            </h2>
            <p>
                "Les navigateurs où vous êtes connecté à DataPass. Une session prend fin après douze heures, ou après deux heures sans activité."
            </p>
            <p role="status">{move || done.get()}</p>
            {loader.view(move |sessions| list(sessions, ask))}
            <ConfirmDialog id="fin-de-session" title open confirm="Mettre fin" on_confirm>
                <p>
                    {move || match asked.get() {
                        Some(one) => format!("{}, connecté depuis le {}.", one.device, date::date_time(one.created_at)),
                        None => "Toutes vos sessions prendront fin, sauf celle de ce navigateur, ici et sur les services où ce compte vous connecte\u{a0}; vos outils seront déconnectés.".to_owned(),
                    }}
                </p>
                <p>"Ce qui n’y est pas encore enregistré reste dans le navigateur où vous l’avez écrit."</p>
            </ConfirmDialog>
        </section>
    }
}

fn list(sessions: Vec<BrowserSession>, ask: Callback<Option<BrowserSession>>) -> AnyView {
    let has_others = sessions.iter().any(|one| !one.is_current);
    let lines = sessions.into_iter().map(|one| line(one, ask)).collect_view();
    view! {
        <ul class="dp-roles">{lines}</ul>
        {has_others
            .then(|| {
                view! {
                    <button
                        type="button"
                        class="fr-btn fr-btn--secondary fr-mt-1w"
                        aria-haspopup="dialog"
                        on:click=move |_| ask.run(None)
                    >
                        "Me déconnecter partout ailleurs"
                    </button>
                }
            })}
    }
    .into_any()
}

fn line(one: BrowserSession, ask: Callback<Option<BrowserSession>>) -> impl IntoView {
    let since = date::date_time(one.created_at);
    let told =
        format!("Connecté depuis le {since}. Dernière activité\u{a0}: le {}.", date::date_time(one.last_seen_at));
    let name = one.device.clone();
    let about = format!(" à la session {name}, ouverte le {since}");
    let end = if one.is_current {
        view! { <Badge label="Cette session" /> }.into_any()
    } else {
        view! { <DialogButton label="Mettre fin" about on_ask=move |()| ask.run(Some(one.clone())) /> }.into_any()
    };
    view! {
        <li class="dp-card dp-role fr-mb-2w">
            <div>
                <p class="fr-text--bold fr-mb-0">{name}</p>
                <p class="dp-detail fr-mb-0">{told}</p>
            </div>
            {end}
        </li>
    }
}
