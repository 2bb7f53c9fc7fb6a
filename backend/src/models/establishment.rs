//! What the directory said of each establishment, and when.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use shared::organization::{Establishment, Siret};
use shared::workflow::Status;

use crate::connection::AnyConnection;
use crate::connection::types::{Json, Name, utc};
use crate::on_each;
use crate::schema::{enrollments, establishments};

/// What was said of a number.
#[derive(Clone, Debug)]
pub struct Kept {
    /// `None`: that it is unknown.
    pub content: Option<Establishment>,
    pub fetched_at: DateTime<Utc>,
}

/// What was last said of that number, however long ago.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, siret: &Siret) -> QueryResult<Option<Kept>> {
    let row: Option<(Option<Json<Establishment>>, NaiveDateTime)> = establishments::table
        .find(siret.as_str())
        .select((establishments::content, establishments::fetched_at))
        .first(connection)
        .optional()?;
    Ok(row.map(|(content, at)| Kept { content: content.map(|json| json.0), fetched_at: utc(at) }))
}

/// Keeps what is said of a number, in the place of what was said before.
///
/// # Errors
/// The database's.
pub fn keep(
    connection: &mut AnyConnection,
    siret: &Siret,
    content: Option<Establishment>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let said = (establishments::content.eq(content.map(Json)), establishments::fetched_at.eq(now.naive_utc()));
    let row = (establishments::siret.eq(siret.as_str()), said.clone());
    on_each!(connection, c => {
        diesel::insert_into(establishments::table)
            .values(row)
            .on_conflict(establishments::siret)
            .do_update()
            .set(said)
            .execute(c)
    })?;
    Ok(())
}

/// Establishments of which something was said before that moment and that have a request which is not put away; the
/// oldest first.
///
/// # Errors
/// The database's.
pub fn of_live_requests(connection: &mut AnyConnection, before: NaiveDateTime, limit: i64) -> QueryResult<Vec<Siret>> {
    let put_away = enrollments::status.eq(Name(Status::Archived));
    let requests =
        enrollments::table.filter(enrollments::siret.eq(establishments::siret.nullable())).filter(not(put_away));
    let numbers: Vec<String> = establishments::table
        .filter(establishments::fetched_at.le(before))
        .filter(exists(requests))
        .order(establishments::fetched_at)
        .limit(limit)
        .select(establishments::siret)
        .load(connection)?;
    Ok(numbers.into_iter().filter_map(|number| number.parse().ok()).collect())
}
