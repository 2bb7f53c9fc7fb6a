//! What is still to be delivered, and its delivery: at least once, outside of any transaction.
//!
//! A decision only stores its messages ([`enqueue`], in the decision's own transaction); the worker delivers them. Each
//! keeps one id however often it is tried, so a receiver can tell a repetition.

use chrono::Duration;

use crate::app::State;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::Result;
use crate::models::ban;
use crate::models::outbox::{self, Due, Payload};

/// How long a claimed message is left to its worker. Longer than any delivery may take.
const CLAIM_SECONDS: i64 = 30;

/// The longest time between two tries, in seconds.
const MAX_DELAY_SECONDS: i64 = 3_600;

/// After so many tries a message is left alone for an administrator; about two days.
const MAX_ATTEMPTS: i32 = 60;

/// How often the worker looks on its own, in milliseconds. It is also woken by each decision.
const POLL_MILLISECONDS: u64 = 1_000;

/// Stores the messages of a change, in its transaction. Nothing goes to people who are kept out.
///
/// # Errors
/// The database's.
pub fn enqueue(
    connection: &mut AnyConnection,
    enrollment_id: i64,
    sequence: i64,
    messages: Vec<Payload>,
) -> Result<()> {
    let to: Vec<&str> = messages.iter().map(Payload::recipient).collect();
    let silent = ban::addresses(connection, &to)?;
    for payload in messages.into_iter().filter(|payload| !silent.iter().any(|email| email == payload.recipient())) {
        outbox::insert(connection, Some(enrollment_id), sequence, payload, now().naive_utc())?;
    }
    Ok(())
}

/// Stores a mail about an account. Nothing goes to people who are kept out.
///
/// # Errors
/// The database's.
pub fn post(connection: &mut AnyConnection, mail: Payload) -> Result<()> {
    if ban::addresses(connection, &[mail.recipient()])?.is_empty() {
        outbox::insert(connection, None, 0, mail, now().naive_utc())?;
    }
    Ok(())
}

/// Delivers for ever.
pub async fn work(state: &State) {
    loop {
        match deliver_one(state).await {
            Ok(true) => {}
            Ok(false) => {
                let pause = std::time::Duration::from_millis(POLL_MILLISECONDS);
                drop(tokio::time::timeout(pause, state.bell.notified()).await);
            }
            Err(error) => {
                tracing::error!(%error, "outbox worker");
                tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            }
        }
    }
}

/// Delivers one due message, if there is one.
///
/// # Errors
/// The database's; a delivery that fails is put off, which is no error.
pub async fn deliver_one(state: &State) -> Result<bool> {
    let claimed = state
        .db
        .write(|connection| {
            let now = now().naive_utc();
            Ok(outbox::claim(connection, now, now + Duration::seconds(CLAIM_SECONDS))?)
        })
        .await?;
    let Some(due) = claimed else { return Ok(false) };
    let outcome = state.mailer.deliver(&due).await;
    settle(state, due, outcome).await?;
    Ok(true)
}

async fn settle(state: &State, due: Due, outcome: std::result::Result<(), String>) -> Result<()> {
    let delay = delay_seconds(due.attempts)?;
    state
        .db
        .write(move |connection| {
            let now = now().naive_utc();
            match outcome {
                Ok(()) => outbox::delivered(connection, &due.id, now)?,
                Err(error) if due.attempts >= MAX_ATTEMPTS => {
                    tracing::error!(id = due.id, error, "a message is given up");
                    let never = chrono::NaiveDateTime::MAX.min(now + Duration::days(36_500));
                    outbox::postpone(connection, &due.id, never, &error)?;
                }
                Err(error) => {
                    tracing::warn!(id = due.id, attempts = due.attempts, error, "a message is put off");
                    outbox::postpone(connection, &due.id, now + Duration::seconds(delay), &error)?;
                }
            }
            Ok(())
        })
        .await
}

/// Doubles from 2 s to an hour, with up to a quarter of chance on top, so that many messages to one receiver spread out.
fn delay_seconds(attempts: i32) -> Result<i64> {
    let doublings = u32::try_from(attempts.clamp(1, 16)).unwrap_or(1);
    let base = 2_i64.pow(doublings).min(MAX_DELAY_SECONDS);
    let mut byte = [0];
    getrandom::fill(&mut byte).map_err(|error| crate::error::Error::Internal(format!("no randomness: {error}")))?;
    let [chance] = byte;
    Ok(base + base * i64::from(chance) / (4 * 255))
}
