//! Sign-ins between the password and the code of the second factor.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::AccountId;
use crate::schema::owed_codes;

/// Stores that a browser has given the right password, and until when the code may follow; deletes those that have expired
/// at `now`.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    id_hash: &str,
    account_id: AccountId,
    expires_at: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::delete(owed_codes::table.filter(owed_codes::expires_at.lt(now))).execute(connection)?;
    diesel::insert_into(owed_codes::table)
        .values((
            owed_codes::id_hash.eq(id_hash),
            owed_codes::account_id.eq(account_id),
            owed_codes::expires_at.eq(expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// The account that the browser signs in to, if its time is not over at `now`.
///
/// # Errors
/// The database's.
pub fn account_of(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<AccountId>> {
    owed_codes::table
        .find(id_hash)
        .filter(owed_codes::expires_at.gt(now))
        .select(owed_codes::account_id)
        .first(connection)
        .optional()
}

/// Deletes the entry of that browser: the code was right.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(owed_codes::table.find(id_hash)).execute(connection)?;
    Ok(())
}
