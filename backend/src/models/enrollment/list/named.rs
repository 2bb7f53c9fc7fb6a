//! The first page of what names somebody: it mostly is among the newest, which an index of [`enrollment_readers`] gives.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::api::SortKey;
use shared::workflow::Status;

use super::{ListQuery, Row, load, numbered, of_status};
use crate::connection::AnyConnection;
use crate::connection::search::Found;
use crate::schema::{enrollment_readers, enrollments};

/// How many times a page is looked at before everything is.
const TRIES: i64 = 4;

/// The page, where it is among the first ones that name that address; `None` where one has to look at all of them: they are
/// in another order, are searched, or few of them pass the filters.
pub(super) fn page(
    connection: &mut AnyConnection,
    list: &ListQuery,
    email: &str,
    status: Option<Status>,
    found: &Found,
) -> QueryResult<Option<Vec<Row>>> {
    if list.sort != SortKey::UpdatedAt || !matches!(found, Found::Many(words) if words.is_empty()) {
        return Ok(None);
    }
    let numbers = first(connection, list, email)?;
    if numbers.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let is_all = numbers.len() < usize::try_from(looked_at(list)).unwrap_or(usize::MAX);
    let rows =
        load(connection, list, status, || numbered(of_status(enrollments::table.into_boxed(), status), &numbers))?;
    let is_full = rows.len() > usize::try_from(list.limit).unwrap_or(usize::MAX);
    Ok((is_all || is_full).then_some(rows))
}

const fn looked_at(list: &ListQuery) -> i64 {
    TRIES * (list.limit + 1)
}

/// The first requests that name that address, in the order of the list.
fn first(connection: &mut AnyConnection, list: &ListQuery, email: &str) -> QueryResult<Vec<i64>> {
    let (time, number) = (enrollment_readers::updated_at, enrollment_readers::enrollment_id);
    let mut query = enrollment_readers::table.filter(enrollment_readers::email.eq(email)).into_boxed();
    let after: Option<(NaiveDateTime, i64)> = list.after.as_ref().and_then(|cursor| Some((cursor.time()?, cursor.id)));
    if let Some((key, id)) = after {
        query = if list.descending {
            query.filter(time.le(key)).filter(time.lt(key).or(number.lt(id)))
        } else {
            query.filter(time.ge(key)).filter(time.gt(key).or(number.gt(id)))
        };
    }
    query = if list.descending { query.order((time.desc(), number.desc())) } else { query.order((time, number)) };
    query.limit(looked_at(list)).select(number).load(connection)
}
