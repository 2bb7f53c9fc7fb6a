//! Asks before an OpenID client gets another secret or is removed.

use leptos::prelude::*;
use shared::client::{Client, ClientWithSecret};

use crate::api::administration;
use crate::components::choice::Checkbox;
use crate::shell::submitting::FormDialog;
use crate::submission::Submission;

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
    /// Which service, and what; nothing until something is asked.
    asked: RwSignal<Option<(Client, ClientAction)>>,
    /// Called with another secret.
    on_secret: Callback<ClientWithSecret>,
    /// Called with the service that was removed.
    on_removed: Callback<Client>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let keeps_previous = RwSignal::new(true);
    let submission = Submission::of_button("service");
    Effect::new(move |_| {
        if asked.with(Option::is_some) {
            submission.clear();
            keeps_previous.set(true);
            open.set(true);
        }
    });
    let on_confirm = Callback::new(move |()| {
        let Some((client, action)) = asked.get_untracked() else { return };
        match action {
            ClientAction::Rotate => {
                submission.send(
                    administration::rotate_client(&client.id, keeps_previous.get_untracked()),
                    move |made| {
                        open.set(false);
                        on_secret.run(made);
                    },
                );
            }
            ClientAction::Remove => submission.send(administration::remove_client(&client.id), move |()| {
                open.set(false);
                on_removed.run(client);
            }),
        }
    });
    let action = Memo::new(move |_| asked.with(|asked| asked.as_ref().map(|(_, action)| *action)));
    let title = Signal::derive(move || action.get().map_or("", ClientAction::question).to_owned());
    view! {
        <FormDialog
            id="service"
            title
            open
            submission
            confirm="Confirmer"
            refused="Rien n’a changé"
            on_confirm
        >
            <p>{move || asked.get().map(|(client, action)| format!("{} – {}", client.name, action.explanation()))}</p>
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
        </FormDialog>
    }
}
