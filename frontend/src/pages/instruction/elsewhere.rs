//! What a search finds beyond the view that is shown: how many requests, and the way to them.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::api::{EnrollmentRow, Page, Total};

use super::state::ListState;
use crate::api::{self, Answer};
use crate::loader::Loader;

/// The line with the link. Nothing where the view already shows all that the search finds.
#[component]
pub fn Elsewhere(
    /// What is shown.
    state: Memo<ListState>,
    /// The APIs of the user's roles; none for all.
    own_apis: BTreeSet<String>,
    /// The rows of the view.
    shown: Loader<Page<EnrollmentRow>>,
) -> impl IntoView {
    let wider = Memo::new(move |_| state.with(ListState::widened));
    let total =
        Loader::new(move || match wider.with(|wider| wider.as_ref().map(|wider| wider.list_query(&own_apis))) {
            Some(query) => Answer::of(async { api::total(query).await.map(Some) }),
            None => Answer::known(None),
        });
    let link = move || {
        let (found, wider) = (total.get().flatten()?, wider.get()?);
        let is_all = shown.read(|page| is_all(page, found))?;
        (!is_all).then(|| {
            view! {
                <a class="fr-link" href=wider.href()>
                    {sentence(found)}
                </a>
            }
        })
    };
    view! {
        <p class="dp-no-print fr-mb-1w" role="status">
            {link}
        </p>
    }
}

/// Whether the page shows everything that was found.
fn is_all(page: &Page<EnrollmentRow>, found: Total) -> bool {
    let shown = i64::try_from(page.items.len()).unwrap_or(i64::MAX);
    page.next.is_none() && !found.has_more && found.total <= shown
}

fn sentence(found: Total) -> String {
    match found {
        Total { has_more: true, .. } => "Plus de 1\u{202f}000 résultats dans toutes les demandes".to_owned(),
        Total { total: 1, .. } => "1 résultat dans toutes les demandes".to_owned(),
        Total { total, .. } => format!("{total} résultats dans toutes les demandes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_as_people_count() {
        let told = |counted| sentence(Total::of(counted)).replace('\u{202f}', " ");
        assert_eq!(told(1), "1 résultat dans toutes les demandes");
        assert_eq!(told(12), "12 résultats dans toutes les demandes");
        assert_eq!(told(1_000), "1000 résultats dans toutes les demandes");
        assert_eq!(told(1_001), "Plus de 1 000 résultats dans toutes les demandes");
    }

    #[test]
    fn what_the_view_shows_already_is_not_offered_again() {
        let page = |next: Option<&str>| Page { items: Vec::new(), next: next.map(str::to_owned) };
        assert!(is_all(&page(None), Total::of(0)));
        assert!(!is_all(&page(None), Total::of(1)));
        assert!(!is_all(&page(Some("x")), Total::of(0)), "a later page");
    }
}
