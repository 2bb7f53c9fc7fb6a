//! What is still to be delivered is put here, in the transaction of what it tells of.
//!
//! The commit wakes the worker that delivers it ([`crate::delivery`]). Each message keeps one id however often it is tried,
//! so that a receiver can tell a repetition.

use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::ban;
use crate::models::outbox::{self, NewMessage, Payload};

/// Stores the messages of a change, in its transaction. Nothing goes to people who are kept out.
///
/// # Errors
/// The database's.
pub fn enqueue(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    sequence: i64,
    messages: Vec<Payload>,
) -> Result<()> {
    let to: Vec<&str> = messages.iter().map(Payload::recipient).collect();
    let silent = ban::addresses(connection, &to)?;
    for payload in messages.into_iter().filter(|payload| !silent.iter().any(|email| email == payload.recipient())) {
        let message = NewMessage { enrollment_id: Some(enrollment_id), sequence, payload, held: false };
        outbox::insert(connection, message, now().naive_utc())?;
    }
    Ok(())
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
