//! A paginated list, while it loads and once it is there.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::api::Page;

use super::loading::ErrorState;
use crate::components::pagination::Pagination;
use crate::loader::Loader;
use crate::query::{Cursors, Query};

/// The query string of the page at that path. It keeps its last value while another page is being opened.
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

/// A list: says aloud how many rows there are, shows them, and leads to the pages around. The rows of the page before
/// stay, dimmed, until the new ones are there.
#[component]
pub fn PagedList<T: Clone + Send + Sync + 'static>(
    /// The rows of the present page.
    loader: Loader<Page<T>>,
    /// Where it starts.
    #[prop(into)]
    cursors: Signal<Cursors>,
    /// The address of the page that starts there.
    #[prop(into)]
    href: Callback<Cursors, String>,
    /// « Aucune demande », « demande », « demandes ».
    words: (&'static str, &'static str, &'static str),
    /// What is shown where there are none.
    #[prop(into)]
    empty: ViewFn,
    /// Shows the rows.
    #[prop(into)]
    rows: Callback<Vec<T>, AnyView>,
) -> impl IntoView {
    let last = loader.last_answer();
    let status = move || match last.get() {
        _ if loader.is_loading() => "Chargement…".to_owned(),
        None | Some(Err(_)) => String::new(),
        Some(Ok(page)) => {
            count_sentence(page.items.len(), words, cursors.with_untracked(Cursors::page), page.next.is_some())
        }
    };
    let show = move |page: Page<T>| {
        if page.items.is_empty() {
            empty.run()
        } else {
            let cursors = cursors.get_untracked();
            let previous = cursors.back().map(|cursors| href.run(cursors));
            let next = page.next.map(|cursor| href.run(cursors.then(&cursor)));
            view! {
                {rows.run(page.items)}
                <Pagination previous next page=cursors.page() />
            }
            .into_any()
        }
    };
    view! { <LoadedContent loader status=Signal::derive(status) show /> }
}

/// What a call brings, with a line that says aloud what it is. The answer before stays, dimmed, until the new one is there.
#[component]
pub fn LoadedContent<T: Clone + Send + Sync + 'static>(
    /// The call.
    loader: Loader<T>,
    /// What is said aloud.
    status: Signal<String>,
    /// Shows the answer.
    #[prop(into)]
    show: Callback<T, AnyView>,
) -> impl IntoView {
    let last = loader.last_answer();
    let content = move || match last.get() {
        None => skeleton(),
        Some(Err(error)) => view! { <ErrorState error retry=move |()| loader.reload() /> }.into_any(),
        Some(Ok(answer)) => show.run(answer),
    };
    view! {
        <p class="fr-text--sm fr-mb-1w" role="status">
            {status}
        </p>
        <div class="dp-results" aria-busy=move || loader.is_loading().to_string()>
            {content}
        </div>
    }
}

/// The placeholder of the first rows.
pub fn skeleton() -> AnyView {
    view! {
        <div class="dp-skeleton" aria-hidden="true">
            {(0..5).map(|_| view! { <div class="dp-skeleton__row"></div> }).collect_view()}
        </div>
    }
    .into_any()
}

/// How many rows of what there are, and on which page. `one` and `many` begin with their number's word: « demande ».
fn count_sentence(rows: usize, (none, one, many): (&str, &str, &str), page: usize, has_more: bool) -> String {
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
