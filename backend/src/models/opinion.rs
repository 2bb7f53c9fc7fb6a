//! Opinions that were asked, and their answers.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use shared::opinion::{NewAnswer, NewOpinion, Recipient, Verdict};
use shared::workflow::Status;

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::ids::{EnrollmentId, OpinionId, UserId};
use crate::schema::{enrollments, opinions};

/// The most opinions that are read for one person.
const EXPECTED: i64 = 100;

/// A row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = opinions)]
pub struct OpinionRecord {
    pub id: OpinionId,
    pub enrollment_id: EnrollmentId,
    /// Who was asked.
    pub recipient: Name<Recipient>,
    /// The last day to answer.
    pub due_on: NaiveDate,
    /// Who asked.
    pub asked_by: UserId,
    pub created_at: NaiveDateTime,
    /// When those who were asked were reminded.
    pub reminded_at: Option<NaiveDateTime>,
    /// For or against.
    pub verdict: Option<Name<Verdict>>,
    /// Who answered.
    pub answered_by: Option<UserId>,
    pub answered_at: Option<NaiveDateTime>,
    /// Empty until it is answered.
    pub answer: String,
    /// What was asked.
    pub question: String,
}

/// Stores a question, and returns its number.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    asked_by: UserId,
    new: &NewOpinion,
    now: NaiveDateTime,
) -> QueryResult<OpinionId> {
    diesel::insert_into(opinions::table)
        .values((
            opinions::enrollment_id.eq(enrollment_id),
            opinions::recipient.eq(Name(new.recipient.clone())),
            opinions::due_on.eq(new.due_on),
            opinions::asked_by.eq(asked_by),
            opinions::created_at.eq(now),
            opinions::answer.eq(""),
            opinions::question.eq(&new.question),
        ))
        .returning(opinions::id)
        .get_result(connection)
}

/// Whether the same was asked of the same already, and waits for its answer.
///
/// # Errors
/// The database's.
pub fn is_asked(connection: &mut AnyConnection, enrollment_id: EnrollmentId, new: &NewOpinion) -> QueryResult<bool> {
    let same = opinions::table
        .filter(opinions::enrollment_id.eq(enrollment_id))
        .filter(opinions::answered_at.is_null())
        .filter(opinions::recipient.eq(Name(new.recipient.clone())))
        .filter(opinions::due_on.eq(new.due_on))
        .filter(opinions::question.eq(&new.question));
    Ok(same.count().get_result::<i64>(connection)? > 0)
}

/// That opinion of that enrollment.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, enrollment_id: EnrollmentId, id: OpinionId) -> QueryResult<OpinionRecord> {
    opinions::table
        .find(id)
        .filter(opinions::enrollment_id.eq(enrollment_id))
        .select(OpinionRecord::as_select())
        .first(connection)
}

/// Those of an enrollment, oldest first.
///
/// # Errors
/// The database's.
pub fn of_enrollment(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Vec<OpinionRecord>> {
    opinions::table
        .filter(opinions::enrollment_id.eq(enrollment_id))
        .order(opinions::id)
        .select(OpinionRecord::as_select())
        .load(connection)
}

/// What is still expected of these, most urgent first, on requests that are not put away.
///
/// # Errors
/// The database's.
pub fn expected_of(connection: &mut AnyConnection, recipients: &[Recipient]) -> QueryResult<Vec<OpinionRecord>> {
    opinions::table
        .inner_join(enrollments::table)
        .filter(opinions::answered_at.is_null())
        .filter(opinions::recipient.eq_any(recipients.iter().cloned().map(Name).collect::<Vec<_>>()))
        .filter(enrollments::status.ne(Name(Status::Archived)))
        .order((opinions::due_on, opinions::id))
        .limit(EXPECTED)
        .select(OpinionRecord::as_select())
        .load(connection)
}

/// Those that are expected from that day to the other, of requests that are being instructed, and that nobody was
/// reminded of; most urgent first.
///
/// # Errors
/// The database's.
pub fn due_between(
    connection: &mut AnyConnection,
    first: NaiveDate,
    last: NaiveDate,
) -> QueryResult<Vec<OpinionRecord>> {
    opinions::table
        .inner_join(enrollments::table)
        .filter(opinions::answered_at.is_null())
        .filter(opinions::reminded_at.is_null())
        .filter(opinions::due_on.between(first, last))
        .filter(enrollments::status.eq(Name(Status::Submitted)))
        .order((opinions::due_on, opinions::id))
        .select(OpinionRecord::as_select())
        .load(connection)
}

/// Stores an answer; `false` where there was one already.
///
/// # Errors
/// The database's.
pub fn answer(
    connection: &mut AnyConnection,
    id: OpinionId,
    user_id: UserId,
    new: &NewAnswer,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let unanswered = opinions::table.filter(opinions::id.eq(id)).filter(opinions::answered_at.is_null());
    let updated = diesel::update(unanswered)
        .set((
            opinions::verdict.eq(Name(new.verdict)),
            opinions::answered_by.eq(user_id),
            opinions::answered_at.eq(now),
            opinions::answer.eq(&new.text),
        ))
        .execute(connection)?;
    Ok(updated == 1)
}

/// Takes a question back; `false` where it was answered already.
///
/// # Errors
/// The database's.
pub fn cancel(connection: &mut AnyConnection, id: OpinionId) -> QueryResult<bool> {
    let unanswered = opinions::table.filter(opinions::id.eq(id)).filter(opinions::answered_at.is_null());
    Ok(diesel::delete(unanswered).execute(connection)? == 1)
}

/// Writes down that those who are asked are reminded; `false` where they were already, or have answered.
///
/// # Errors
/// The database's.
pub fn remind(connection: &mut AnyConnection, id: OpinionId, now: NaiveDateTime) -> QueryResult<bool> {
    let waiting = opinions::table
        .filter(opinions::id.eq(id))
        .filter(opinions::answered_at.is_null())
        .filter(opinions::reminded_at.is_null());
    Ok(diesel::update(waiting).set(opinions::reminded_at.eq(now)).execute(connection)? == 1)
}
