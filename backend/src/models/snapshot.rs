//! A whole database: whether anything is in it, the version of its tables, and PostgreSQL’s as it is at one instant.

use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::connection::AnyConnection;

/// How many tables there are.
///
/// # Errors
/// The database's.
pub fn tables(connection: &mut PgConnection) -> QueryResult<i64> {
    let tables = "(SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public')";
    diesel::select(sql::<BigInt>(tables)).get_result(connection)
}

/// The last migration that was run. Nothing is written, not even the table that it would be in.
///
/// # Errors
/// There is no such table; the database's.
pub fn schema(connection: &mut AnyConnection) -> QueryResult<Option<String>> {
    diesel::select(sql::<Nullable<Text>>("(SELECT MAX(version) FROM __diesel_schema_migrations)"))
        .get_result(connection)
}

/// Has a connection see the database as it is now, as long as it takes; the name by which `pg_dump` sees the same.
///
/// # Errors
/// The database's.
pub fn export(connection: &mut AnyConnection) -> QueryResult<String> {
    connection.batch_execute(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET LOCAL statement_timeout = 0",
    )?;
    diesel::select(sql::<Text>("pg_export_snapshot()")).get_result(connection)
}
