//! Which engine, how one connects to it, and the version of its tables.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use diesel::connection::SimpleConnection as _;
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{Connection as _, ConnectionError};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use serde::{Deserialize, Serialize};

use crate::connection::AnyConnection;
use crate::connection::register_lower;
use crate::error::{Error, Result};
use crate::models::snapshot;
use crate::storage;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Taken while migrating, so that several processes may start at once on one PostgreSQL. Any constant would do.
const MIGRATION_LOCK: i64 = 0x6461_7461_7061_7373;

/// What a connection to PostgreSQL is told first: no statement holds its turn for ever, and a process that hangs holds no
/// row.
const BOUNDS: &str = "SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'";

/// A database, by its address.
#[derive(Clone, Debug)]
pub enum Engine {
    /// A server’s, by its whole URL.
    Postgres(String),
    /// A file.
    Sqlite(PathBuf),
}

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineName {
    Postgres,
    Sqlite,
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        })
    }
}

impl fmt::Display for Engine {
    /// Without what the URL of a server may hold of secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(_) => f.write_str("le serveur PostgreSQL de DATABASE_URL"),
            Self::Sqlite(path) => write!(f, "la base SQLite «\u{a0}{}\u{a0}»", path.display()),
        }
    }
}

impl Engine {
    /// A URL without a known scheme is refused rather than taken for a file name: a typing error must not make an empty
    /// database.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        if let Some(path) = url.strip_prefix("sqlite://") {
            let directory = Path::new(path).parent().filter(|directory| !directory.as_os_str().is_empty());
            if let Some(directory) = directory
                && !directory.is_dir()
            {
                anyhow::bail!(
                    "le répertoire «\u{a0}{}\u{a0}» de la base SQLite n’existe pas\u{a0}: créez-le ou corrigez DATABASE_URL",
                    directory.display()
                );
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        anyhow::bail!(
            "DATABASE_URL doit commencer par sqlite:// ou postgres://\u{a0}; «\u{a0}{scheme}://\u{a0}» n’est pas un moteur connu"
        )
    }

    pub const fn name(&self) -> EngineName {
        match self {
            Self::Postgres(_) => EngineName::Postgres,
            Self::Sqlite(_) => EngineName::Sqlite,
        }
    }

    /// Connects. The derived `AnyConnection::establish` tries every engine in turn and loses the error.
    ///
    /// # Errors
    /// The engine's.
    pub fn connect(&self) -> std::result::Result<AnyConnection, ConnectionError> {
        match self {
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(url)?;
                connection.batch_execute(BOUNDS).map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(AnyConnection::Postgres(connection))
            }
            Self::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
                connection
                    .batch_execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2000;",
                    )
                    .and_then(|()| register_lower(&mut connection))
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(AnyConnection::Sqlite(connection))
            }
        }
    }

    /// Whether one may write there, where it is a file: SQLite’s own words for it are of no help.
    ///
    /// # Errors
    /// One may not, and what to do.
    pub fn check_writable(&self) -> anyhow::Result<()> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        // Its journal is written beside it.
        let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
        storage::check_writable(directory)?;
        if path.exists() {
            let opened = fs::OpenOptions::new().append(true).open(path);
            opened.with_context(|| storage::not_writable("le fichier", path))?;
        }
        Ok(())
    }

    /// Connects to a database that is there; nothing of it changes, not even how it is written.
    ///
    /// # Errors
    /// There is none; the engine's.
    pub fn connect_as_it_is(&self) -> anyhow::Result<AnyConnection> {
        Ok(match self {
            Self::Postgres(url) => AnyConnection::Postgres(PgConnection::establish(url)?),
            Self::Sqlite(path) => {
                ensure!(path.is_file(), "{self} n’existe pas");
                let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
                connection.batch_execute("PRAGMA busy_timeout = 5000")?;
                AnyConnection::Sqlite(connection)
            }
        })
    }

    /// The last migration that this program knows.
    ///
    /// # Errors
    /// None that is known: they are part of the program.
    pub fn known_schema(&self) -> anyhow::Result<String> {
        let failed = |error| anyhow::anyhow!("migrations\u{a0}: {error}");
        let versions: Vec<String> = match self {
            Self::Postgres(_) => {
                let known = MigrationSource::<Pg>::migrations(&POSTGRES_MIGRATIONS).map_err(failed)?;
                known.iter().map(|migration| migration.name().version().to_string()).collect()
            }
            Self::Sqlite(_) => {
                let known = MigrationSource::<Sqlite>::migrations(&SQLITE_MIGRATIONS).map_err(failed)?;
                known.iter().map(|migration| migration.name().version().to_string()).collect()
            }
        };
        versions.into_iter().max().context("no migration")
    }

    /// Whether nothing is there yet.
    ///
    /// # Errors
    /// The engine's.
    pub fn is_empty(&self) -> anyhow::Result<bool> {
        match self {
            Self::Sqlite(path) => Ok(!path.exists()),
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(url)?;
                Ok(snapshot::tables(&mut connection)? == 0)
            }
        }
    }
}

/// Brings the tables up to date.
///
/// # Errors
/// The migration that fails, with the engine's error.
pub fn migrate(connection: &mut AnyConnection) -> anyhow::Result<()> {
    let failed = |error| anyhow::anyhow!("la mise à jour des tables a échoué\u{a0}: {error}");
    match connection {
        AnyConnection::Sqlite(connection) => {
            connection.run_pending_migrations(SQLITE_MIGRATIONS).map_err(failed)?;
        }
        AnyConnection::Postgres(connection) => {
            connection
                .batch_execute(&format!("SET statement_timeout = 0; SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
            let result = connection.run_pending_migrations(POSTGRES_MIGRATIONS).map(drop).map_err(failed);
            connection.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK}); {BOUNDS}"))?;
            result?;
        }
    }
    Ok(())
}

/// Whether the tables are those of this version.
///
/// # Errors
/// The engine's.
pub fn is_current(connection: &mut AnyConnection) -> Result<bool> {
    let is_behind = match connection {
        AnyConnection::Sqlite(connection) => connection.has_pending_migration(SQLITE_MIGRATIONS),
        AnyConnection::Postgres(connection) => connection.has_pending_migration(POSTGRES_MIGRATIONS),
    };
    is_behind.map(|is_behind| !is_behind).map_err(|error| Error::Internal(format!("migrations: {error}")))
}
