//! Databases made for the occasion, and removed after it.

use std::path::Path;

use anyhow::{Context as _, Result};
use datapass::db::Db;
use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, RunQueryDsl as _};
use tempfile::TempDir;

use crate::generator;
use crate::population::Population;

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server, named by `TEST_DATABASE_URL`.
    Postgres,
}

impl Engine {
    /// As people write it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A filled database and the directory of the program that will run on it.
pub struct Database {
    /// As `DATABASE_URL`.
    pub url: String,
    directory: TempDir,
    /// PostgreSQL: the server's own URL and the name of the database on it.
    on_server: Option<(String, String)>,
}

impl Database {
    /// Makes a database without tables. `server` is PostgreSQL's.
    pub fn create(engine: Engine, server: Option<&str>) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("datapass-bench-").tempdir()?;
        match engine {
            Engine::Sqlite => {
                let url = format!("sqlite://{}", directory.path().join("datapass.sqlite").display());
                Ok(Self { url, directory, on_server: None })
            }
            Engine::Postgres => {
                let server = server.context("TEST_DATABASE_URL")?;
                let (base, _) = server.rsplit_once('/').context("TEST_DATABASE_URL names no database")?;
                let name = format!("bench_{}", uuid::Uuid::new_v4().simple());
                PgConnection::establish(server)?.batch_execute(&format!("CREATE DATABASE {name}"))?;
                let url = format!("{base}/{name}");
                Ok(Self { url, directory, on_server: Some((server.to_owned(), name)) })
            }
        }
    }

    /// Makes the tables and fills them. What a database server does by itself within minutes is done at once, so that
    /// each run measures the same.
    pub async fn fill(&self, count: usize, seed: u64) -> Result<(Db, Population)> {
        let db = Db::open(&self.url)?;
        db.migrate()?;
        let population = generator::fill(&db, count, seed).await?;
        if self.on_server.is_some() {
            PgConnection::establish(&self.url)?.batch_execute("VACUUM ANALYZE")?;
        }
        Ok((db, population))
    }

    /// What it takes on disk, in bytes, once all that was written is in its place.
    pub fn size(&self) -> Result<u64> {
        let Some(file) = self.url.strip_prefix("sqlite://") else {
            let size = sql::<BigInt>("pg_database_size(current_database())");
            let size: i64 = diesel::select(size).get_result(&mut PgConnection::establish(&self.url)?)?;
            return Ok(size.try_into()?);
        };
        SqliteConnection::establish(file)?.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(std::fs::metadata(file)?.len())
    }

    /// Where the program keeps its files.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Leaves the files where they are, to be looked at.
    pub fn keep(&mut self) -> String {
        self.directory.disable_cleanup(true);
        self.on_server = None;
        self.url.clone()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.on_server
            && let Ok(mut connection) = PgConnection::establish(server)
        {
            drop(connection.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
        }
    }
}
