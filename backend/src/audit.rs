//! The audit log: who did or read what, through the API.
//!
//! **Writes** are kept with what they tell of, in one transaction (see [`crate::trail`]).
//!
//! **Reads and refusals** change nothing, and a reader must not wait for a disk. They go into a bounded queue in memory
//! that one task empties into the database several times a second, and once more when the server stops. The price: a
//! process that is killed loses the reads of its last half second. When the database cannot follow, the queue fills up
//! and requests wait for room: nothing is dropped.
//!
//! **Refused sign-ins** are counted by account, and written down together ([`refusals`]).
//!
//! **The chain.** To give each entry its place and its hash in its own transaction would make all writers wait for one
//! another. So entries are stored unsealed; one sealer at a time, whatever the number of processes, appends them to the
//! chain within a second, in the order of their numbers. What is sealed is protected by triggers, and [`verify`] notices
//! whatever gets round them. Who can write to the database can also build the whole chain anew, or do away with an entry
//! before it is sealed: against the former an operator notes the head elsewhere from time to time
//! (`datapass audit verify --head`).

pub mod refusals;
pub mod verify;

use std::time::Duration;

use tokio::sync::mpsc;

use self::refusals::Refusals;
use crate::connection::types::now;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::logging;
use crate::models::audit::{self, NewEntry};

/// How often the queue is emptied and the chain is continued.
const PAUSE: Duration = Duration::from_millis(500);

/// How many entries wait in memory at most.
const WAITING: usize = 10_000;

/// How many entries are stored or sealed in one transaction.
const BATCH: usize = 1_000;

/// Entries on their way to the database.
pub struct Queue {
    sender: mpsc::Sender<NewEntry>,
    receiver: tokio::sync::Mutex<Received>,
    /// Refused sign-ins that are still counted.
    pub refusals: Refusals,
}

/// Entries stay in `held` until they are stored.
struct Received {
    receiver: mpsc::Receiver<NewEntry>,
    held: Vec<NewEntry>,
}

impl Default for Queue {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let receiver = tokio::sync::Mutex::new(Received { receiver, held: Vec::new() });
        Self { sender, receiver, refusals: Refusals::default() }
    }
}

impl Queue {
    /// Puts an entry in; waits while there is no room.
    ///
    /// # Errors
    /// Nobody empties the queue any more.
    pub async fn put(&self, entry: NewEntry) -> Result<()> {
        self.sender.send(entry).await.map_err(|_| Error::Internal("the audit log is closed".to_owned()))
    }

    /// Stores and seals everything, and what is still counted too: the server stops.
    ///
    /// # Errors
    /// The database's.
    pub async fn close(&self, db: &Db) -> Result<()> {
        self.receiver.lock().await.held.extend(self.refusals.take_all());
        self.flush(db).await
    }

    /// Stores everything that waits, and seals everything that is stored.
    ///
    /// # Errors
    /// The database's; what was not stored still waits.
    pub async fn flush(&self, db: &Db) -> Result<()> {
        let mut received = self.receiver.lock().await;
        received.held.extend(self.refusals.take(now().naive_utc()));
        loop {
            while received.held.len() < BATCH
                && let Ok(entry) = received.receiver.try_recv()
            {
                received.held.push(entry);
            }
            if received.held.is_empty() {
                break;
            }
            let entries = received.held.clone();
            db.write(move |connection| Ok(audit::insert(connection, &entries)?)).await?;
            received.held.clear();
        }
        while db.read(|connection| Ok(audit::has_unsealed(connection)?)).await? {
            let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
            db.write(move |connection| Ok(audit::seal(connection, limit)?)).await?;
        }
        Ok(())
    }
}

/// Stores and seals, for ever.
pub async fn work(queue: &Queue, db: &Db) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = queue.flush(db).await {
            tracing::error!(error = logging::told(&error), "audit log");
        }
    }
}
