//! A list that comes page by page from the server, while it comes and once it is there.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::query::Query;

/// The query string of the page at that path. Once the reader leaves it stays what it was, until the page is gone.
pub fn page_query(path: impl Into<String>) -> Memo<Query> {
    let (path, location) = (path.into(), use_location());
    Memo::new(move |last: Option<&Query>| {
        if location.pathname.with(|present| *present == path) {
            location.search.with(|search| Query::parse(search))
        } else {
            last.cloned().unwrap_or_default()
        }
    })
}

/// Surrounds the rows: says aloud how many there are, and dims them while others are on their way.
#[component]
pub fn Results(
    /// Others are on their way.
    is_loading: Signal<bool>,
    /// How many there are.
    count: Signal<String>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let status = move || if is_loading.get() { "Chargement…".to_owned() } else { count.get() };
    view! {
        <p class="fr-text--sm fr-mb-1w" role="status">
            {status}
        </p>
        <div class="dp-results" aria-busy=move || is_loading.get().to_string()>
            {children()}
        </div>
    }
}

/// What stands there before the first rows come.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="dp-skeleton" aria-hidden="true">
            {(0..5).map(|_| view! { <div class="dp-skeleton__row"></div> }).collect_view()}
        </div>
    }
}

/// How many rows of what there are, and on which page. `one` and `many` begin with their number's word: « demande ».
pub fn count_sentence(rows: usize, (none, one, many): (&str, &str, &str), page: usize, has_more: bool) -> String {
    let rows = match rows {
        0 => none.to_owned(),
        1 => format!("1 {one}"),
        rows => format!("{rows} {many}"),
    };
    match (page, has_more) {
        (1, false) => rows,
        (page, true) => format!("{rows} sur la page {page}, d’autres suivent"),
        (page, false) => format!("{rows} sur la page {page}, la dernière"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_live_region_says_how_many_and_where() {
        let sentence = |rows, page, has_more| count_sentence(rows, ("Aucun", "courriel", "courriels"), page, has_more);
        assert_eq!(sentence(0, 1, false), "Aucun");
        assert_eq!(sentence(1, 1, false), "1 courriel");
        assert_eq!(sentence(20, 1, true), "20 courriels sur la page 1, d’autres suivent");
        assert_eq!(sentence(3, 2, false), "3 courriels sur la page 2, la dernière");
    }
}
