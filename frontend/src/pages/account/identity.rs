//! Showing once more who one is, before what outlasts the session. What was begun is kept meanwhile, in this tab.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::account::sign_in_again_url;
use crate::browser;

/// Where the server wants to know once more who is there, sets `begun` aside and goes to show it. Whether one leaves.
pub fn leave_to_confirm(error: &ApiError, key: &str, begun: &str) -> bool {
    let Some(max_age) = error.max_age() else { return false };
    browser::set_aside(key, begun);
    browser::leave_to(&sign_in_again_url("/mon-compte", max_age));
    true
}

/// Says beforehand that it may be asked, and why.
#[component]
pub fn IdentityHint() -> impl IntoView {
    view! {
        <p>
            "L’accès d’un outil dure au-delà de votre session\u{a0}: si vous vous êtes connecté il y a plus de dix minutes, votre mot de passe vous sera d’abord demandé, et le code de votre second facteur si vous en avez un. Vous reviendrez ici, sans rien ressaisir."
        </p>
    }
}
