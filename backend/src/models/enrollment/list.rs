//! The lists of enrollments, by keyset.
//!
//! What a user may see is a sum of parts (their own, those of an API, …). One query with `OR` makes either engine scan
//! the table as soon as a part is rare, so each part is its own query on its own index, and the short results are merged
//! here.

mod named;
mod order;
pub mod parts;
pub mod search;

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::api::{EnrollmentRow, SortKey};
use shared::organization::Siret;
use shared::queue::{AssignedTo, Assignee};
use shared::rights::{ListScope, RoleScope};
use shared::workflow::Status;

use self::order::{key, ordered, ranges, sort};
use self::parts::{Part, any_of, parts, visible, within};
use self::search::{Interpretation, Search, corrected, interpretations};
use super::PUT_AWAY;
use crate::connection::counted::Counted;
use crate::connection::page::{self, Cursor};
use crate::connection::search::Found;
use crate::connection::types::{Name, utc};
use crate::connection::{AnyConnection, MultiBackend};
use crate::ids::UserId;
use crate::schema::enrollments;

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
    /// Only what is counted as one of these démarches, `""` for none; all, where empty.
    pub demarches: Vec<String>,
    /// Only what these roles show; all, where there are none: what the caller may know for the filters above.
    pub within: Option<Vec<RoleScope>>,
    /// Only what is meant by these words, or has this number.
    pub search: Search,
    /// Only where that is the postal code of the organisation.
    pub zip_code: Option<String>,
    pub sort: SortKey,
    /// Largest first.
    pub descending: bool,
    /// Only what comes after.
    pub after: Option<Cursor>,
    /// How many at most.
    pub limit: i64,
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
    demandeur_id: UserId,
    demandeur_email: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    submitted_at: Option<NaiveDateTime>,
    resubmitted: bool,
    offered: bool,
    copied_from_id: Option<i64>,
    unanswered_points: i64,
    intitule_sort: String,
    waiting_from: Option<NaiveDateTime>,
    assigned_to: Option<UserId>,
    demarche: String,
}

impl ListQuery {
    /// All that may be seen, newest first, a page of one row.
    pub fn of(scope: ListScope) -> Self {
        Self {
            scope,
            mine: false,
            statuses: Vec::new(),
            target_apis: Vec::new(),
            siret: None,
            assigned_to: None,
            resubmitted: false,
            unread: false,
            demarches: Vec::new(),
            within: None,
            search: Search::default(),
            zip_code: None,
            sort: SortKey::UpdatedAt,
            descending: true,
            after: None,
            limit: 1,
        }
    }

    /// Whether there may be more than it shows, within the same search.
    fn is_narrowed(&self) -> bool {
        let is_filtered = !(self.statuses.is_empty() && self.target_apis.is_empty() && self.demarches.is_empty());
        let is_limited = self.siret.is_some() || self.assigned_to.is_some() || self.resubmitted || self.unread;
        is_filtered || is_limited || self.after.is_some()
    }

    /// The search in everything that the caller may see, as far as one row.
    fn widened(&self) -> Self {
        Self { mine: self.mine, search: self.search.clone(), ..Self::of(self.scope.clone()) }
    }
}

type Query<'a> = enrollments::BoxedQuery<'a, MultiBackend>;

/// The rows, without their unread messages and with assignees that have no name yet, and the cursor of the next page if there is one.
///
/// # Errors
/// The database's.
pub fn list(connection: &mut AnyConnection, query: &ListQuery) -> QueryResult<(Vec<EnrollmentRow>, Option<Cursor>)> {
    let typed = interpretations(connection, query)?;
    let mut rows = found(connection, query, &typed)?;
    if rows.is_empty() {
        let meant = corrected(connection, query, &typed)?;
        rows = found(connection, query, &meant)?;
    }
    if let Some(first) = typed.iter().find_map(|interpretation| interpretation.first).filter(|_| query.limit > 1) {
        let (mut ordered, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.id == first);
        // Later pages do not show it again.
        ordered.retain(|_| query.after.is_none());
        ordered.extend(others);
        rows = ordered;
    }
    let (rows, next) = page::cut(rows, query.limit, |row| Cursor { key: key(row, query.sort), id: row.id });
    Ok((rows.into_iter().map(shown).collect(), next))
}

/// How many rows all pages of the list have; of more than `most`, one more than that.
///
/// # Errors
/// The database's.
pub fn count(connection: &mut AnyConnection, query: &ListQuery, most: Option<i64>) -> QueryResult<i64> {
    let typed = interpretations(connection, query)?;
    let count = count_all(connection, query, &typed, most)?;
    if count > 0 {
        return Ok(count);
    }
    let meant = corrected(connection, query, &typed)?;
    count_all(connection, query, &meant, most)
}

fn count_all(
    connection: &mut AnyConnection,
    query: &ListQuery,
    interpretations: &[Interpretation],
    most: Option<i64>,
) -> QueryResult<i64> {
    let lists: Vec<(ListQuery, &Interpretation)> = interpretations
        .iter()
        .filter_map(|interpretation| Some((interpretation.narrowed(query)?, interpretation)))
        .filter(|(_, interpretation)| !interpretation.is_empty())
        .collect();
    match lists.as_slice() {
        [] => Ok(0),
        [(list, interpretation)] => counted(connection, narrowed(whole(list, &interpretation.found), list), most),
        // A row of two interpretations is one.
        lists => {
            let numbers = lists.iter().map(|(list, interpretation)| {
                let numbers = narrowed(whole(list, &interpretation.found), list).select(enrollments::id);
                match most {
                    Some(most) => numbers.limit(most + 1).load::<i64>(connection),
                    None => numbers.load(connection),
                }
            });
            let numbers: BTreeSet<i64> = numbers.collect::<QueryResult<Vec<_>>>()?.into_iter().flatten().collect();
            let count = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
            Ok(most.map_or(count, |most| count.min(most + 1)))
        }
    }
}

fn counted(connection: &mut AnyConnection, query: Query<'_>, most: Option<i64>) -> QueryResult<i64> {
    match most {
        None => query.count().get_result(connection),
        Some(most) => Counted(query.select(enrollments::id).limit(most + 1)).get_result(connection),
    }
}

/// Whether the list has any row.
fn shows(connection: &mut AnyConnection, query: &ListQuery, interpretations: &[Interpretation]) -> QueryResult<bool> {
    Ok(!found(connection, query, interpretations)?.is_empty())
}

/// The first rows of these interpretations, each once, in the order of the list.
fn found(
    connection: &mut AnyConnection,
    query: &ListQuery,
    interpretations: &[Interpretation],
) -> QueryResult<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for interpretation in interpretations.iter().filter(|interpretation| !interpretation.is_empty()) {
        let Some(list) = interpretation.narrowed(query) else { continue };
        if let Found::Numbers(_) = interpretation.found {
            // The numbers narrow it enough for one query.
            rows.extend(load(connection, &list, None, || whole(&list, &interpretation.found))?);
            continue;
        }
        for part in parts(&list) {
            for status in statuses(&list) {
                rows.extend(page(connection, &list, &part, status, &interpretation.found)?);
            }
        }
    }
    sort(&mut rows, query);
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
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
        counts_as: row.demarche,
        demandeur_id: row.demandeur_id.0,
        demandeur_email: row.demandeur_email,
        created_at: utc(row.created_at),
        updated_at: utc(row.updated_at),
        submitted_at: row.submitted_at.map(utc),
        unread: 0,
        resubmitted: row.resubmitted,
        offered: row.offered,
        renews: row.copied_from_id,
        unanswered_points: row.unanswered_points,
        waiting_from: row.waiting_from.map(utc),
        assigned_to: row.assigned_to.map(|id| Assignee { id: id.0, name: String::new() }),
    }
}

/// The statuses to ask for one by one; `None` alone where every status is seen.
fn statuses(query: &ListQuery) -> Vec<Option<Status>> {
    let visible = |status: &Status| match status {
        Status::Archived => query.scope.everything || !query.scope.archived.is_empty(),
        Status::Deleted => query.mine,
        _ => true,
    };
    if query.statuses.is_empty() {
        return vec![None];
    }
    let mut statuses: Vec<Option<Status>> = query.statuses.iter().copied().filter(visible).map(Some).collect();
    statuses.sort();
    statuses.dedup();
    statuses
}

/// What was found and may be seen, all parts in one query.
fn whole<'a>(list: &ListQuery, found: &Found) -> Query<'a> {
    let (parts, statuses) = (parts(list), statuses(list));
    let mut query = enrollments::table.filter(any_of(parts)).into_boxed();
    if !statuses.contains(&None) {
        let statuses: Vec<Name<Status>> = statuses.iter().copied().flatten().map(Name).collect();
        query = query.filter(enrollments::status.eq_any(statuses));
    }
    holding(query, found)
}

/// Only what was found.
fn holding<'a>(query: Query<'a>, found: &Found) -> Query<'a> {
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
    found: &Found,
) -> QueryResult<Vec<Row>> {
    if let Part::Reader(email) = part
        && let Some(rows) = named::page(connection, list, email, status, found)?
    {
        return Ok(rows);
    }
    load(connection, list, status, || {
        holding(of_status(enrollments::table.filter(visible(part)).into_boxed(), status), found)
    })
}

fn of_status(query: Query<'_>, status: Option<Status>) -> Query<'_> {
    match status {
        Some(status) => query.filter(enrollments::status.eq(Name(status))),
        None => query,
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
    if let Some(zip_code) = &list.zip_code {
        query = query.filter(enrollments::zip_code.eq(zip_code.clone()));
    }
    if let Some(siret) = &list.siret {
        query = query.filter(enrollments::siret.eq(siret.to_string()));
    }
    let mut put_away = PUT_AWAY.to_vec();
    put_away.retain(|Name(status)| match status {
        Status::Deleted => !(list.mine && list.statuses.contains(status)),
        _ => !list.scope.everything && !list.statuses.contains(status),
    });
    // One by one: a list of values would have the statement prepared anew each time.
    for status in put_away {
        query = query.filter(enrollments::status.ne(status));
    }
    if !list.scope.everything && list.statuses.contains(&Status::Archived) {
        query = query.filter(enrollments::status.ne(Name(Status::Archived)).or(within(&list.scope.archived)));
    }
    match list.assigned_to {
        Some(AssignedTo::Me) => query = query.filter(enrollments::assigned_to.eq(list.scope.demandeur_id)),
        Some(AssignedTo::Nobody) => query = query.filter(enrollments::assigned_to.is_null()),
        None => {}
    }
    if list.resubmitted {
        query = query.filter(enrollments::resubmitted);
    }
    if list.unread {
        query = query.filter(enrollments::unread);
    }
    if !list.demarches.is_empty() {
        query = query.filter(enrollments::demarche.eq_any(list.demarches.clone()));
    }
    if let Some(roles) = &list.within {
        query = query.filter(within(roles));
    }
    query
}
