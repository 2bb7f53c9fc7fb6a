//! The notice that a role opens nothing until its holder has signed in with a second factor.

use leptos::prelude::*;

/// The notice; it leads to the page of the embedded provider where a second factor is added.
#[component]
pub fn SecondFactorNotice() -> impl IntoView {
    view! {
        <section class="fr-notice fr-notice--warning dp-no-print" aria-label="Second facteur nécessaire">
            <div class="fr-container">
                <div class="fr-notice__body">
                    <p>
                        <span class="fr-notice__title">"Votre rôle demande un second facteur. "</span>
                        <span class="fr-notice__desc">
                            "Il ne vous ouvre rien tant que votre compte n’en a pas. "
                        </span>
                        <a class="fr-notice__link" href="/users/account/second-factor" rel="external">
                            "Ajouter un second facteur"
                        </a>
                    </p>
                </div>
            </div>
        </section>
    }
}
