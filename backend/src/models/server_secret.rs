//! What every process of a server knows and nobody else, by name. Sealed as it is stored.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::on_each;
use crate::schema::server_secrets;

/// The secret of that name, if there is one.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, name: &str) -> QueryResult<Option<String>> {
    server_secrets::table.find(name).select(server_secrets::secret).first(connection).optional()
}

/// Stores the secret of that name, in the place of the one that there may be.
///
/// # Errors
/// The database's.
pub fn set(connection: &mut AnyConnection, name: &str, sealed: &str) -> QueryResult<()> {
    let row = (server_secrets::name.eq(name), server_secrets::secret.eq(sealed));
    on_each!(connection, c => diesel::insert_into(server_secrets::table)
        .values(row)
        .on_conflict(server_secrets::name)
        .do_update()
        .set(server_secrets::secret.eq(sealed))
        .execute(c))?;
    Ok(())
}
