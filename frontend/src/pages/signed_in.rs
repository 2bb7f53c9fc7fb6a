//! The page that ends a sign-in started beside another page, which it tells.

use leptos::prelude::*;

use crate::browser;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// What the other windows hear when it changes.
const KEY: &str = "datapass.reconnexion";

#[component]
pub fn SignedIn() -> impl IntoView {
    signed_in(|_| {
        browser::store(KEY, &browser::now().to_rfc3339());
        browser::close();
        view! {
            <PageTitle title="Vous êtes reconnecté" />
            <p class="fr-text--lead">"Vous pouvez fermer cette fenêtre et reprendre là où vous en étiez."</p>
            <p>
                "Si vous avez fermé l’autre page, vous retrouverez ce que vous aviez écrit dans "
                <a href="/mes-demandes">"vos demandes"</a> "."
            </p>
        }
        .into_any()
    })
}
