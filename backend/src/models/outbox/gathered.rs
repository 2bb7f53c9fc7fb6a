//! Mails of which the reader gets one in ten minutes at most, for each topic and request.
//!
//! The first leaves at once; those that follow within ten minutes wait for their end, the last one in the place of the others.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamp};

use super::{NewMessage, insert_row};
use crate::connection::{AnyConnection, fill_outbox};
use crate::ids::EnrollmentId;
use crate::on_each;
use crate::schema::outbox;

/// How long after a mail the next one of its topic leaves.
const INTERVAL: TimeDelta = TimeDelta::minutes(10);

/// What the mails are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Somebody of the administration wrote to the applicant.
    MessageToApplicant,
    /// The applicant wrote to the administration.
    MessageToInstructors,
    /// The applicant has submitted the request, or taken it back.
    Submission,
}

impl Topic {
    /// As it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::MessageToApplicant => "message_to_applicant",
            Self::MessageToInstructors => "message_to_instructors",
            Self::Submission => "submission",
        }
    }
}

/// Takes out what waits of that topic: there is nothing to tell any more.
///
/// # Errors
/// The database's.
pub fn discard(connection: &mut AnyConnection, id: EnrollmentId, topic: Topic, now: NaiveDateTime) -> QueryResult<()> {
    let of_topic = outbox::table.filter(outbox::enrollment_id.eq(id)).filter(outbox::topic.eq(topic.as_str()));
    let waiting = of_topic.filter(outbox::attempts.eq(0)).filter(outbox::next_attempt_at.gt(now));
    diesel::delete(waiting).execute(connection)?;
    Ok(())
}

/// Takes out what waits of that topic, since what comes now says more; and when the next mail to each reader may leave, where
/// they had one lately.
///
/// # Errors
/// The database's.
pub fn begin(
    connection: &mut AnyConnection,
    id: EnrollmentId,
    topic: Topic,
    now: NaiveDateTime,
) -> QueryResult<BTreeMap<String, NaiveDateTime>> {
    type Row = (String, NaiveDateTime, Option<NaiveDateTime>);

    discard(connection, id, topic, now)?;
    let sent: Vec<Row> = outbox::table
        .filter(outbox::enrollment_id.eq(id))
        .filter(outbox::topic.eq(topic.as_str()))
        // It may have waited for that long itself.
        .filter(outbox::created_at.gt(now - INTERVAL * 2))
        .select((outbox::receiver, outbox::created_at, outbox::delivered_at))
        .load(connection)?;
    let mut next = BTreeMap::new();
    for (receiver, created_at, delivered_at) in sent {
        let free_at = delivered_at.unwrap_or(created_at) + INTERVAL;
        let latest = next.entry(receiver).or_insert(free_at);
        *latest = free_at.max(*latest);
    }
    Ok(next)
}

/// Stores a mail of that topic, to leave then.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    message: NewMessage,
    topic: Topic,
    due: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<()> {
    insert_row(connection, message, (Some(topic), due), now)
}

/// Somebody has decided on the request: what waits about it leaves now, and what follows begins anew.
///
/// # Errors
/// The database's.
pub fn settle(connection: &mut AnyConnection, id: EnrollmentId, now: NaiveDateTime) -> QueryResult<()> {
    let statement = "UPDATE outbox SET topic = NULL, next_attempt_at = \
                     CASE WHEN attempts = 0 AND next_attempt_at > $1 THEN $1 ELSE next_attempt_at END \
                     WHERE enrollment_id = $2 AND topic IS NOT NULL";
    on_each!(connection, c => sql_query(statement).bind::<Timestamp, _>(now).bind::<BigInt, _>(id).execute(c))?;
    fill_outbox();
    Ok(())
}
