//! The database: how one reads, the only way one writes, and whose turn it is.
//!
//! Two engines, one code base: the scheme of the URL decides ([`engine`]). Queries are in [`crate::models`].

pub mod engine;

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{self, ManageConnection, R2D2Connection};
use tokio::sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use self::engine::{Engine, EngineName};
use crate::connection::{AnyConnection, take_outbox_filled};
use crate::error::{Error, Result};
use crate::trail::{self, Trail};

/// How long a connection may have been unused before it is asked whether it still is one. Asking costs a round trip.
const TRUSTED: Duration = Duration::from_secs(1);

/// How many read or write at once.
const TURNS: u32 = 8;

/// How many exports are written at once, each on a connection beside the others'.
pub const EXPORTS: u32 = 3;

/// How long a request waits for its turn. Workers wait as long as it takes.
const PATIENCE: Duration = Duration::from_secs(2);

/// When to call again after that.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// How long the database has to answer whoever asks how it is, and how long that connection is kept.
const PROBE_PATIENCE: Duration = Duration::from_secs(1);
const PROBE_KEPT: Duration = Duration::from_secs(60);

tokio::task_local! {
    /// Somebody waits for what is done here.
    static IS_REQUEST: ();
}

/// Answers a request: what it asks of the database gets its turn soon, or fails.
pub async fn within_request<T>(answer: impl Future<Output = T>) -> T {
    IS_REQUEST.scope((), answer).await
}

/// Waits for a turn.
async fn turn<T>(turn: impl Future<Output = T>) -> Result<T> {
    if IS_REQUEST.try_with(|()| ()).is_ok() {
        timeout(PATIENCE, turn).await.map_err(|_| Error::Overloaded(RETRY_AFTER))
    } else {
        Ok(turn.await)
    }
}

/// A connection of the pool.
struct Pooled {
    connection: AnyConnection,
    last_used: Instant,
}

/// Opens connections.
#[derive(Debug)]
struct Manager(Engine);

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = r2d2::Error;

    fn connect(&self) -> std::result::Result<Pooled, r2d2::Error> {
        let connection = self.0.connect().map_err(r2d2::Error::ConnectionError)?;
        Ok(Pooled { connection, last_used: Instant::now() })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> std::result::Result<(), r2d2::Error> {
        match &mut pooled.connection {
            AnyConnection::Postgres(connection) if pooled.last_used.elapsed() > TRUSTED => {
                connection.ping().map_err(r2d2::Error::QueryError)
            }
            AnyConnection::Postgres(_) | AnyConnection::Sqlite(_) => Ok(()),
        }
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.last_used = Instant::now();
        std::thread::panicking() || pooled.connection.is_broken()
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: r2d2::Pool<Manager>,
    /// One connection, opened when it is wanted, to ask whether the database answers.
    probe: r2d2::Pool<Manager>,
    /// Waiting for a connection takes no thread.
    turns: Arc<Semaphore>,
    /// SQLite has one writer at a time, and its own waiting is unfair: some writers starved for seconds. This gate
    /// serves in order. PostgreSQL needs none.
    gate: Option<Arc<Mutex<()>>>,
    /// Wakes the outbox worker: a commit has put something into the outbox.
    pub outbox_filled: Arc<Notify>,
}

impl Db {
    /// Connects, without creating tables.
    ///
    /// # Errors
    /// What is wrong with the URL, or the server's or the file's own error.
    pub fn open(url: &str) -> anyhow::Result<Self> {
        let engine = Engine::of(url)?;
        engine.check_writable()?;
        let gate = (engine.name() == EngineName::Sqlite).then(Arc::default);
        let described = engine.to_string();
        let probe = r2d2::Pool::builder()
            .max_size(1)
            .min_idle(Some(0))
            .idle_timeout(Some(PROBE_KEPT))
            .connection_timeout(PROBE_PATIENCE)
            .build_unchecked(Manager(engine.clone()));
        let manager = Manager(engine);
        // One plain attempt first: the pool retries in silence and reports only a time-out.
        drop(manager.connect().map_err(|error| anyhow::anyhow!("connexion impossible avec {described} : {error}"))?);
        let pool = r2d2::Pool::builder()
            .max_size(TURNS + EXPORTS)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(10))
            .build(manager)?;
        let turns = Arc::new(Semaphore::new(TURNS as usize));
        Ok(Self { pool, probe, turns, gate, outbox_filled: Arc::default() })
    }

    /// Whether the database is a file of this process, which nobody shares.
    pub const fn is_embedded(&self) -> bool {
        self.gate.is_some()
    }

    /// Brings the tables up to date.
    ///
    /// # Errors
    /// The migration that fails, with the engine's error.
    pub fn migrate(&self) -> anyhow::Result<()> {
        engine::migrate(&mut self.pool.get()?.connection)
    }

    /// Runs queries that change nothing.
    ///
    /// # Errors
    /// What `f` returns, or that no connection could be had in time.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = self.turn().await?;
        let (pool, trail) = (self.pool.clone(), Trail::current());
        blocking(move || {
            let _turn = turn;
            trail::within(trail, || f(&mut pool.get()?.connection))
        })
        .await
    }

    /// The same in a thread that the caller has already, beside the turns of others: for the [`EXPORTS`].
    ///
    /// # Errors
    /// What `f` returns, or that no connection could be had.
    pub fn read_blocking<T>(&self, f: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        f(&mut self.pool.get()?.connection)
    }

    /// Asks the database something, however many others do; `f` is also told whether its tables are those of this version.
    ///
    /// # Errors
    /// What `f` returns, or that the database does not answer.
    pub async fn probe<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection, bool) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let probe = self.probe.clone();
        blocking(move || {
            let connection = &mut probe.get()?.connection;
            let is_current = engine::is_current(connection)?;
            f(connection, is_current)
        })
        .await
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        let closed = |_| Error::Internal("the turns of the database are closed".to_owned());
        turn(self.turns.clone().acquire_owned()).await?.map_err(closed)
    }

    /// Runs one transaction: the only way to write. Everything in it is kept, or nothing, and with it what the audit log
    /// tells of the request at hand; no network call belongs inside.
    ///
    /// # Errors
    /// What `f` returns, after a rollback; or that no connection could be had.
    pub async fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(Trail::current(), f).await
    }

    /// The same, for what others have said and is kept so that they need not be asked again: whoever's request it was
    /// that asked, the audit log has nothing to tell.
    ///
    /// # Errors
    /// What `f` returns, after a rollback; or that no connection could be had.
    pub async fn remember<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(None, f).await
    }

    /// A transaction that may take as long as it does, at a start or for an operator: every other has its bounds ([`engine`]).
    ///
    /// # Errors
    /// What `f` returns, after a rollback; or that no connection could be had.
    pub async fn write_without_timeout<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write(|connection| {
            if let AnyConnection::Postgres(postgres) = connection {
                postgres.batch_execute("SET LOCAL statement_timeout = 0")?;
            }
            f(connection)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        trail: Option<Arc<Trail>>,
        f: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let only = match &self.gate {
            Some(gate) => Some(turn(gate.clone().lock_owned()).await?),
            None => None,
        };
        let turn = self.turn().await?;
        let (pool, outbox_filled) = (self.pool.clone(), self.outbox_filled.clone());
        blocking(move || {
            let _turns = (only, turn);
            let with_entry = |connection: &mut AnyConnection| {
                let value = f(connection)?;
                trail::store(connection)?;
                Ok(value)
            };
            take_outbox_filled(); // what a transaction that was rolled back has left
            let value = trail::within(trail, || transaction(&mut pool.get()?.connection, with_entry))?;
            if take_outbox_filled() {
                outbox_filled.notify_one();
            }
            Ok(value)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(f).await.map_err(|error| Error::Internal(format!("a query panicked: {error}")))?
}

/// `BEGIN IMMEDIATE` on SQLite: a deferred transaction that reads first fails by the thousand as soon as two write.
fn transaction<T>(connection: &mut AnyConnection, f: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
    type Manager = <AnyConnection as Connection>::TransactionManager;

    match connection {
        AnyConnection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?,
        AnyConnection::Postgres(postgres) => AnsiTransactionManager::begin_transaction(postgres)?,
    }
    match f(connection) {
        Ok(value) => {
            Manager::commit_transaction(connection)?;
            Ok(value)
        }
        Err(error) => {
            // A rollback that fails leaves a broken connection, which the pool drops.
            drop(Manager::rollback_transaction(connection));
            Err(error)
        }
    }
}
