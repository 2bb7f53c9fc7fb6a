//! The policies in force, and old revisions from the database.
//!
//! They come from the files that the binary carries, from those of `POLICIES_DIR` laid over them, and from those that
//! administrators publish, which come before both; `source` reads the files, `schema` and `check` judge them, `in_force` puts
//! them together. What a policy may say is [`shared::policy`].

pub mod check;
pub mod differences;
mod in_force;
pub mod names;
mod schema;
pub mod skeleton;
pub mod source;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use shared::policy::Policy;
use shared::policy_file::{PolicyFailure, PolicyProblem};
use shared::problem::ItemCode;
use tokio::sync::Mutex;

pub use self::check::Catalogue;
use self::in_force::Files;
pub use self::in_force::InForce;
use self::names::Names;
use self::source::Diagnostics;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::logging;
use crate::models::policy_change::{self, Changes, NewChange};
use crate::models::policy_revision;

/// How often a process looks whether another has changed the policies.
const FOLLOWED_EVERY: Duration = Duration::from_secs(2);

/// The policies in force, and those of the past that were asked for.
#[derive(Debug)]
pub struct Policies {
    /// `POLICIES_DIR`.
    directory: Option<PathBuf>,
    in_force: RwLock<Arc<InForce>>,
    past: RwLock<HashMap<String, Arc<Policy>>>,
    /// Every API that there ever was a policy for.
    known: RwLock<BTreeSet<String>>,
    /// Why the files were not taken, the last time that they were read again.
    failure: RwLock<Option<PolicyFailure>>,
    /// Held by whoever replaces what is in force.
    replacing: Mutex<()>,
}

impl Policies {
    /// Those that the binary carries, with those of a directory laid over them.
    ///
    /// # Errors
    /// What cannot be read, and everything that is wrong with what can.
    pub fn open(directory: Option<PathBuf>) -> anyhow::Result<Self> {
        let files = Arc::new(Files::read(directory.as_ref())?);
        Ok(Self {
            directory,
            in_force: RwLock::new(Arc::new(InForce::of(files, Changes::default()))),
            past: RwLock::default(),
            known: RwLock::default(),
            failure: RwLock::default(),
            replacing: Mutex::default(),
        })
    }

    /// Lays over them what administrators have published, and stores the revisions in force, so that what is written under
    /// them can be read for ever.
    ///
    /// # Errors
    /// The database's.
    pub async fn remember(&self, db: &Db) -> Result<()> {
        let _replacing = self.replacing.lock().await;
        let changes = db.read(|connection| Ok(policy_change::all(connection)?)).await?;
        let in_force = put_together(self.in_force().files(), changes).await?;
        for unread in in_force.unread() {
            let problems: Vec<&str> = unread.problems.iter().map(|problem| problem.message.as_str()).collect();
            tracing::error!(
                target_api = unread.target_api,
                "a published policy cannot be read, and is not in force: {}",
                problems.join(" ; ")
            );
        }
        self.replace(db, in_force).await
    }

    async fn replace(&self, db: &Db, in_force: InForce) -> Result<()> {
        let catalogue = in_force.catalogue.clone();
        // Whatever request this is for has its own entry in the audit log.
        let stored = db.remember(move |connection| {
            for policy in catalogue.values() {
                policy_revision::insert(connection, policy, now().naive_utc())?;
            }
            Ok(policy_revision::apis(connection)?)
        });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = stored.await?.into_iter().collect();
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(in_force);
        Ok(())
    }

    /// Whether there is such an API, or was: its requests are there for ever.
    pub fn knows(&self, target_api: &str) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).contains(target_api)
    }

    /// Reads the files again, here and, where an administrator asks for it, in every process. All of them are right, or
    /// nothing changes.
    ///
    /// # Errors
    /// What cannot be read (400, each thing by its line); the database’s.
    pub async fn reload(&self, db: &Db, administrator: Option<UserId>) -> Result<Arc<Catalogue>> {
        let _replacing = self.replacing.lock().await;
        let mut in_force = match self.reread(db).await? {
            Ok(in_force) => in_force,
            Err(error) => return Err(self.told(&error)),
        };
        self.forget_failure();
        if let Some(actor_id) = administrator {
            let change =
                NewChange { target_api: None, text: None, reason: String::new(), actor_id, at: now().naive_utc() };
            let write = move |connection: &mut AnyConnection| {
                policy_change::lock_changes(connection)?;
                Ok(policy_change::insert(connection, &change)?)
            };
            db.write(write).await?;
            let changes = db.read(|connection| Ok(policy_change::all(connection)?)).await?;
            in_force = put_together(in_force.files(), changes).await?;
        }
        self.replace(db, in_force).await?;
        Ok(self.current())
    }

    /// What would be in force with the files as they are now.
    async fn reread(&self, db: &Db) -> Result<anyhow::Result<InForce>> {
        let (directory, before) = (self.directory.clone(), self.in_force());
        let changes = db.read(|connection| Ok(policy_change::all(connection)?)).await?;
        let read = move || -> anyhow::Result<InForce> {
            let in_force = InForce::of(Arc::new(Files::read(directory.as_ref())?), changes);
            in_force.lost_since(&before).map_or(Ok(in_force), |lost| Err(lost.into()))
        };
        aside(read).await
    }

    /// Notes why the files were not taken.
    fn told(&self, error: &anyhow::Error) -> Error {
        let problems = error.downcast_ref::<Diagnostics>().map(|problems| problems.0.clone()).unwrap_or_default();
        let detail = if problems.is_empty() { format!("{error:#}") } else { String::new() };
        let problems = problems.into_iter().map(PolicyProblem::from).collect();
        *self.failure.write().unwrap_or_else(PoisonError::into_inner) =
            Some(PolicyFailure { at: now(), detail, problems });
        let detail = format!("Les fichiers des politiques sont à corriger\u{a0}: {error:#}.");
        Error::pointer("", ItemCode::Format, detail)
    }

    fn forget_failure(&self) {
        *self.failure.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Why the files were not taken, the last time that they were read again.
    pub fn failure(&self) -> Option<PolicyFailure> {
        self.failure.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes in what was changed since, here or by another process. One number is read where nothing was.
    ///
    /// # Errors
    /// The database's; what cannot be read is noted, and what was in force stays.
    pub async fn follow(&self, db: &Db) -> Result<()> {
        let is_new = |latest: i64| latest > self.in_force().latest;
        if !is_new(db.read(|connection| Ok(policy_change::latest(connection)?)).await?) {
            return Ok(());
        }
        let _replacing = self.replacing.lock().await;
        let changes = db.read(|connection| Ok(policy_change::all(connection)?)).await?;
        if !is_new(changes.latest) {
            return Ok(());
        }
        let (latest, before) = (changes.latest, self.in_force());
        if changes.reread > before.reread {
            match self.reread(db).await? {
                Ok(in_force) => {
                    self.forget_failure();
                    return self.replace(db, in_force).await;
                }
                Err(error) => {
                    self.told(&error);
                    tracing::error!("the policies are those of before: {error:#}");
                }
            }
        }
        let in_force = put_together(before.files(), changes).await?;
        tracing::info!(latest, unread = in_force.unread_count(), "policies were changed by an administrator");
        self.replace(db, in_force).await
    }

    /// What is in force now, all of it.
    pub fn in_force(&self) -> Arc<InForce> {
        // A poisoned lock only means that a reader panicked; what it holds is whole.
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is wrong with the files as they are now and with what was published, a line each. What the binary carries is
    /// right: tests see to that.
    ///
    /// # Errors
    /// The reading ended in a panic.
    pub async fn errors(&self) -> Result<Vec<String>> {
        let of_files = match self.directory.clone() {
            Some(directory) => {
                let read = aside(move || Files::read(Some(&directory))).await?;
                read.err().map(|error| format!("{error:#}"))
            }
            None => None,
        };
        let mut errors: Vec<String> = of_files.iter().flat_map(|told| told.lines().map(str::to_owned)).collect();
        for unread in self.in_force().unread() {
            let told = |problem: &PolicyProblem| format!("{}\u{a0}: {}", unread.target_api, problem.message);
            errors.extend(unread.problems.iter().map(told));
        }
        Ok(errors)
    }

    /// The policies in force, by slug.
    pub fn current(&self) -> Arc<Catalogue> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).catalogue.clone()
    }

    /// What words name.
    pub fn names(&self) -> Arc<Names> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).names.clone()
    }

    /// The policy in force for an API, or a 404 that says so.
    ///
    /// # Errors
    /// There is no such API.
    pub fn require(&self, target_api: &str) -> Result<Arc<Policy>> {
        self.current().get(target_api).cloned().ok_or(Error::NotFound)
    }

    /// The policy as it was at that revision.
    ///
    /// # Errors
    /// There is no such revision, or the database's.
    pub fn at(&self, connection: &mut AnyConnection, target_api: &str, revision: &str) -> Result<Arc<Policy>> {
        if let Some(policy) = self.current().get(target_api)
            && policy.revision == revision
        {
            return Ok(policy.clone());
        }
        let known = self.past.read().unwrap_or_else(PoisonError::into_inner).get(revision).cloned();
        if let Some(policy) = known.filter(|policy| policy.target_api == target_api) {
            return Ok(policy);
        }
        let policy = Arc::new(policy_revision::find(connection, target_api, revision)?);
        self.past.write().unwrap_or_else(PoisonError::into_inner).insert(revision.to_owned(), policy.clone());
        Ok(policy)
    }
}

/// What is in force with these files and changes.
async fn put_together(files: Arc<Files>, changes: Changes) -> Result<InForce> {
    aside(move || InForce::of(files, changes)).await
}

/// Runs what reads policies, which takes a while, where nobody waits for the thread.
///
/// # Errors
/// It panicked.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Internal(format!("reading the policies panicked: {error}")))
}

/// Takes in what other processes change, for ever.
pub async fn work(policies: &Policies, db: &Db) {
    let mut ticks = tokio::time::interval(FOLLOWED_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = policies.follow(db).await {
            tracing::error!(error = logging::told(&error), "policies");
        }
    }
}
