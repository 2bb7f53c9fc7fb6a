//! Whether Mailjet lets our sender write. Where mails leave by another way, nothing is shown. It comes last on its page: nothing
//! moves when it is there.

use leptos::prelude::*;
use shared::outbox::{MailSender, SenderState};

use crate::api::administration;
use crate::components::alert::{Alert, Tone};
use crate::loader::{Loader, Remote};

#[component]
pub fn Senders() -> impl IntoView {
    let loader = Loader::new(administration::mail_senders);
    move || match loader.remote() {
        Remote::Loading => ().into_any(),
        Remote::Ready(senders) if senders.is_empty() => ().into_any(),
        Remote::Ready(senders) => view! {
            <h2 class="fr-h4 fr-mt-6w">"Expéditeur des courriels"</h2>
            {senders.into_iter().map(line).collect_view()}
        }
        .into_any(),
        Remote::Failed(_) => view! {
            <Alert tone=Tone::Warning live=true>
                <p>"Mailjet ne répond pas\u{a0}: l’état de l’expéditeur des courriels n’est pas connu."</p>
                <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm" on:click=move |_| loader.reload()>
                    "Demander de nouveau"
                </button>
            </Alert>
        }
        .into_any(),
    }
}

fn line(sender: MailSender) -> AnyView {
    let (class, state, advice) = words(sender.state);
    view! {
        <p>
            <span class=format!("fr-badge fr-badge--sm {class}")>{state}</span>
            " "
            <span class="dp-break">{format!("{}{advice}", sender.address)}</span>
        </p>
    }
    .into_any()
}

/// How it looks, what it is called, and what to do about it.
const fn words(state: SenderState) -> (&'static str, &'static str, &'static str) {
    match state {
        SenderState::Validated => ("fr-badge--success", "Expéditeur validé", "\u{a0}: Mailjet remet ses courriels."),
        SenderState::Pending => (
            "fr-badge--warning",
            "Expéditeur en attente de validation",
            "\u{a0}: Mailjet ne remet pas encore ses courriels. Validez cette adresse ou son domaine dans le compte Mailjet.",
        ),
        SenderState::Refused => (
            "fr-badge--error",
            "Expéditeur refusé",
            "\u{a0}: Mailjet ne remet pas ses courriels. Ajoutez cette adresse ou son domaine dans le compte Mailjet.",
        ),
    }
}
