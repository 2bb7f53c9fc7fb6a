//! The breadcrumb.

use leptos::prelude::*;

use super::leaving;

/// A DSFR breadcrumb, always open: it is short. The present page comes last, without a link.
#[component]
pub fn Breadcrumb(
    /// The pages above, from the home page on: address and title.
    trail: Vec<(String, String)>,
    /// The present page.
    #[prop(into)]
    current: String,
) -> impl IntoView {
    let links = trail
        .into_iter()
        .map(|(href, title)| {
            view! {
                <li>
                    <a class="fr-breadcrumb__link" rel=leaving(&href) href=href>
                        {title}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav role="navigation" class="fr-breadcrumb dp-breadcrumb" aria-label="vous êtes ici\u{a0}:">
            <ol class="fr-breadcrumb__list">
                {links} <li>
                    <a class="fr-breadcrumb__link" aria-current="page">
                        {current}
                    </a>
                </li>
            </ol>
        </nav>
    }
}
