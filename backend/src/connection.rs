//! A connection to either engine, and how values, pages and searches are written on both.
//!
//! Which engine, and the transactions, are [`crate::db`]'s; queries are in [`crate::models`].

mod any;
pub mod counted;
pub mod one_of;
pub mod page;
pub mod search;
pub mod types;

use std::cell::Cell;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, define_sql_function};

pub use any::{AnyConnection, MultiBackend};

/// Type-checks one expression on both engines, for what the enum itself cannot run: `on_conflict`, many rows at once.
#[macro_export]
macro_rules! on_each {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            $crate::connection::AnyConnection::Postgres($c) => $body,
            $crate::connection::AnyConnection::Sqlite($c) => $body,
        }
    };
}

/// From here to the end of the transaction one process is alone with what the lock stands for. On SQLite whoever writes
/// is alone anyway.
///
/// # Errors
/// The database's.
pub fn lock(connection: &mut AnyConnection, key: i64) -> diesel::QueryResult<()> {
    match connection {
        AnyConnection::Postgres(postgres) => postgres.batch_execute(&format!("SELECT pg_advisory_xact_lock({key})")),
        AnyConnection::Sqlite(_) => Ok(()),
    }
}

define_sql_function! {
    /// A text in lower case.
    fn lower(text: Text) -> Text;
}

/// Gives a connection to SQLite a [`lower`] that knows the letters with accents: its own knows ASCII alone.
///
/// # Errors
/// The database's.
pub fn register_lower(connection: &mut SqliteConnection) -> diesel::QueryResult<()> {
    lower_utils::register_impl(connection, |text: String| text.to_lowercase())
}

thread_local! {
    /// Whether the transaction that this thread runs has put something into the outbox.
    static OUTBOX_FILLED: Cell<bool> = const { Cell::new(false) };
}

/// The transaction at hand has put something into the outbox: its commit wakes who delivers it.
pub fn fill_outbox() {
    OUTBOX_FILLED.set(true);
}

/// Whether anything was put into the outbox since the last call, in this thread.
pub fn take_outbox_filled() -> bool {
    OUTBOX_FILLED.take()
}
