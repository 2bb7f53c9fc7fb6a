//! Links to the pages before and after, where every page of a list has its address.

use leptos::prelude::*;

/// « Précédent » and « Suivant », as links. Nothing, where there is one page only.
#[component]
pub fn Pagination(
    /// Address of the page before, if there is one.
    previous: Option<String>,
    /// Address of the page after, if there is one.
    next: Option<String>,
    /// Number of the present page, from 1.
    page: usize,
) -> impl IntoView {
    if previous.is_none() && next.is_none() {
        return ().into_any();
    }
    view! {
        <nav class="fr-pagination fr-mt-3w" role="navigation" aria-label="Pagination">
            <ul class="fr-pagination__list">
                <li>{link("fr-pagination__link fr-pagination__link--prev fr-pagination__link--label dp-page-link", "Précédent", previous)}</li>
                <li>
                    <span class="dp-page-number" aria-current="page">
                        {format!("Page {page}")}
                    </span>
                </li>
                <li>{link("fr-pagination__link fr-pagination__link--next fr-pagination__link--label dp-page-link", "Suivant", next)}</li>
            </ul>
        </nav>
    }
    .into_any()
}

/// Without an address, the DSFR wants a link that leads nowhere rather than none.
fn link(class: &'static str, label: &'static str, href: Option<String>) -> AnyView {
    match href {
        Some(href) => view! { <a class=class href=href>{label}</a> }.into_any(),
        None => view! { <a class=class aria-disabled="true" role="link">{label}</a> }.into_any(),
    }
}
