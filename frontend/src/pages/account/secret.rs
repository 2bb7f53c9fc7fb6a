//! The secret of an API client, shown once.

use leptos::prelude::*;
use shared::access::ApiClientWithSecret;

use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::copy_field::CopyField;

const PANEL: &str = "secret";

/// The secret, until one says that it is copied. It takes the focus when it appears.
#[component]
pub fn SecretPanel(
    /// The tool; nothing where there is none to show.
    shown: RwSignal<Option<ApiClientWithSecret>>,
    /// Id of what has the focus afterwards.
    back: &'static str,
) -> impl IntoView {
    Effect::new(move |_| {
        if shown.with(Option::is_some) {
            browser::focus_soon(PANEL.to_owned());
        }
    });
    move || {
        shown.get().map(|made| {
            let title = format!("Secret de l’outil «\u{a0}{}\u{a0}»", made.api_client.name);
            let name = title.clone();
            view! {
                <div id=PANEL tabindex="-1" role="group" aria-label=name>
                    <Alert tone=Tone::Success title>
                        <p>
                            "Copiez-le maintenant dans la configuration de l’outil\u{a0}: il ne sera plus jamais montré. Ne l’envoyez pas par courriel."
                        </p>
                        <CopyField id="client-id" label="client_id" value=made.api_client.id />
                        <CopyField id="client-secret" label="client_secret" value=made.secret />
                        <CopyField
                            id="adresse-des-jetons"
                            label="Adresse des jetons"
                            value=browser::address_of("/api/oauth/token")
                        />
                        <button
                            type="button"
                            class="fr-btn fr-btn--secondary fr-mt-2w"
                            on:click=move |_| {
                                shown.set(None);
                                browser::focus_soon(back.to_owned());
                            }
                        >
                            "J’ai copié le secret"
                        </button>
                    </Alert>
                </div>
            }
        })
    }
}
