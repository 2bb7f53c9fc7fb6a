//! What the request at hand leaves in the audit log, and its storing in the transaction of what it changes.
//!
//! [`crate::db::Db::write`] adds the entry to its own transaction, so that there is no change without its entry and no entry
//! without its change. The log itself is in [`crate::audit`].

use std::sync::{Arc, Mutex, PoisonError};

use shared::audit::Outcome;

use crate::connection::AnyConnection;
use crate::connection::types::{Name, now};
use crate::error::Result;
use crate::ids::UserId;
use crate::models::audit::{self, NewEntry};

tokio::task_local! {
    static TRAIL: Arc<Trail>;
}

/// What the request at hand leaves in the log. It is filled in while the request is answered.
#[derive(Debug)]
pub struct Trail {
    request_id: String,
    details: Mutex<Details>,
}

#[derive(Clone, Debug)]
struct Details {
    who: Who,
    action: String,
    object: &'static str,
    object_id: String,
    is_denied: bool,
    is_stored: bool,
    is_void: bool,
}

#[derive(Clone, Copy, Debug)]
enum Who {
    Nobody,
    Operator,
    User { id: UserId, administrator_id: Option<UserId> },
}

impl Trail {
    /// Of a request that is about to be answered.
    pub fn new(request_id: String, action: &str, object: &'static str, object_id: &str) -> Arc<Self> {
        let details = Details {
            who: Who::Nobody,
            action: action.to_owned(),
            object,
            object_id: object_id.to_owned(),
            is_denied: false,
            is_stored: false,
            is_void: false,
        };
        Arc::new(Self { request_id, details: Mutex::new(details) })
    }

    /// Of a command on the server itself.
    pub fn of_operator(action: &str, object: &'static str) -> Arc<Self> {
        let trail = Self::new(String::new(), action, object, "");
        trail.change(|details| details.who = Who::Operator);
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

    /// What is left to tell of a request that was answered: nothing, where its write has details it.
    pub fn rest(&self, is_done: bool, is_denied: bool) -> Option<NewEntry> {
        let details = self.details();
        let is_denied = is_denied || details.is_denied;
        let is_told = details.is_stored || details.is_void && !is_denied;
        if is_told || !(is_done || is_denied) {
            return None;
        }
        self.entry(&details, if is_denied { Outcome::Denied } else { Outcome::Done })
    }

    /// Nothing is details of visitors: nobody knows who they are.
    fn entry(&self, details: &Details, outcome: Outcome) -> Option<NewEntry> {
        let (actor_id, administrator_id) = match details.who {
            Who::Nobody => return None,
            Who::Operator => (None, None),
            Who::User { id, administrator_id } => (Some(id), administrator_id),
        };
        Some(NewEntry {
            at: now().naive_utc(),
            actor_id,
            administrator_id,
            action: details.action.clone(),
            object: details.object.to_owned(),
            object_id: details.object_id.clone(),
            request_id: self.request_id.clone(),
            outcome: Name(outcome),
            times: 1,
        })
    }

    fn details(&self) -> Details {
        self.details.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Details)) {
        change(&mut self.details.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Runs the queries of a request where its trail is known: they run in a thread of their own.
pub fn within<T>(trail: Option<Arc<Trail>>, work: impl FnOnce() -> T) -> T {
    match trail {
        Some(trail) => TRAIL.sync_scope(trail, work),
        None => work(),
    }
}

fn change(change: impl FnOnce(&mut Details)) {
    if let Some(trail) = Trail::current() {
        trail.change(change);
    }
}

/// Who makes the request at hand.
pub fn by(id: UserId, administrator_id: Option<UserId>) {
    change(|details| details.who = Who::User { id, administrator_id });
}

/// What the request at hand does, where its address alone does not say.
pub fn name(action: &str) {
    change(|details| action.clone_into(&mut details.action));
}

/// On which thing, where its address does not say.
pub fn about(id: impl std::fmt::Display) {
    change(|details| details.object_id = id.to_string());
}

/// On what sort of thing, where its address says another.
pub fn on(object: &'static str) {
    change(|details| details.object = object);
}

/// It asked for what was so already: there is nothing to tell.
pub fn nothing_changed() {
    change(|details| details.is_void = true);
}

/// It is refused, whatever the status of the answer.
pub fn denied() {
    change(|details| details.is_denied = true);
}

/// Stores the entry of the request at hand, in the transaction of what it changes.
///
/// # Errors
/// The database's.
pub fn store(connection: &mut AnyConnection) -> Result<()> {
    let Some(trail) = Trail::current() else { return Ok(()) };
    let details = trail.details();
    if details.is_void {
        return Ok(());
    }
    if let Some(entry) = trail.entry(&details, Outcome::Done) {
        audit::insert(connection, &[entry])?;
        trail.change(|details| details.is_stored = true);
    }
    Ok(())
}
