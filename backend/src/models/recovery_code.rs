//! Recovery codes, which stand in for a lost second factor.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::AccountId;
use crate::schema::recovery_codes;

/// Replaces the recovery codes of an account by these, hashed.
///
/// # Errors
/// The database's.
pub fn replace(connection: &mut AnyConnection, account_id: AccountId, hashes: &[String]) -> QueryResult<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account_id))).execute(connection)?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((recovery_codes::code_hash.eq(hash), recovery_codes::account_id.eq(account_id)))
            .execute(connection)?;
    }
    Ok(())
}

/// Consumes a recovery code; `false` where the account has no such code any more.
///
/// # Errors
/// The database's.
pub fn consume(connection: &mut AnyConnection, account_id: AccountId, hash: &str) -> QueryResult<bool> {
    let known = recovery_codes::table.find(hash).filter(recovery_codes::account_id.eq(account_id));
    Ok(diesel::delete(known).execute(connection)? == 1)
}

/// How many recovery codes are left.
///
/// # Errors
/// The database's.
pub fn count(connection: &mut AnyConnection, account_id: AccountId) -> QueryResult<i64> {
    recovery_codes::table.filter(recovery_codes::account_id.eq(account_id)).count().get_result(connection)
}
