//! The form that gives a role, and the window that takes one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::user::{NewRoleChange, Role};

use super::{apis, label};
use crate::api;
use crate::app::AppContext;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{Choice, Select};
use crate::components::field::TextInput;
use crate::components::modal::Confirm;

const KINDS: &[(&str, &str)] = &[
    ("instructor", "Instructeur – lit et décide"),
    ("reporter", "Rapporteur – lit"),
    ("subscriber", "Abonné – est prévenu des dépôts"),
    ("administrator", "Administrateur – toute la plateforme"),
];

/// The form that gives a role.
#[component]
pub fn Given(
    /// Called once it is done, with what to say.
    on_done: Callback<String>,
) -> impl IntoView {
    let email = RwSignal::new(String::new());
    let kind = RwSignal::new(String::new());
    let target_api = RwSignal::new(String::new());
    let reason = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let is_sending = RwSignal::new(false);
    let needs_api = Memo::new(move |_| kind.with(|kind| !kind.is_empty() && kind != "administrator"));
    let kinds = Signal::stored(KINDS.iter().map(|(value, label)| Choice::new(*value, *label)).collect::<Vec<_>>());
    let context = AppContext::get();
    let choices = Signal::derive(move || apis(context.catalogue.get().unwrap_or_default()));
    let send = move || {
        let name = if needs_api.get_untracked() {
            format!("{}:{}", target_api.get_untracked(), kind.get_untracked())
        } else {
            kind.get_untracked()
        };
        let Ok(role) = name.parse::<Role>() else {
            trouble.set(Some("Choisissez un rôle, et l’API qu’il concerne.".to_owned()));
            return;
        };
        let said = format!("Rôle donné\u{a0}: {} à {}.", label(&role), email.get_untracked().trim());
        let change =
            NewRoleChange { email: email.get_untracked(), role, granted: true, reason: reason.get_untracked() };
        trouble.set(None);
        is_sending.set(true);
        spawn_local(async move {
            let result = api::change_role(change).await;
            is_sending.try_set(false);
            match result {
                Ok(_) => {
                    email.try_set(String::new());
                    reason.try_set(String::new());
                    on_done.run(said);
                }
                Err(error) => {
                    trouble.try_set(Some(error.message()));
                }
            }
        });
    };
    view! {
        <form
            class="dp-panel"
            novalidate=true
            aria-labelledby="donner-un-role"
            on:submit=move |event| {
                event.prevent_default();
                if !is_sending.get_untracked() {
                    send();
                }
            }
        >
            <h2 class="fr-h5" id="donner-un-role">
                "Donner un rôle"
            </h2>
            {move || {
                trouble
                    .get()
                    .map(|trouble| {
                        view! {
                            <Alert tone=Tone::Error title="Le rôle n’a pas été donné">
                                <p>{trouble}</p>
                            </Alert>
                        }
                    })
            }}
            <TextInput
                id="role-email"
                label="Adresse électronique"
                hint="Celle avec laquelle la personne se connecte, ou se connectera."
                kind="email"
                required=true
                autocomplete="off"
                value=email
                on_input=Callback::new(move |text| email.set(text))
            />
            <Select
                id="role-type"
                label="Rôle"
                required=true
                choices=kinds
                value=kind
                on_change=Callback::new(move |chosen| kind.set(chosen))
            />
            {move || {
                needs_api
                    .get()
                    .then(|| {
                        view! {
                            <Select
                                id="role-api"
                                label="API"
                                required=true
                                choices
                                value=target_api
                                on_change=Callback::new(move |chosen| target_api.set(chosen))
                            />
                        }
                    })
            }}
            <TextInput
                id="role-raison"
                label="Raison"
                hint="Par exemple\u{a0}: arrivée dans le service, demande du responsable."
                required=true
                autocomplete="off"
                value=reason
                on_input=Callback::new(move |text| reason.set(text))
            />
            <button type="submit" class="fr-btn fr-mt-2w" aria-disabled=move || is_sending.get().then_some("true")>
                "Donner ce rôle"
            </button>
        </form>
    }
}

/// The window that takes a role.
#[component]
pub fn TakeBack(
    /// Whose, and which; nothing while the window is closed.
    taken: RwSignal<Option<(String, Role)>>,
    /// Called once it is done, with what to say.
    on_done: Callback<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    Effect::new(move |_| {
        if taken.with(Option::is_some) {
            reason.set(String::new());
            open.set(true);
        }
    });
    let on_confirm = Callback::new(move |()| {
        let Some((email, role)) = taken.get_untracked() else { return };
        taken.set(None);
        let said = format!("Rôle retiré\u{a0}: {} à {email}.", label(&role));
        let change = NewRoleChange { email, role, granted: false, reason: reason.get_untracked() };
        spawn_local(async move {
            on_done.run(match api::change_role(change).await {
                Ok(_) => said,
                Err(error) => format!("Le rôle n’a pas été retiré. {}", error.message()),
            });
        });
    });
    view! {
        <Confirm id="retirer-un-role" title="Retirer ce rôle\u{a0}?" open confirm="Retirer le rôle" on_confirm>
            <p>{move || taken.get().map(|(email, role)| format!("{} – {email}", label(&role)))}</p>
            <TextInput
                id="retrait-raison"
                label="Raison"
                required=true
                autocomplete="off"
                value=reason
                on_input=Callback::new(move |text| reason.set(text))
            />
        </Confirm>
    }
}
