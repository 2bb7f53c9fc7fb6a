//! Where the window ends in which one has signed in again: the page that waits for it is in another.

use leptos::prelude::*;

use crate::app::AppContext;
use crate::browser;
use crate::components::title::PageTitle;

/// Its address.
pub const PATH: &str = "/reconnexion";

/// What the other windows hear when it changes.
const KEY: &str = "datapass.reconnexion";

/// The page.
#[component]
pub fn SignedIn() -> impl IntoView {
    AppContext::get().signed_in(|_| {
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
