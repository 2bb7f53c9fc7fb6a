//! The points of requests for changes, with their answers.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::change_point::{ChangePoint, NewPoint};
use shared::field::Field;

use crate::connection::AnyConnection;
use crate::connection::types::{Name, utc};
use crate::ids::{EnrollmentId, EventId, PointId};
use crate::schema::change_points;

#[derive(Queryable, Selectable)]
#[diesel(table_name = change_points)]
struct Record {
    id: PointId,
    event_id: EventId,
    field: Name<Field>,
    scope: Option<String>,
    comment: String,
    answer: String,
    answered_at: Option<NaiveDateTime>,
}

/// Stores the points that an event makes.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    event_id: EventId,
    points: &[NewPoint],
) -> QueryResult<()> {
    for point in points {
        diesel::insert_into(change_points::table)
            .values((
                change_points::enrollment_id.eq(enrollment_id),
                change_points::event_id.eq(event_id),
                change_points::field.eq(Name(point.field.clone())),
                change_points::scope.eq(&point.scope),
                change_points::comment.eq(&point.comment),
                change_points::answer.eq(""),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Every point of an enrollment with the number of the event that made it, in order.
///
/// # Errors
/// The database's.
pub fn of_enrollment(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
) -> QueryResult<Vec<(EventId, ChangePoint)>> {
    let records: Vec<Record> = change_points::table
        .filter(change_points::enrollment_id.eq(enrollment_id))
        .order((change_points::event_id, change_points::id))
        .select(Record::as_select())
        .load(connection)?;
    Ok(records
        .into_iter()
        .map(|record| {
            let point = ChangePoint {
                id: record.id.0,
                field: record.field.0,
                scope: record.scope,
                comment: record.comment,
                answer: record.answer,
                answered_at: record.answered_at.map(utc),
                change: None,
            };
            (record.event_id, point)
        })
        .collect())
}

/// Answers a point, or takes the answer back.
///
/// # Errors
/// The database's.
pub fn answer(
    connection: &mut AnyConnection,
    id: PointId,
    answer: &str,
    answered_at: Option<NaiveDateTime>,
) -> QueryResult<()> {
    diesel::update(change_points::table.find(id))
        .set((change_points::answer.eq(answer), change_points::answered_at.eq(answered_at)))
        .execute(connection)?;
    Ok(())
}
