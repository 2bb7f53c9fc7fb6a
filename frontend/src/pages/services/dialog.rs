//! Asks before an OpenID client gets another secret or is removed.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::client::{Client, ClientWithSecret};

use crate::api::administration;
use crate::components::choice::Checkbox;
use crate::components::dialog::ConfirmDialog;

/// What is done with a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAction {
    /// Gives it another secret.
    Rotate,
    /// Removes it.
    Remove,
}

impl ClientAction {
    /// What the button says.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rotate => "Renouveler le secret",
            Self::Remove => "Retirer",
        }
    }

    const fn question(self) -> &'static str {
        match self {
            Self::Rotate => "Renouveler le secret\u{a0}?",
            Self::Remove => "Retirer ce service\u{a0}?",
        }
    }

    const fn explanation(self) -> &'static str {
        match self {
            Self::Rotate => "Le nouveau secret sera affiché une seule fois.",
            Self::Remove => {
                "Plus personne ne pourra s’y connecter avec son compte DataPass, et ce qu’il a reçu ne lui sert plus à rien. Cette action est définitive."
            }
        }
    }
}

#[component]
pub fn ClientDialog(
    /// Which service, and what; nothing while the dialog is closed.
    asked: RwSignal<Option<(Client, ClientAction)>>,
    /// Called with another secret.
    on_secret: Callback<ClientWithSecret>,
    /// Called once it is done or was not, with what to say.
    on_done: Callback<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let keeps_previous = RwSignal::new(true);
    // What the dialog is about, until it opens again: it still shows while it closes.
    let shown = RwSignal::new(None::<(Client, ClientAction)>);
    Effect::new(move |_| {
        if let Some(asked_now) = asked.get() {
            shown.set(Some(asked_now));
            keeps_previous.set(true);
            open.set(true);
            asked.set(None);
        }
    });
    let on_confirm = Callback::new(move |()| {
        let Some((client, action)) = shown.get_untracked() else { return };
        let keep_previous = keeps_previous.get_untracked();
        spawn_local(async move {
            let Client { id, name, .. } = client;
            match action {
                ClientAction::Rotate => match administration::rotate_client(&id, keep_previous).await {
                    Ok(made) => on_secret.run(made),
                    Err(error) => {
                        on_done.run(format!("Le secret de «\u{a0}{name}\u{a0}» n’a pas changé. {}", error.message()));
                    }
                },
                ClientAction::Remove => on_done.run(match administration::remove_client(&id).await {
                    Ok(()) => format!("Service retiré\u{a0}: {name}."),
                    Err(error) => format!("«\u{a0}{name}\u{a0}» n’a pas été retiré. {}", error.message()),
                }),
            }
        });
    });
    let action = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|(_, action)| *action)));
    let title = Signal::derive(move || action.get().map_or("", ClientAction::question).to_owned());
    view! {
        <ConfirmDialog id="service" title open confirm="Confirmer" on_confirm>
            <p>{move || shown.get().map(|(client, action)| format!("{} – {}", client.name, action.explanation()))}</p>
            {move || {
                (action.get() == Some(ClientAction::Rotate))
                    .then(|| {
                        view! {
                            <Checkbox
                                id="service-ancien"
                                label=ViewFn::from(|| "L’ancien secret fonctionne encore, jusqu’au prochain renouvellement")
                                hint="Décochez si le secret a été divulgué\u{a0}: il cesse alors aussitôt de fonctionner."
                                checked=keeps_previous
                                on_change=Callback::new(move |is_kept| keeps_previous.set(is_kept))
                            />
                        }
                    })
            }}
        </ConfirmDialog>
    }
}
