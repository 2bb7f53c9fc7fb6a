//! A connection to either engine.
#![expect(missing_docs, reason = "the derive writes undocumented items beside the enum")]

use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}
