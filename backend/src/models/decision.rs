//! How long the administration took to answer.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::EnrollmentId;
use crate::schema::decisions;

/// Writes down an answer, and how many seconds it took.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    target_api: &str,
    waited: i64,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::insert_into(decisions::table)
        .values((
            decisions::enrollment_id.eq(enrollment_id),
            decisions::target_api.eq(target_api),
            decisions::waited.eq(waited),
            decisions::decided_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// When the last answers of an API were given, since then and at most so many, newest first, and how many seconds each took.
/// The index `decisions_by_api` holds all of it.
///
/// # Errors
/// The database's.
pub fn latest(
    connection: &mut AnyConnection,
    target_api: &str,
    since: NaiveDateTime,
    limit: usize,
) -> QueryResult<Vec<(NaiveDateTime, i64)>> {
    decisions::table
        .filter(decisions::target_api.eq(target_api))
        .filter(decisions::decided_at.ge(since))
        .order(decisions::decided_at.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((decisions::decided_at, decisions::waited))
        .load(connection)
}

/// How many seconds the last answer to each of these requests took, where there was one.
///
/// # Errors
/// The database's.
pub fn last_waited(
    connection: &mut AnyConnection,
    enrollments: &[EnrollmentId],
) -> QueryResult<BTreeMap<EnrollmentId, i64>> {
    let rows: Vec<(EnrollmentId, i64)> = decisions::table
        .filter(decisions::enrollment_id.eq_any(enrollments.to_vec()))
        .order(decisions::id)
        .select((decisions::enrollment_id, decisions::waited))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}
