//! The policies in force, and old revisions from the database.
//!
//! They come from the files that the binary carries, and from those of `POLICIES_DIR` laid over them; `source` reads
//! the files, `schema` and `check` judge them. What a policy may say is [`shared::policy`].

pub mod check;
pub mod names;
mod schema;
pub mod skeleton;
pub mod source;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use shared::policy::Policy;
use shared::problem::ItemCode;

pub use self::check::Catalogue;
use self::names::Names;
use self::source::Sources;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::models::policy_revision;

/// The policies in force, and those of the past that were asked for.
#[derive(Debug)]
pub struct Policies {
    /// `POLICIES_DIR`.
    directory: Option<PathBuf>,
    current: RwLock<Arc<Catalogue>>,
    past: RwLock<HashMap<String, Arc<Policy>>>,
    /// Every API that there ever was a policy for.
    known: RwLock<BTreeSet<String>>,
    /// What the words of a search name.
    names: RwLock<Arc<Names>>,
}

impl Policies {
    /// Those that the binary carries, with those of a directory laid over them.
    ///
    /// # Errors
    /// What cannot be read, and everything that is wrong with what can.
    pub fn open(directory: Option<PathBuf>) -> anyhow::Result<Self> {
        let catalogue = read(directory.as_ref())?;
        Ok(Self {
            directory,
            names: RwLock::new(Arc::new(Names::of(&catalogue))),
            current: RwLock::new(Arc::new(catalogue)),
            past: RwLock::default(),
            known: RwLock::default(),
        })
    }

    /// Stores the revisions in force, so that what is written under them can be read for ever.
    ///
    /// # Errors
    /// The database's.
    pub async fn remember(&self, db: &Db) -> Result<()> {
        self.store(db, self.current()).await
    }

    async fn store(&self, db: &Db, catalogue: Arc<Catalogue>) -> Result<()> {
        let stored = db.write(move |connection| {
            for policy in catalogue.values() {
                policy_revision::insert(connection, policy, now().naive_utc())?;
            }
            Ok(policy_revision::apis(connection)?)
        });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = stored.await?.into_iter().collect();
        Ok(())
    }

    /// Whether there is such an API, or was: its requests are there for ever.
    pub fn knows(&self, target_api: &str) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).contains(target_api)
    }

    /// Reads the files again. All of them are right, or nothing changes.
    ///
    /// # Errors
    /// What cannot be read (400, each thing by its line); the database’s.
    pub async fn reload(&self, db: &Db) -> Result<Arc<Catalogue>> {
        let directory = self.directory.clone();
        let read = tokio::task::spawn_blocking(move || read(directory.as_ref())).await;
        let catalogue = read
            .map_err(|error| Error::Internal(format!("reading the policies panicked: {error}")))?
            .map_err(|error| {
                let detail = format!("Les fichiers des politiques sont à corriger\u{a0}: {error:#}.");
                Error::pointer("", ItemCode::Format, detail)
            })?;
        let catalogue = Arc::new(catalogue);
        self.store(db, catalogue.clone()).await?;
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Names::of(&catalogue));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = catalogue.clone();
        Ok(catalogue)
    }

    /// What is wrong with the files as they are now, a line each. What the binary carries is right: tests see to that.
    ///
    /// # Errors
    /// The reading ended in a panic.
    pub async fn errors(&self) -> Result<Vec<String>> {
        let Some(directory) = self.directory.clone() else { return Ok(Vec::new()) };
        let read = tokio::task::spawn_blocking(move || read(Some(&directory))).await;
        let read = read.map_err(|error| Error::Internal(format!("reading the policies panicked: {error}")))?;
        Ok(read.err().map(|error| format!("{error:#}").lines().map(str::to_owned).collect()).unwrap_or_default())
    }

    /// The policies in force, by slug.
    pub fn current(&self) -> Arc<Catalogue> {
        // A poisoned lock only means that a reader panicked; the map itself is whole.
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What words name.
    pub fn names(&self) -> Arc<Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).clone()
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

fn read(directory: Option<&PathBuf>) -> anyhow::Result<Catalogue> {
    let mut sources = Sources::embedded()?;
    if let Some(directory) = directory {
        sources.add(std::slice::from_ref(directory))?;
    }
    Ok(check::read(&sources)?)
}
