//! A connection to either engine.

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
