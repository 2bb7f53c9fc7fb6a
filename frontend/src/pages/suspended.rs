//! The page that says that an account is banned.

use leptos::prelude::*;

use crate::shell::title::PageTitle;

#[component]
pub fn Suspended() -> impl IntoView {
    view! {
        <PageTitle title="Votre compte est suspendu" />
        <p class="fr-text--lead">"Un administrateur de DataPass a suspendu ce compte\u{a0}: il ne permet plus de se connecter."</p>
        <p>
            "Vos demandes et vos habilitations sont conservées telles qu’elles étaient. Si vous pensez qu’il s’agit d’une erreur, écrivez au service qui instruit votre demande\u{a0}: son adresse est dans les courriels que vous avez reçus, et il transmettra à l’administrateur."
        </p>
        <p>
            "Vous pouvez encore consulter " <a rel="external" href="/public">"les habilitations délivrées"</a> " et "
            <a rel="external" href="/nouvelle-demande">"les API proposées"</a> ", sans vous connecter."
        </p>
    }
}
