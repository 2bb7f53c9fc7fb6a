//! Links that let their bearer choose a new password.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::AccountId;
use crate::schema::password_resets;

/// Stores a link, and deletes those that have expired at `now`.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    token_hash: &str,
    account_id: Option<AccountId>,
    expires_at: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::delete(password_resets::table.filter(password_resets::expires_at.lt(now))).execute(connection)?;
    diesel::insert_into(password_resets::table)
        .values((
            password_resets::token_hash.eq(token_hash),
            password_resets::account_id.eq(account_id),
            password_resets::expires_at.eq(expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// The account whose password a link changes, if the link is valid at `now`.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, token_hash: &str, now: NaiveDateTime) -> QueryResult<Option<AccountId>> {
    password_resets::table
        .find(token_hash)
        .filter(password_resets::expires_at.gt(now))
        .filter(password_resets::account_id.is_not_null())
        .select(password_resets::account_id.assume_not_null())
        .first(connection)
        .optional()
}

/// Consumes a link, and every other of the same account; `false` where somebody else was faster.
///
/// # Errors
/// The database's.
pub fn consume(connection: &mut AnyConnection, token_hash: &str, account_id: AccountId) -> QueryResult<bool> {
    let used = diesel::delete(password_resets::table.find(token_hash)).execute(connection)?;
    diesel::delete(password_resets::table.filter(password_resets::account_id.eq(account_id))).execute(connection)?;
    Ok(used == 1)
}
