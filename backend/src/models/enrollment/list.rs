//! The lists of enrollments, by keyset.
//!
//! What a user may see is a sum of parts (their own, those of an API, …). One query with `OR` makes either engine scan
//! the table as soon as a part is rare, so each part is its own query on its own index, and the short results are merged
//! here.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use shared::api::{EnrollmentRow, SortKey};
use shared::message::Audience;
use shared::organization::Siret;
use shared::queue::{AssignedTo, Assignee};
use shared::rights::ListScope;
use shared::workflow::Status;

use crate::db::page::Cursor;
use crate::db::search::{self, Condition, Found, Word};
use crate::db::types::{Name, utc};
use crate::db::{AnyConnection, MultiBackend};
use crate::models::authorisation;
use crate::schema::{enrollment_readers, enrollment_scopes, enrollments, messages};

/// What to list.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// What the caller may see.
    pub scope: ListScope,
    /// Only what the caller filed.
    pub mine: bool,
    /// Only these; all, where empty.
    pub statuses: Vec<Status>,
    /// Only these; all, where empty.
    pub target_apis: Vec<String>,
    /// Only those of that organisation.
    pub siret: Option<Siret>,
    /// Only what is theirs or nobody's.
    pub assigned_to: Option<AssignedTo>,
    /// Only what is back after changes were asked for.
    pub resubmitted: bool,
    /// Only what has messages that no instructor has read.
    pub unread: bool,
    /// Only these; all, where there is no list: what the caller may know for the filters above.
    pub within: Option<Vec<String>>,
    /// Only what contains these words, or has this number.
    pub search: String,
    /// The order.
    pub sort: SortKey,
    /// Largest first.
    pub descending: bool,
    /// Only what comes after.
    pub after: Option<Cursor>,
    /// How many at most.
    pub limit: i64,
}

/// A part of what the caller may see.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Everything,
    Demandeur(i64),
    Reader(String),
    Api(String),
    Scopes(String, Vec<String>),
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = enrollments)]
struct Row {
    id: i64,
    target_api: String,
    status: Name<Status>,
    reopening: bool,
    siret: Option<String>,
    nom_raison_sociale: String,
    intitule: String,
    demandeur_email: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    submitted_at: Option<NaiveDateTime>,
    resubmitted: bool,
    offered: bool,
    intitule_sort: String,
    waiting_from: Option<NaiveDateTime>,
    assigned_to: Option<i64>,
}

type Query<'a> = enrollments::BoxedQuery<'a, MultiBackend>;

/// The rows, without their unread messages and with assignees that have no name yet, and the cursor of the next page if there is one.
///
/// # Errors
/// The database's.
pub fn list(connection: &mut AnyConnection, query: &ListQuery) -> QueryResult<(Vec<EnrollmentRow>, Option<Cursor>)> {
    let found = found(connection, &query.search)?;
    let mut rows = match &found {
        // The numbers narrow it enough for one query.
        Found::Numbers(_) => load(connection, query, None, || whole(query, &found))?,
        Found::Many(words) => {
            let mut rows: Vec<Row> = Vec::new();
            for part in parts(query) {
                for status in statuses(query) {
                    rows.extend(page(connection, query, &part, status, words)?);
                }
            }
            rows
        }
    };
    sort(&mut rows, query);
    rows.dedup_by_key(|row| row.id);
    let limit = usize::try_from(query.limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| Cursor { key: key(row, query.sort), id: row.id });
    Ok((rows.into_iter().map(shown).collect(), next))
}

/// How many rows all pages of the list have.
///
/// # Errors
/// The database's.
pub fn count(connection: &mut AnyConnection, query: &ListQuery) -> QueryResult<i64> {
    let found = found(connection, &query.search)?;
    narrowed(whole(query, &found), query).count().get_result(connection)
}

fn found(connection: &mut AnyConnection, text: &str) -> QueryResult<Found> {
    Ok(match number(text) {
        Some(Number::Request(number)) => Found::Numbers(vec![number]),
        Some(Number::Authorisation(number)) => {
            Found::Numbers(authorisation::enrollment_of(connection, number)?.into_iter().collect())
        }
        None => search::find(connection, search::Text::Enrollments, text)?,
    })
}

/// What a number names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Request(i64),
    Authorisation(i64),
}

/// A short series of digits is the number of a request, as it is or as « D12 »; « H5 » is that of an authorisation. From
/// nine digits on it may be part of a SIRET.
fn number(search: &str) -> Option<Number> {
    let text = search.trim();
    let (kind, digits): (fn(i64) -> Number, &str) = match text.split_at_checked(1) {
        Some(("D" | "d", digits)) => (Number::Request, digits),
        Some(("H" | "h", digits)) => (Number::Authorisation, digits),
        Some(_) | None => (Number::Request, text),
    };
    let is_short = digits.len() < 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_short.then(|| digits.parse().ok().map(kind)).flatten()
}

fn shown(row: Row) -> EnrollmentRow {
    EnrollmentRow {
        id: row.id,
        target_api: row.target_api,
        status: row.status.0,
        reopening: row.reopening,
        siret: row.siret,
        nom_raison_sociale: row.nom_raison_sociale,
        intitule: row.intitule,
        demandeur_email: row.demandeur_email,
        created_at: utc(row.created_at),
        updated_at: utc(row.updated_at),
        submitted_at: row.submitted_at.map(utc),
        unread: 0,
        resubmitted: row.resubmitted,
        offered: row.offered,
        waiting_from: row.waiting_from.map(utc),
        assigned_to: row.assigned_to.map(|id| Assignee { id, name: String::new() }),
    }
}

/// Empty where there is none.
fn key(row: &Row, sort: SortKey) -> String {
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

fn sort(rows: &mut [Row], query: &ListQuery) {
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

/// The statuses to ask for one by one; `None` alone where every status is seen.
fn statuses(query: &ListQuery) -> Vec<Option<Status>> {
    let visible = |status: &Status| query.scope.archived || *status != Status::Archived;
    if query.statuses.is_empty() {
        return vec![None];
    }
    let mut statuses: Vec<Option<Status>> = query.statuses.iter().copied().filter(visible).map(Some).collect();
    statuses.sort();
    statuses.dedup();
    statuses
}

fn parts(query: &ListQuery) -> Vec<Part> {
    let scope = &query.scope;
    let wanted = |api: &String| query.target_apis.is_empty() || query.target_apis.contains(api);
    if query.mine {
        return vec![Part::Demandeur(scope.demandeur_id)];
    }
    if scope.everything {
        return if query.target_apis.is_empty() {
            vec![Part::Everything]
        } else {
            query.target_apis.iter().cloned().map(Part::Api).collect()
        };
    }
    let mut parts = vec![Part::Demandeur(scope.demandeur_id)];
    parts.extend(scope.email.clone().map(Part::Reader));
    parts.extend(scope.target_apis.iter().filter(|api| wanted(api)).cloned().map(Part::Api));
    parts.extend(
        scope
            .scopes_of
            .iter()
            .filter(|(api, _)| wanted(api))
            .map(|(api, scopes)| Part::Scopes(api.clone(), scopes.clone())),
    );
    parts
}

/// What the caller sees by their roles, in parts that have nothing in common.
pub(super) fn instructed(scope: &ListScope) -> Vec<Part> {
    if scope.everything {
        return vec![Part::Everything];
    }
    let mut by_api: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    for (api, scopes) in scope.scopes_of.iter().filter(|(api, _)| !scope.target_apis.contains(api)) {
        by_api.entry(api).or_default().extend(scopes.iter().cloned());
    }
    let whole = scope.target_apis.iter().cloned().map(Part::Api);
    whole.chain(by_api.into_iter().map(|(api, scopes)| Part::Scopes(api.clone(), scopes))).collect()
}

/// What was found and may be seen, all parts in one query.
fn whole<'a>(list: &ListQuery, found: &Found) -> Query<'a> {
    let (parts, statuses) = (parts(list), statuses(list));
    let nothing: Condition<enrollments::table> = Box::new(false.into_sql::<Bool>());
    let visible = parts.iter().map(visible).reduce(|a, b| Box::new(a.or(b))).unwrap_or(nothing);
    let mut query = enrollments::table.filter(visible).into_boxed();
    if !statuses.contains(&None) {
        let statuses: Vec<Name<Status>> = statuses.iter().copied().flatten().map(Name).collect();
        query = query.filter(enrollments::status.eq_any(statuses));
    }
    match found {
        Found::Numbers(numbers) => numbered(query, numbers),
        Found::Many(words) => words.iter().fold(query, |query, word| query.filter(word.condition())),
    }
}

fn numbered<'a>(query: Query<'a>, numbers: &[i64]) -> Query<'a> {
    match numbers {
        [number] => query.filter(enrollments::id.eq(*number)),
        _ => query.filter(enrollments::id.eq_any(numbers.to_vec())),
    }
}

/// One page of one part, where a search does not narrow it.
fn page(
    connection: &mut AnyConnection,
    list: &ListQuery,
    part: &Part,
    status: Option<Status>,
    words: &[Word],
) -> QueryResult<Vec<Row>> {
    load(connection, list, status, || {
        let mut query: Query<'_> = enrollments::table.filter(visible(part)).into_boxed();
        if let Some(status) = status {
            query = query.filter(enrollments::status.eq(Name(status)));
        }
        for word in words {
            query = query.filter(word.condition());
        }
        query
    })
}

pub(super) fn visible(part: &Part) -> Condition<enrollments::table> {
    let names = |email: String| {
        enrollment_readers::table.filter(enrollment_readers::email.eq(email)).select(enrollment_readers::enrollment_id)
    };
    let asks_for = |scopes: Vec<String>| {
        enrollment_scopes::table
            .filter(enrollment_scopes::scope.eq_any(scopes))
            .select(enrollment_scopes::enrollment_id)
    };
    match part.clone() {
        Part::Everything => Box::new(true.into_sql::<Bool>()),
        Part::Demandeur(id) => Box::new(enrollments::demandeur_id.eq(id)),
        Part::Reader(email) => Box::new(enrollments::id.eq_any(names(email))),
        Part::Api(api) => Box::new(enrollments::target_api.eq(api)),
        Part::Scopes(api, scopes) => {
            Box::new(enrollments::target_api.eq(api).and(enrollments::id.eq_any(asks_for(scopes))))
        }
    }
}

/// Rows that have the time that the list is sorted by, or those that have none: these come last in either order, and
/// each is a range of the index of its own. A list that is sorted by what every row has is one range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    All,
    Timed,
    Untimed,
}

/// The ranges that may hold rows of the page; `status` is the only one that is asked for, if there is one.
fn ranges(list: &ListQuery, status: Option<Status>) -> &'static [Range] {
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

/// Adds what holds for every list, and asks.
fn load<'a>(
    connection: &mut AnyConnection,
    list: &ListQuery,
    status: Option<Status>,
    query: impl Fn() -> Query<'a>,
) -> QueryResult<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for range in ranges(list, status) {
        let missing = list.limit + 1 - i64::try_from(rows.len()).unwrap_or(i64::MAX);
        if missing > 0 {
            let query = ordered(narrowed(query(), list), list, *range);
            rows.extend(query.limit(missing).select(Row::as_select()).load(connection)?);
        }
    }
    Ok(rows)
}

/// Only what the filters let through.
fn narrowed<'a>(mut query: Query<'a>, list: &ListQuery) -> Query<'a> {
    if !list.target_apis.is_empty() {
        query = query.filter(enrollments::target_api.eq_any(list.target_apis.clone()));
    }
    if let Some(siret) = &list.siret {
        query = query.filter(enrollments::siret.eq(siret.to_string()));
    }
    if !list.scope.archived {
        query = query.filter(enrollments::status.ne(Name(Status::Archived)));
    }
    match list.assigned_to {
        Some(AssignedTo::Me) => query = query.filter(enrollments::assigned_to.eq(list.scope.demandeur_id)),
        Some(AssignedTo::Nobody) => query = query.filter(enrollments::assigned_to.is_null()),
        None => {}
    }
    if list.resubmitted {
        query = query.filter(enrollments::resubmitted.eq(true));
    }
    if list.unread {
        let unread = messages::table
            .filter(messages::audience.eq(Name(Audience::Instructors)))
            .filter(messages::read_at.is_null())
            .select(messages::enrollment_id);
        query = query.filter(enrollments::id.eq_any(unread));
    }
    if let Some(apis) = &list.within {
        query = query.filter(enrollments::target_api.eq_any(apis.clone()));
    }
    query
}

/// Sorts by the key, then by number, and starts after the cursor.
fn ordered<'a>(mut query: Query<'a>, list: &ListQuery, range: Range) -> Query<'a> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (search, number) in [
            ("12", Some(Number::Request(12))),
            (" D12 ", Some(Number::Request(12))),
            ("d12", Some(Number::Request(12))),
            ("H5", Some(Number::Authorisation(5))),
            ("h5", Some(Number::Authorisation(5))),
            ("H", None),
            ("", None),
            ("H5b", None),
            ("é5", None),
            ("219200235", None),
        ] {
            assert_eq!(super::number(search), number, "{search}");
        }
    }
}
