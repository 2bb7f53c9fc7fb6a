//! The lists of enrollments, by keyset.
//!
//! What a user may see is a sum of parts (their own, those of an API, …). One query with `OR` makes either engine scan
//! the table as soon as a part is rare, so each part is its own query on its own index, and the short results are merged
//! here.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use shared::api::{EnrollmentRow, SortKey};
use shared::rights::ListScope;
use shared::workflow::Status;

use crate::db::page::Cursor;
use crate::db::search::{self, Condition, Found, Word};
use crate::db::types::{Name, utc};
use crate::db::{AnyConnection, MultiBackend};
use crate::schema::{enrollment_readers, enrollment_scopes, enrollments};

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
enum Part {
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
}

type Query<'a> = enrollments::BoxedQuery<'a, MultiBackend>;

/// The rows, without their unread messages, and the cursor of the next page if there is one.
///
/// # Errors
/// The database's.
pub fn list(connection: &mut AnyConnection, query: &ListQuery) -> QueryResult<(Vec<EnrollmentRow>, Option<Cursor>)> {
    let found = match number(&query.search) {
        Some(number) => Found::Numbers(vec![number]),
        None => search::find(connection, search::Text::Enrollments, &query.search)?,
    };
    let mut rows = match &found {
        Found::Numbers(numbers) => picked(connection, query, numbers)?,
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

/// A short series of digits is the number of a request; from nine on it may be part of a SIRET.
fn number(search: &str) -> Option<i64> {
    let text = search.trim();
    (text.len() < 9 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
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
    }
}

fn key(row: &Row, sort: SortKey) -> String {
    match sort {
        SortKey::UpdatedAt => Cursor::at(row.updated_at, row.id).key,
        SortKey::Id => String::new(),
        SortKey::NomRaisonSociale => row.nom_raison_sociale.clone(),
    }
}

fn sort(rows: &mut [Row], query: &ListQuery) {
    rows.sort_by(|a, b| {
        let ascending = match query.sort {
            SortKey::UpdatedAt => a.updated_at.cmp(&b.updated_at),
            SortKey::Id => std::cmp::Ordering::Equal,
            SortKey::NomRaisonSociale => a.nom_raison_sociale.cmp(&b.nom_raison_sociale),
        }
        .then(a.id.cmp(&b.id));
        if query.descending { ascending.reverse() } else { ascending }
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

/// One page of what was found and may be seen. The numbers narrow it enough for one query.
fn picked(connection: &mut AnyConnection, list: &ListQuery, numbers: &[i64]) -> QueryResult<Vec<Row>> {
    let Some(visible) = parts(list).iter().map(visible).reduce(|a, b| Box::new(a.or(b))) else {
        return Ok(Vec::new());
    };
    let statuses = statuses(list);
    let mut query = numbered(enrollments::table.into_boxed(), numbers).filter(visible);
    if !statuses.contains(&None) {
        let statuses: Vec<Name<Status>> = statuses.into_iter().flatten().map(Name).collect();
        query = query.filter(enrollments::status.eq_any(statuses));
    }
    load(connection, query, list)
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
    let mut query: Query<'_> = enrollments::table.filter(visible(part)).into_boxed();
    if let Some(status) = status {
        query = query.filter(enrollments::status.eq(Name(status)));
    }
    for word in words {
        query = query.filter(word.condition());
    }
    load(connection, query, list)
}

fn visible(part: &Part) -> Condition<enrollments::table> {
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

/// Adds what holds for every list, and asks.
fn load(connection: &mut AnyConnection, mut query: Query<'_>, list: &ListQuery) -> QueryResult<Vec<Row>> {
    if !list.target_apis.is_empty() {
        query = query.filter(enrollments::target_api.eq_any(list.target_apis.clone()));
    }
    if !list.scope.archived {
        query = query.filter(enrollments::status.ne(Name(Status::Archived)));
    }
    ordered(query, list).limit(list.limit + 1).select(Row::as_select()).load(connection)
}

/// Sorts by the key, then by number, and starts after the cursor.
fn ordered<'a>(mut query: Query<'a>, list: &ListQuery) -> Query<'a> {
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

    let after = list.after.as_ref();
    match list.sort {
        SortKey::UpdatedAt => {
            by!(enrollments::updated_at, after.and_then(|cursor| Some((cursor.time()?, cursor.id))))
        }
        SortKey::NomRaisonSociale => {
            by!(enrollments::nom_raison_sociale, after.map(|cursor| (cursor.key.clone(), cursor.id)))
        }
        SortKey::Id => {
            if let Some(cursor) = after {
                query = if list.descending {
                    query.filter(enrollments::id.lt(cursor.id))
                } else {
                    query.filter(enrollments::id.gt(cursor.id))
                };
            }
            if list.descending { query.order(enrollments::id.desc()) } else { query.order(enrollments::id) }
        }
    }
}
