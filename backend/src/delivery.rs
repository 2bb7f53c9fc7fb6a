//! Delivers what the outbox holds: at least once, outside of any transaction, several messages side by side. Several
//! processes may do so on PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use chrono::Duration as TimeDelta;
use tokio::sync::Semaphore;

use crate::connection::types::now;
use crate::db::Db;
use crate::email::Mailer;
use crate::error::{Error, Result};
use crate::models::outbox::queue::{self, Due};

/// How many messages are on their way at once.
const AT_ONCE: usize = 8;

/// How long a claimed message is left to its worker. Longer than any delivery may take.
const CLAIM_SECONDS: i64 = 15;

/// The longest time between two tries, in seconds.
const MAX_DELAY_SECONDS: i64 = 3_600;

/// After so many tries a message is left alone for an administrator; about two days.
const MAX_ATTEMPTS: i32 = 60;

/// How often the worker looks on its own. A commit of this process wakes it, that of another does not.
const POLL: Duration = Duration::from_secs(1);

/// How long it waits after an error of the database.
const RECOVERY: Duration = Duration::from_secs(5);

/// Delivers for ever.
pub async fn work(db: &Db, mailer: &Arc<Mailer>) {
    let free = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        match claim(db, &free).await {
            Ok(due) if due.is_empty() => drop(tokio::time::timeout(POLL, db.outbox_filled.notified()).await),
            Ok(due) => due.into_iter().for_each(|due| start(db, mailer, &free, due)),
            Err(error) => {
                tracing::error!(%error, "outbox worker");
                tokio::time::sleep(RECOVERY).await;
            }
        }
    }
}

/// Takes as many due messages as there are hands free, once there is one.
async fn claim(db: &Db, free: &Semaphore) -> Result<Vec<Due>> {
    drop(free.acquire().await.map_err(|error| Error::Internal(error.to_string()))?);
    let limit = i64::try_from(free.available_permits()).unwrap_or(1);
    db.write(move |connection| {
        let now = now().naive_utc();
        Ok(queue::claim(connection, now, now + TimeDelta::seconds(CLAIM_SECONDS), limit)?)
    })
    .await
}

/// Delivers a message on the side, and looks for more once that is done: one that waited for it may be next.
fn start(db: &Db, mailer: &Arc<Mailer>, free: &Arc<Semaphore>, due: Due) {
    // Nobody else takes any: there were as many as were claimed.
    let Ok(hand) = Arc::clone(free).try_acquire_owned() else { return };
    let (db, mailer) = (db.clone(), Arc::clone(mailer));
    tokio::spawn(async move {
        let outcome = mailer.deliver(&due).await;
        if let Err(error) = settle(&db, due, outcome).await {
            tracing::error!(%error, "outbox worker");
        }
        drop(hand);
        db.outbox_filled.notify_one();
    });
}

async fn settle(db: &Db, due: Due, outcome: std::result::Result<(), String>) -> Result<()> {
    let delay = TimeDelta::seconds(delay_seconds(due.attempts)?);
    db.write(move |connection| {
        let now = now().naive_utc();
        match outcome {
            Ok(()) => queue::delivered(connection, &due.id, now)?,
            Err(error) if due.attempts >= MAX_ATTEMPTS => {
                tracing::error!(id = due.id, error, "a message is given up");
                queue::give_up(connection, &due.id, now, &error)?;
            }
            Err(error) => {
                tracing::warn!(id = due.id, attempts = due.attempts, error, "a message is put off");
                queue::postpone(connection, &due.id, now, now + delay, &error)?;
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
    getrandom::fill(&mut byte).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    let [chance] = byte;
    Ok(base + base * i64::from(chance) / (4 * 255))
}
