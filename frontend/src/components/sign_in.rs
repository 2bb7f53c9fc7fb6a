//! What a visitor sees where one must be signed in.

use leptos::prelude::*;

use super::title::PageTitle;
use crate::api::sign_in_url;
use crate::browser;

/// Asks a visitor to sign in, and comes back to this page.
#[component]
pub fn SignInPrompt() -> impl IntoView {
    view! {
        <PageTitle title="Connexion nécessaire" />
        <p>"Connectez-vous pour afficher cette page : vous y reviendrez aussitôt."</p>
        <SignInButton />
    }
}

/// The sign-in button. It comes back to the present page.
#[component]
pub fn SignInButton() -> impl IntoView {
    view! {
        <a class="fr-btn" rel="external" href=sign_in_url(&browser::current_path())>
            "Se connecter"
        </a>
    }
}
