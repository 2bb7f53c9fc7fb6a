//! The window that asks before a service gets another secret or is shut out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::client::{Client, ClientWithSecret};

use crate::api::administration;
use crate::components::choice::Checkbox;
use crate::components::modal::Confirm;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another secret.
    Rotate,
    /// Shutting it out.
    Remove,
}

impl Step {
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

/// The window.
#[component]
pub fn ChangeWindow(
    /// Which service, and what; nothing while the window is closed.
    asked: RwSignal<Option<(Client, Step)>>,
    /// Called with another secret.
    on_secret: Callback<ClientWithSecret>,
    /// Called once it is done or was not, with what to say.
    on_done: Callback<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let keeps_previous = RwSignal::new(true);
    // What the window is about, until it opens again: it still shows while it closes.
    let shown = RwSignal::new(None::<(Client, Step)>);
    Effect::new(move |_| {
        if let Some(asked_now) = asked.get() {
            shown.set(Some(asked_now));
            keeps_previous.set(true);
            open.set(true);
            asked.set(None);
        }
    });
    let on_confirm = Callback::new(move |()| {
        let Some((client, step)) = shown.get_untracked() else { return };
        let keep_previous = keeps_previous.get_untracked();
        spawn_local(async move {
            let Client { id, name, .. } = client;
            match step {
                Step::Rotate => match administration::rotate_client(&id, keep_previous).await {
                    Ok(made) => on_secret.run(made),
                    Err(error) => {
                        on_done.run(format!("Le secret de «\u{a0}{name}\u{a0}» n’a pas changé. {}", error.message()));
                    }
                },
                Step::Remove => on_done.run(match administration::remove_client(&id).await {
                    Ok(()) => format!("Service retiré\u{a0}: {name}."),
                    Err(error) => format!("«\u{a0}{name}\u{a0}» n’a pas été retiré. {}", error.message()),
                }),
            }
        });
    });
    let step = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|(_, step)| *step)));
    let title = Signal::derive(move || step.get().map_or("", Step::question).to_owned());
    view! {
        <Confirm id="service" title open confirm="Confirmer" on_confirm>
            <p>{move || shown.get().map(|(client, step)| format!("{} – {}", client.name, step.explanation()))}</p>
            {move || {
                (step.get() == Some(Step::Rotate))
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
        </Confirm>
    }
}
