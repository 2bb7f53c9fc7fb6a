//! The audit log: who did or read what, through the API.
//!
//! **Writes** are kept with what they tell of: [`crate::db::Db::write`] adds the entry of the request at hand to its own
//! transaction, so that there is no change without its entry and no entry without its change.
//!
//! **Reads and refusals** change nothing, and a reader must not wait for a disk. They go into a bounded queue in memory
//! that one task empties into the database several times a second, and once more when the server stops. The price: a
//! process that is killed loses the reads of its last half second. When the database cannot follow, the queue fills up
//! and requests wait for room: nothing is dropped.
//!
//! **The chain.** To give each entry its place and its hash in its own transaction would make all writers wait for one
//! another. So entries are stored unsealed; one sealer at a time, whatever the number of processes, appends them to the
//! chain within a second, in the order of their numbers. What is sealed is protected by triggers, and [`verify`] notices
//! whatever gets round them. Who can write to the database can also build the whole chain anew, or do away with an entry
//! before it is sealed: against the former an operator notes the head elsewhere from time to time
//! (`datapass audit verify --head`).

pub mod chain;
pub mod verify;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared::audit::Outcome;
use tokio::sync::mpsc;

use crate::app::State;
use crate::db::types::{Name, now};
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Result};
use crate::models::audit::{self, NewEntry};

/// How often the queue is emptied and the chain is continued.
const PAUSE: Duration = Duration::from_millis(500);

/// How many entries wait in memory at most.
const WAITING: usize = 10_000;

/// How many entries are stored or sealed in one transaction.
const BATCH: usize = 1_000;

tokio::task_local! {
    static TRAIL: Arc<Trail>;
}

/// What the request at hand leaves in the log. It is filled in while the request is answered.
#[derive(Debug)]
pub struct Trail {
    request_id: String,
    object: &'static str,
    told: Mutex<Told>,
}

#[derive(Clone, Debug)]
struct Told {
    who: Who,
    action: String,
    object_id: String,
    is_denied: bool,
    is_stored: bool,
}

#[derive(Clone, Copy, Debug)]
enum Who {
    Nobody,
    Operator,
    User { id: i64, administrator_id: Option<i64> },
}

impl Trail {
    /// Of a request that is about to be answered.
    pub fn new(request_id: String, action: &str, object: &'static str, object_id: &str) -> Arc<Self> {
        let told = Told {
            who: Who::Nobody,
            action: action.to_owned(),
            object_id: object_id.to_owned(),
            is_denied: false,
            is_stored: false,
        };
        Arc::new(Self { request_id, object, told: Mutex::new(told) })
    }

    /// Of a command on the server itself.
    pub fn of_operator(action: &str, object: &'static str) -> Arc<Self> {
        let trail = Self::new(String::new(), action, object, "");
        trail.change(|told| told.who = Who::Operator);
        trail
    }

    /// Runs what leaves this trail.
    pub async fn follow<T>(self: &Arc<Self>, work: impl Future<Output = T>) -> T {
        TRAIL.scope(self.clone(), work).await
    }

    /// The one of the request at hand, if there is one.
    pub fn current() -> Option<Arc<Self>> {
        TRAIL.try_with(Arc::clone).ok()
    }

    /// What is left to tell of a request that was answered: nothing, where its write has told it.
    pub fn rest(&self, is_done: bool, is_denied: bool) -> Option<NewEntry> {
        let told = self.told();
        let is_denied = is_denied || told.is_denied;
        if told.is_stored || !(is_done || is_denied) {
            return None;
        }
        self.entry(&told, if is_denied { Outcome::Denied } else { Outcome::Done })
    }

    /// Nothing is told of visitors: nobody knows who they are.
    fn entry(&self, told: &Told, outcome: Outcome) -> Option<NewEntry> {
        let (actor_id, administrator_id) = match told.who {
            Who::Nobody => return None,
            Who::Operator => (None, None),
            Who::User { id, administrator_id } => (Some(id), administrator_id),
        };
        Some(NewEntry {
            at: now().naive_utc(),
            actor_id,
            administrator_id,
            action: told.action.clone(),
            object: self.object.to_owned(),
            object_id: told.object_id.clone(),
            request_id: self.request_id.clone(),
            outcome: Name(outcome),
        })
    }

    fn told(&self) -> Told {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Runs the queries of a request where its trail is known: they run in a thread of their own.
pub fn within<T>(trail: Option<Arc<Trail>>, work: impl FnOnce() -> T) -> T {
    match trail {
        Some(trail) => TRAIL.sync_scope(trail, work),
        None => work(),
    }
}

fn change(change: impl FnOnce(&mut Told)) {
    if let Some(trail) = Trail::current() {
        trail.change(change);
    }
}

/// Who makes the request at hand.
pub fn by(id: i64, administrator_id: Option<i64>) {
    change(|told| told.who = Who::User { id, administrator_id });
}

/// What the request at hand does, where its address alone does not say.
pub fn name(action: &str) {
    change(|told| action.clone_into(&mut told.action));
}

/// On which thing, where its address does not say.
pub fn about(id: impl std::fmt::Display) {
    change(|told| told.object_id = id.to_string());
}

/// It is refused, whatever the status of the answer.
pub fn denied() {
    change(|told| told.is_denied = true);
}

/// The administrator who acts for the user, if one does.
pub fn administrator() -> Option<i64> {
    match Trail::current()?.told().who {
        Who::User { administrator_id, .. } => administrator_id,
        Who::Nobody | Who::Operator => None,
    }
}

/// Stores the entry of the request at hand, in the transaction of what it changes.
///
/// # Errors
/// The database's.
pub fn store(connection: &mut AnyConnection) -> Result<()> {
    let Some(trail) = Trail::current() else { return Ok(()) };
    if let Some(entry) = trail.entry(&trail.told(), Outcome::Done) {
        audit::insert(connection, &[entry])?;
        trail.change(|told| told.is_stored = true);
    }
    Ok(())
}

/// Entries on their way to the database.
pub struct Queue {
    sender: mpsc::Sender<NewEntry>,
    receiver: tokio::sync::Mutex<Received>,
}

/// Entries stay in `held` until they are stored.
struct Received {
    receiver: mpsc::Receiver<NewEntry>,
    held: Vec<NewEntry>,
}

impl Default for Queue {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver: tokio::sync::Mutex::new(Received { receiver, held: Vec::new() }) }
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

    /// Stores everything that waits, and seals everything that is stored.
    ///
    /// # Errors
    /// The database's; what was not stored still waits.
    pub async fn flush(&self, db: &Db) -> Result<()> {
        let mut received = self.receiver.lock().await;
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
pub async fn work(state: &State) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = state.audit.flush(&state.db).await {
            tracing::error!(%error, "audit log");
        }
    }
}
