//! The footer.

use leptos::prelude::*;

use super::theme::{ThemeButton, ThemeDialog};

/// The footer.
#[component]
pub fn Footer() -> impl IntoView {
    let is_choosing_theme = RwSignal::new(false);
    let link = |href: &'static str, label: &'static str, is_external: bool| {
        view! {
            <li class="fr-footer__bottom-item">
                <a class="fr-footer__bottom-link" href=href rel=is_external.then_some("external")>
                    {label}
                </a>
            </li>
        }
    };
    view! {
        <footer class="fr-footer" role="contentinfo" id="pied" tabindex="-1">
            <div class="fr-container">
                <div class="fr-footer__body">
                    <div class="fr-footer__brand">
                        <p class="fr-h6 fr-mb-0">"DataPass"</p>
                    </div>
                    <div class="fr-footer__content">
                        <p class="fr-footer__content-desc">
                            "DataPass délivre les habilitations juridiques à utiliser les données à accès restreint de l’administration."
                        </p>
                    </div>
                </div>
                <div class="fr-footer__bottom">
                    <ul class="fr-footer__bottom-list">
                        {link("/accessibilite", "Accessibilité : partiellement conforme", false)}
                        {link("/mentions-legales", "Mentions légales", false)}
                        {link("/habilitations", "Habilitations délivrées", false)}
                        {link("/api/docs/", "Documentation de l’API", true)}
                        {link("/raccordement", "Raccorder un service", true)}
                        <li class="fr-footer__bottom-item">
                            <ThemeButton open=is_choosing_theme />
                        </li>
                    </ul>
                </div>
            </div>
        </footer>
        <ThemeDialog open=is_choosing_theme />
    }
}
