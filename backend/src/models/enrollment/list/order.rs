//! In which order the rows of a list come, and where a page of it starts.

use std::cmp::Ordering;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::api::SortKey;
use shared::workflow::Status;

use super::{ListQuery, Query, Row};
use crate::connection::page::Cursor;
use crate::schema::enrollments;

/// What a row is sorted by, as a cursor keeps it; empty where there is nothing.
pub(super) fn key(row: &Row, sort: SortKey) -> String {
    let time = |time| Cursor::at(time, row.id).key;
    match sort {
        SortKey::UpdatedAt => time(row.updated_at),
        SortKey::SubmittedAt => row.submitted_at.map(time).unwrap_or_default(),
        SortKey::WaitingFrom => row.waiting_from.map(time).unwrap_or_default(),
        SortKey::Intitule => row.intitule_sort.clone(),
        SortKey::Status => row.status.0.to_string(),
        SortKey::Id => String::new(),
        SortKey::NomRaisonSociale => row.nom_raison_sociale.clone(),
    }
}

/// The rows of several queries, in the order of the list.
pub(super) fn sort(rows: &mut [Row], query: &ListQuery) {
    rows.sort_by(|a, b| {
        let mut is_last = Ordering::Equal;
        let mut time = |a: Option<NaiveDateTime>, b: Option<NaiveDateTime>| {
            is_last = a.is_none().cmp(&b.is_none());
            a.cmp(&b)
        };
        let ascending = match query.sort {
            SortKey::UpdatedAt => a.updated_at.cmp(&b.updated_at),
            SortKey::SubmittedAt => time(a.submitted_at, b.submitted_at),
            SortKey::WaitingFrom => time(a.waiting_from, b.waiting_from),
            SortKey::Id => Ordering::Equal,
            SortKey::NomRaisonSociale => a.nom_raison_sociale.cmp(&b.nom_raison_sociale),
            SortKey::Intitule => a.intitule_sort.cmp(&b.intitule_sort),
            SortKey::Status => a.status.0.as_str().cmp(b.status.0.as_str()),
        }
        .then(a.id.cmp(&b.id));
        is_last.then(if query.descending { ascending.reverse() } else { ascending })
    });
}

/// Rows that have the time that the list is sorted by, or those that have none: these come last in either order, and
/// each is a range of the index of its own. A list that is sorted by what every row has is one range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    All,
    Timed,
    Untimed,
}

/// The ranges that may hold rows of the page; `status` is the only one that is asked for, if there is one.
pub(super) fn ranges(list: &ListQuery, status: Option<Status>) -> &'static [Range] {
    let is_past_times = list.after.as_ref().is_some_and(|cursor| cursor.key.is_empty());
    match (list.sort, status) {
        (SortKey::WaitingFrom, Some(status)) if !status.awaits_administration() => &[Range::Untimed],
        (SortKey::WaitingFrom, Some(_)) if is_past_times => &[],
        (SortKey::WaitingFrom, Some(_)) => &[Range::Timed],
        (SortKey::WaitingFrom | SortKey::SubmittedAt, _) if is_past_times => &[Range::Untimed],
        (SortKey::WaitingFrom | SortKey::SubmittedAt, _) => &[Range::Timed, Range::Untimed],
        _ => &[Range::All],
    }
}

/// Sorts by the key, then by number, and starts after the cursor.
pub(super) fn ordered<'a>(mut query: Query<'a>, list: &ListQuery, range: Range) -> Query<'a> {
    macro_rules! by {
        ($column:expr, $key:expr) => {{
            if let Some((key, id)) = $key {
                let (column, number) = ($column, enrollments::id);
                query = if list.descending {
                    query.filter(column.le(key.clone())).filter(column.lt(key).or(number.lt(id)))
                } else {
                    query.filter(column.ge(key.clone())).filter(column.gt(key).or(number.gt(id)))
                };
            }
            if list.descending {
                query.order(($column.desc(), enrollments::id.desc()))
            } else {
                query.order(($column, enrollments::id))
            }
        }};
    }
    macro_rules! timed {
        ($column:expr, $key:expr) => {{
            if range == Range::Untimed {
                query = query.filter($column.is_null());
                by_number(query, list)
            } else {
                query = query.filter($column.is_not_null());
                by!($column, $key)
            }
        }};
    }

    let after = list.after.as_ref();
    let time = after.and_then(|cursor| Some((cursor.time()?, cursor.id)));
    let text = after.map(|cursor| (cursor.key.clone(), cursor.id));
    match list.sort {
        SortKey::UpdatedAt => by!(enrollments::updated_at, time),
        SortKey::NomRaisonSociale => by!(enrollments::nom_raison_sociale, text),
        SortKey::Intitule => by!(enrollments::intitule_sort, text),
        SortKey::Status => by!(enrollments::status, text),
        SortKey::SubmittedAt => timed!(enrollments::submitted_at, time),
        SortKey::WaitingFrom => timed!(enrollments::waiting_from, time),
        SortKey::Id => by_number(query, list),
    }
}

/// After a row that had no key but its number.
fn by_number<'a>(mut query: Query<'a>, list: &ListQuery) -> Query<'a> {
    if let Some(cursor) = list.after.as_ref().filter(|cursor| cursor.key.is_empty()) {
        query = if list.descending {
            query.filter(enrollments::id.lt(cursor.id))
        } else {
            query.filter(enrollments::id.gt(cursor.id))
        };
    }
    if list.descending { query.order(enrollments::id.desc()) } else { query.order(enrollments::id) }
}
