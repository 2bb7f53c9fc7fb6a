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

/// How many seconds each answer of an API took, since then.
///
/// # Errors
/// The database's.
pub fn waited_since(connection: &mut AnyConnection, target_api: &str, since: NaiveDateTime) -> QueryResult<Vec<i64>> {
    decisions::table
        .filter(decisions::target_api.eq(target_api))
        .filter(decisions::decided_at.ge(since))
        .select(decisions::waited)
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
