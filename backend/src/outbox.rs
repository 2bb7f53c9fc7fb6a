//! What is still to be delivered is put here, in the transaction of what it tells of.
//!
//! The commit wakes the worker that delivers it ([`crate::delivery`]). Each message keeps one id however often it is tried,
//! so that a receiver can tell a repetition.

use std::collections::BTreeMap;

use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::ban;
pub use crate::models::outbox::gathered::Topic;
use crate::models::outbox::{self, NewMessage, Payload, gathered};

/// Stores the messages of a change, in its transaction. Nothing goes to people who are kept out. Of those that have a topic,
/// a reader gets one in ten minutes at most.
///
/// # Errors
/// The database's.
pub fn enqueue(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    (sequence, topic): (i64, Option<Topic>),
    messages: Vec<Payload>,
) -> Result<()> {
    let to: Vec<&str> = messages.iter().map(Payload::recipient).collect();
    let (silent, now) = (ban::addresses(connection, &to)?, now().naive_utc());
    let next = match topic {
        Some(topic) => gathered::begin(connection, enrollment_id, topic, now)?,
        None => BTreeMap::new(),
    };
    for payload in messages.into_iter().filter(|payload| !silent.iter().any(|email| email == payload.recipient())) {
        let due = next.get(payload.recipient()).map_or(now, |next| now.max(*next));
        let message = NewMessage { enrollment_id: Some(enrollment_id), sequence, payload, held: false };
        match topic {
            Some(topic) => gathered::insert(connection, message, topic, due, now)?,
            None => outbox::insert(connection, message, now)?,
        }
    }
    Ok(())
}

/// Somebody has decided on the enrollment: what waits about it leaves now, before what they say.
///
/// # Errors
/// The database's.
pub fn settle(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> Result<()> {
    Ok(gathered::settle(connection, enrollment_id, now().naive_utc())?)
}

/// Takes out what waits of that topic: there is nothing to tell any more.
///
/// # Errors
/// The database's.
pub fn discard(connection: &mut AnyConnection, enrollment_id: EnrollmentId, topic: Topic) -> Result<()> {
    Ok(gathered::discard(connection, enrollment_id, topic, now().naive_utc())?)
}

/// Stores a mail that is about no enrollment. Nothing goes to people who are kept out.
///
/// # Errors
/// The database's.
pub fn post(connection: &mut AnyConnection, mail: Payload) -> Result<()> {
    if ban::addresses(connection, &[mail.recipient()])?.is_empty() {
        let message = NewMessage { enrollment_id: None, sequence: 0, payload: mail, held: false };
        outbox::insert(connection, message, now().naive_utc())?;
    }
    Ok(())
}
