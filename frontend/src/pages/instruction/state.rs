//! The state of the list: search, filters, order and page. All of it is in the address, so that going back, reloading
//! and sharing a link work. No view here.

use std::collections::BTreeSet;

use shared::api::SortKey;
use shared::queue::AssignedTo;
use shared::workflow::Status;

use super::views::{Narrowing, QuickView};
use crate::api::ListQuery;
use crate::query::{Cursors, Query};

/// The address of the list.
pub const PATH: &str = "/instruction";

/// `status=toutes`: no filter on the status.
const ALL_STATUSES: &str = "toutes";

/// How a filter that has no value is written.
const YES: &str = "true";

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Largest first.
    pub descending: bool,
}

impl Sort {
    fn parse(text: &str) -> Option<Self> {
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        Some(Self { key: name.parse().ok()?, descending })
    }

    /// As the API and the address write it.
    pub fn to_wire(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.key)
    }
}

/// What the list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListState {
    /// Words to look for.
    pub search: String,
    /// What narrows it.
    pub narrowing: Narrowing,
    /// The APIs to show; none means all of the user's.
    pub apis: BTreeSet<String>,
    /// The démarches to show, of the one API that is shown; none means all.
    pub demarches: BTreeSet<String>,
    /// The order, where one was chosen.
    sort: Option<Sort>,
    pub cursors: Cursors,
}

impl Default for ListState {
    fn default() -> Self {
        Self {
            search: String::new(),
            narrowing: QuickView::ToInstruct.narrowing(),
            apis: BTreeSet::new(),
            demarches: BTreeSet::new(),
            sort: None,
            cursors: Cursors::default(),
        }
    }
}

impl ListState {
    /// Reads an address; what it does not understand is ignored. A bare one shows what waits for an instructor.
    pub fn parse(query: &Query) -> Self {
        let statuses = query.list("status").filter_map(|status| status.parse().ok()).collect();
        let is_set = |name| query.get(name) == Some(YES);
        Self {
            search: query.get("search").unwrap_or_default().to_owned(),
            narrowing: if query.get("status").is_none() {
                QuickView::ToInstruct.narrowing()
            } else {
                Narrowing {
                    statuses,
                    assigned_to: query.get("assigned_to").and_then(|name| name.parse().ok()),
                    resubmitted: is_set("resubmitted"),
                    unread: is_set("unread"),
                }
            },
            apis: query.list("target_api").map(str::to_owned).collect(),
            demarches: query.list("demarche").map(str::to_owned).collect(),
            sort: query.get("sort").and_then(Sort::parse),
            cursors: Cursors::of(query),
        }
    }

    /// The address that shows it.
    pub fn href(&self) -> String {
        let mut query = self.filters();
        self.cursors.write(&mut query);
        format!("{PATH}{query}")
    }

    /// What is kept of it under a name: all but the page.
    pub fn filters(&self) -> Query {
        let Narrowing { statuses, assigned_to, resubmitted, unread } = &self.narrowing;
        let mut query = Query::default();
        query.push_text("search", &self.search);
        // Never a bare address: that one opens the view that the reader has chosen to begin with.
        query.push(
            "status",
            if statuses.is_empty() {
                ALL_STATUSES.to_owned()
            } else {
                joined(statuses.iter().copied().map(Status::as_str))
            },
        );
        query.push_text("target_api", &joined(self.apis.iter().map(String::as_str)));
        query.push_text("demarche", &joined(self.demarches.iter().map(String::as_str)));
        query.push_text("assigned_to", assigned_to.map_or("", AssignedTo::as_str));
        query.push_text("resubmitted", if *resubmitted { YES } else { "" });
        query.push_text("unread", if *unread { YES } else { "" });
        if let Some(sort) = self.sort {
            query.push("sort", sort.to_wire());
        }
        query
    }

    /// What to ask of the API. `own_apis`: those of the user's roles, so that the requests they filed themselves stay
    /// out of the list; none means every API.
    pub fn list_query(&self, own_apis: &BTreeSet<String>) -> ListQuery {
        let apis = if self.apis.is_empty() { own_apis } else { &self.apis };
        ListQuery {
            search: self.search.trim().to_owned(),
            status: self.narrowing.statuses.iter().map(Status::to_string).collect(),
            assigned_to: self.narrowing.assigned_to.map(|to| to.to_string()).unwrap_or_default(),
            resubmitted: self.narrowing.resubmitted,
            unread: self.narrowing.unread,
            target_api: apis.iter().cloned().collect(),
            demarche: self.demarches.iter().cloned().collect(),
            sort: self.sort().to_wire(),
            cursor: self.cursors.current(),
            ..ListQuery::default()
        }
    }

    /// The request that waits longest among those shown, and the one after it.
    pub fn next_query(&self, own_apis: &BTreeSet<String>) -> ListQuery {
        let narrowing = Narrowing { statuses: BTreeSet::from([Status::Submitted]), ..self.narrowing.clone() };
        let first = Self { narrowing, sort: None, cursors: Cursors::default(), ..self.clone() };
        ListQuery { limit: Some(2), ..first.list_query(own_apis) }
    }

    /// The order in force: the longest wait first where only what waits is shown, the latest change first elsewhere.
    pub fn sort(&self) -> Sort {
        let only_waiting = self.narrowing.statuses == QuickView::ToInstruct.narrowing().statuses;
        self.sort.unwrap_or(if only_waiting {
            Sort { key: SortKey::WaitingFrom, descending: false }
        } else {
            Sort { key: SortKey::UpdatedAt, descending: true }
        })
    }

    /// The same search in all requests, where there is a search and less is shown.
    pub fn widened(&self) -> Option<Self> {
        let narrowing = QuickView::Everything.narrowing();
        let is_narrow = self.narrowing != narrowing || !self.apis.is_empty();
        let is_searched = !self.search.trim().is_empty();
        (is_narrow && is_searched).then(|| Self { search: self.search.clone(), narrowing, ..Self::default() })
    }

    /// Whether anything but the default view is shown.
    pub fn is_filtered(&self) -> bool {
        let default = Self::default();
        self.search != default.search
            || self.narrowing != default.narrowing
            || self.apis != default.apis
            || self.demarches != default.demarches
    }

    /// The view that is shown, if it is one.
    pub fn quick_view(&self) -> Option<QuickView> {
        QuickView::ALL.into_iter().find(|view| view.narrowing() == self.narrowing)
    }

    /// With what that view shows. A choice of order made for one view is not kept for another.
    pub fn with_view(&self, view: QuickView) -> Self {
        Self { narrowing: view.narrowing(), sort: None, cursors: Cursors::default(), ..self.clone() }
    }

    /// Narrowed otherwise.
    pub fn narrowed(&self, change: impl FnOnce(&mut Narrowing)) -> Self {
        let mut state = Self { cursors: Cursors::default(), ..self.clone() };
        change(&mut state.narrowing);
        state
    }

    /// With that status shown, or no longer.
    pub fn with_status_toggled(&self, status: Status) -> Self {
        self.narrowed(|narrowing| {
            if !narrowing.statuses.remove(&status) {
                narrowing.statuses.insert(status);
            }
        })
    }

    /// With that API shown, or no longer.
    pub fn with_api_toggled(&self, target_api: &str) -> Self {
        let mut apis = self.apis.clone();
        if !apis.remove(target_api) {
            apis.insert(target_api.to_owned());
        }
        // The démarches are those of one API.
        Self { apis, demarches: BTreeSet::new(), cursors: Cursors::default(), ..self.clone() }
    }

    /// With that démarche shown, or no longer.
    pub fn with_demarche_toggled(&self, id: &str) -> Self {
        let mut demarches = self.demarches.clone();
        if !demarches.remove(id) {
            demarches.insert(id.to_owned());
        }
        Self { demarches, cursors: Cursors::default(), ..self.clone() }
    }

    /// The one API that is shown, where it is one.
    pub fn only_api<'a>(&'a self, own_apis: &'a BTreeSet<String>) -> Option<&'a String> {
        let mut apis = if self.apis.is_empty() { own_apis } else { &self.apis }.iter();
        apis.next().filter(|_| apis.next().is_none())
    }

    /// With those words to look for.
    pub fn with_search(&self, search: &str) -> Self {
        Self { search: search.to_owned(), cursors: Cursors::default(), ..self.clone() }
    }

    /// Sorted by that key; the other way round where it is the key already.
    pub fn sorted_by(&self, key: SortKey) -> Self {
        let present = self.sort();
        let descending = if present.key == key {
            !present.descending
        } else {
            matches!(key, SortKey::UpdatedAt | SortKey::SubmittedAt)
        };
        Self { sort: Some(Sort { key, descending }), cursors: Cursors::default(), ..self.clone() }
    }

    /// In that order, as the address writes it; in the usual one where it is none.
    pub fn with_sort(&self, order: &str) -> Self {
        Self { sort: Sort::parse(order), cursors: Cursors::default(), ..self.clone() }
    }

    /// On that page.
    pub fn at(&self, cursors: Cursors) -> Self {
        Self { cursors, ..self.clone() }
    }
}

fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(href: &str) -> ListState {
        ListState::parse(&Query::parse(href.split_once('?').map_or("", |(_, search)| search)))
    }

    #[test]
    fn the_default_view_is_what_waits_longest_first() {
        let state = read("/instruction");
        assert_eq!(state, ListState::default());
        assert_eq!(state.href(), "/instruction?status=submitted");
        assert_eq!(state.quick_view(), Some(QuickView::ToInstruct));
        assert_eq!(state.list_query(&BTreeSet::new()).to_query(), "?status=submitted&sort=waiting_from");
    }

    #[test]
    fn an_address_survives_a_round_trip() {
        let state = ListState::default()
            .with_view(QuickView::Everything)
            .with_search("crèche")
            .with_api_toggled("b")
            .with_api_toggled("a")
            .with_demarche_toggled("other")
            .sorted_by(SortKey::NomRaisonSociale)
            .at(Cursors::default().then("c/1").then("c,2"));
        assert_eq!(
            state.href(),
            "/instruction?search=cr%C3%A8che&status=toutes&target_api=a,b&demarche=other&sort=nom_raison_sociale&cursor=c%2F1&cursor=c,2"
        );
        assert_eq!(read(&state.href()), state);
        assert_eq!(state.cursors.page(), 3);
        assert_eq!(
            state.list_query(&BTreeSet::new()).to_query(),
            "?search=cr%C3%A8che&target_api=a%2Cb&demarche=other&sort=nom_raison_sociale&cursor=c%2C2"
        );
        for view in QuickView::ALL {
            let state = ListState::default().with_search("x").with_view(view);
            assert_eq!(read(&state.href()), state, "{view:?}");
            assert_eq!(state.quick_view(), Some(view));
        }
        for status in Status::ALL {
            let state = ListState::default().with_status_toggled(*status);
            assert_eq!(read(&state.href()), state, "{status}");
        }
    }

    #[test]
    fn a_new_filter_goes_back_to_the_first_page() {
        let third = ListState::default().at(Cursors::default().then("1").then("2"));
        for state in [
            third.with_view(QuickView::Everything),
            third.with_status_toggled(Status::Draft),
            third.with_api_toggled("a"),
            third.with_demarche_toggled("a"),
            third.with_search("x"),
            third.sorted_by(SortKey::Id),
        ] {
            assert_eq!(state.cursors.page(), 1);
        }
    }

    #[test]
    fn a_second_click_turns_the_order_round() {
        let once = ListState::default().sorted_by(SortKey::Id);
        assert_eq!(once.sort(), Sort { key: SortKey::Id, descending: false });
        assert_eq!(once.sorted_by(SortKey::Id).sort(), Sort { key: SortKey::Id, descending: true });
        let default = ListState::default().sorted_by(SortKey::UpdatedAt);
        assert_eq!(default.sort(), Sort { key: SortKey::UpdatedAt, descending: true });
    }

    #[test]
    fn the_next_request_is_of_the_same_list_and_waits() {
        let state = ListState::default().with_view(QuickView::Mine).with_search("x").sorted_by(SortKey::Id);
        assert_eq!(
            state.at(Cursors::default().then("c")).next_query(&BTreeSet::new()).to_query(),
            "?search=x&status=submitted&sort=waiting_from&limit=2&assigned_to=me"
        );
    }

    #[test]
    fn a_search_is_widened_to_all_requests_where_it_is_narrowed() {
        let searched = ListState::default().with_search("crèche").with_api_toggled("a").sorted_by(SortKey::Id);
        let wider = searched.at(Cursors::default().then("c")).widened().unwrap();
        assert_eq!(wider.href(), "/instruction?search=cr%C3%A8che&status=toutes");
        assert_eq!(wider.widened(), None, "there is no more");
        assert_eq!(ListState::default().with_search(" ").widened(), None, "nothing is searched");
    }

    #[test]
    fn only_the_apis_of_the_roles_are_asked_for() {
        let own = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        assert_eq!(ListState::default().list_query(&own).target_api, ["a", "b"]);
        assert_eq!(ListState::default().with_api_toggled("b").list_query(&own).target_api, ["b"]);
    }

    #[test]
    fn demarches_are_those_of_one_api() {
        let (one, two) = (BTreeSet::from(["a".to_owned()]), BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        let state = ListState::default();
        assert_eq!(state.only_api(&one).map(String::as_str), Some("a"));
        assert_eq!((state.only_api(&two), state.only_api(&BTreeSet::new())), (None, None));
        let state = state.with_api_toggled("b").with_demarche_toggled("x");
        assert!(state.is_filtered());
        assert_eq!(state.only_api(&two).map(String::as_str), Some("b"));
        assert!(state.with_api_toggled("a").demarches.is_empty());
    }

    #[test]
    fn what_is_not_understood_is_ignored() {
        let state = read("/instruction?status=pending,draft&sort=-age&page=3");
        assert_eq!(state.narrowing.statuses, BTreeSet::from([Status::Draft]));
        assert_eq!(state.sort(), Sort { key: SortKey::UpdatedAt, descending: true });
    }
}
