//! The footer.

use leptos::prelude::*;
use shared::navigation::{DESCRIPTION, FOOTER, Link};

use super::seldom::{Seldom, theme_dialog};
use super::theme::ThemeButton;
use crate::components::leaving;

/// The footer.
#[component]
pub fn Footer() -> impl IntoView {
    let is_choosing_theme = RwSignal::new(false);
    let link = |link: &Link| {
        view! {
            <li class="fr-footer__bottom-item">
                <a class="fr-footer__bottom-link" rel=leaving(link.href) href=link.href>
                    {link.label.clone()}
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
                        <p class="fr-footer__content-desc">{DESCRIPTION}</p>
                    </div>
                </div>
                <div class="fr-footer__bottom">
                    <ul class="fr-footer__bottom-list">
                        {FOOTER.iter().map(link).collect_view()}
                        <li class="fr-footer__bottom-item">
                            <ThemeButton open=is_choosing_theme />
                        </li>
                    </ul>
                </div>
            </div>
        </footer>
        <Seldom when=is_choosing_theme load=Box::new(move || Box::pin(theme_dialog(is_choosing_theme))) />
    }
}
