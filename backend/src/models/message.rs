//! Messages and notes.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::prelude::*;
use shared::message::{Audience, Message};

use crate::connection::AnyConnection;
use crate::connection::one_of::one_of;
use crate::connection::types::{Name, utc};
use crate::ids::{EnrollmentId, UserId};
use crate::models::user::shown_name;
use crate::on_each;
use crate::schema::{enrollments, messages, users};

/// Stores a message.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    user_id: UserId,
    audience: Audience,
    body: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::insert_into(messages::table)
        .values((
            messages::enrollment_id.eq(enrollment_id),
            messages::user_id.eq(user_id),
            messages::audience.eq(Name(audience)),
            messages::body.eq(body),
            messages::created_at.eq(now),
        ))
        .execute(connection)?;
    if audience == Audience::Instructors {
        mark_enrollment(connection, enrollment_id, true)?;
    }
    Ok(())
}

/// Keeps whether a request has messages that no instructor has read, for lists and counts.
fn mark_enrollment(connection: &mut AnyConnection, id: EnrollmentId, unread: bool) -> QueryResult<()> {
    diesel::update(enrollments::table.find(id)).set(enrollments::unread.eq(unread)).execute(connection)?;
    Ok(())
}

/// The messages for these audiences, oldest first.
///
/// # Errors
/// The database's.
pub fn of_enrollment(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    audiences: &[Audience],
) -> QueryResult<Vec<Message>> {
    type Row = (i64, Name<Audience>, String, NaiveDateTime, Option<NaiveDateTime>, (String, String, String));

    let rows: Vec<Row> = messages::table
        .inner_join(users::table)
        .filter(messages::enrollment_id.eq(enrollment_id))
        .filter(messages::audience.eq_any(audiences.iter().copied().map(Name).collect::<Vec<_>>()))
        .order(messages::id)
        .select((
            messages::id,
            messages::audience,
            messages::body,
            messages::created_at,
            messages::read_at,
            (users::given_name, users::family_name, users::email),
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, audience, body, created_at, read_at, author)| Message {
            id,
            audience: audience.0,
            author: shown_name(author),
            body,
            created_at: utc(created_at),
            read_at: read_at.map(utc),
        })
        .collect())
}

/// From now on, what that audience has not read yet is read. Whether there was anything.
///
/// # Errors
/// The database's.
pub fn mark_read(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    audience: Audience,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let unread = messages::table
        .filter(messages::enrollment_id.eq(enrollment_id))
        .filter(messages::audience.eq(Name(audience)))
        .filter(messages::read_at.is_null());
    let marked = diesel::update(unread).set(messages::read_at.eq(now)).execute(connection)?;
    if audience == Audience::Instructors && marked > 0 {
        mark_enrollment(connection, enrollment_id, false)?;
    }
    Ok(marked > 0)
}

/// How many messages each audience has not read, for those of these enrollments that have any.
///
/// # Errors
/// The database's.
pub fn unread(
    connection: &mut AnyConnection,
    enrollments: impl IntoIterator<Item = i64>,
) -> QueryResult<BTreeMap<(i64, Audience), i64>> {
    let among = one_of(messages::enrollment_id, enrollments);
    let counts: Vec<(i64, Name<Audience>, i64)> = on_each!(connection, c => {
        messages::table
            .filter(among)
            .filter(messages::read_at.is_null())
            .group_by((messages::enrollment_id, messages::audience))
            .select((messages::enrollment_id, messages::audience, count_star()))
            .load(c)
    })?;
    Ok(counts.into_iter().map(|(id, audience, count)| ((id, audience.0), count)).collect())
}
