//! Whether signing in asks for a second factor.

use leptos::prelude::*;
use shared::access::SecondFactor;

use super::profile::{link, title};
use crate::api::account;
use crate::components::alert::{Alert, Tone};
use crate::components::badge::Badge;
use crate::loader::Loader;

pub const TITLE: &str = "second-facteur";

const PATH: &str = "/users/account/second-factor";

#[component]
pub fn SecondFactorState() -> impl IntoView {
    let loader = Loader::new(account::second_factor);
    view! {
        <section aria-labelledby=TITLE>
            {title(TITLE, "Second facteur")} <p>"Après le mot de passe, la connexion demande aussi un code que donne une application."</p>
            {loader.view(state)}
        </section>
    }
}

fn state(found: SecondFactor) -> AnyView {
    let SecondFactor { is_on, recovery_codes, is_required } = found;
    if !is_on {
        let required = is_required.then(|| {
            view! {
                <Alert tone=Tone::Warning>
                    <p>"Votre rôle demande un second facteur."</p>
                </Alert>
            }
        });
        return view! {
            {required}
            <p>
                <Badge label="Désactivé" />
            </p>
            {link(PATH, "Activer le second facteur")}
        }
        .into_any();
    }
    let left = match recovery_codes {
        0 => {
            "Il ne vous reste aucun code de secours\u{a0}: créez-en d’autres avant de perdre l’application.".to_owned()
        }
        1 => "Il vous reste un seul code de secours.".to_owned(),
        left => format!("Il vous reste {left} codes de secours."),
    };
    view! {
        <p>
            <span class="fr-badge fr-badge--success">"Activé"</span>
        </p>
        <p>{left}</p>
        {link(PATH, "Gérer le second facteur et les codes de secours")}
    }
    .into_any()
}
