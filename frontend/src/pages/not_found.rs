//! The page for an unknown address.

use leptos::prelude::*;

use crate::shell::title::PageTitle;

/// The 404 page.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <PageTitle title="Page introuvable" />
        <p class="fr-text--lead">
            "L’adresse que vous avez suivie ne mène à aucune page. Elle a peut-être été mal recopiée, ou la page a été supprimée."
        </p>
        <ul class="fr-btns-group fr-btns-group--inline-md">
            <li>
                <a class="fr-btn" href="/">
                    "Retour à l’accueil"
                </a>
            </li>
            <li>
                <a class="fr-btn fr-btn--secondary" rel="external" href="/nouvelle-demande">
                    "Voir les API"
                </a>
            </li>
        </ul>
    }
}
