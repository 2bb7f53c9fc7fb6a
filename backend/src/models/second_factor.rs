//! Second factors of the embedded identity provider's accounts: their keys, the codes that stand in for them, and who has
//! given a password and owes a code.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::db::AnyConnection;
use crate::schema::{accounts, owed_codes, recovery_codes, second_factors};

/// How long setting one up may take.
const SETTING_UP: Duration = Duration::minutes(30);

/// A key to set up. Not `Debug`: it is secret.
#[derive(Insertable)]
#[diesel(table_name = second_factors)]
pub struct NewFactor {
    /// Whose.
    pub account_id: i64,
    /// The key in base32, sealed.
    pub secret: String,
    /// No code has served.
    pub last_step: i64,
    /// Hash of the cookie of the session where it is set up.
    pub set_up_in: Option<String>,
    /// When.
    pub created_at: NaiveDateTime,
}

/// The key that an account signs in with, sealed; there is none where there is no second factor.
///
/// # Errors
/// The database's.
pub fn secret(connection: &mut AnyConnection, account_id: i64) -> QueryResult<Option<String>> {
    second_factors::table
        .find(account_id)
        .filter(second_factors::set_up_in.is_null())
        .select(second_factors::secret)
        .first(connection)
        .optional()
}

/// The key that is being set up in that session, sealed, if it is not too late at `now`.
///
/// # Errors
/// The database's.
pub fn secret_to_confirm(
    connection: &mut AnyConnection,
    account_id: i64,
    session: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<String>> {
    second_factors::table
        .find(account_id)
        .filter(second_factors::set_up_in.eq(session))
        .filter(second_factors::created_at.gt(now - SETTING_UP))
        .select(second_factors::secret)
        .first(connection)
        .optional()
}

/// Begins to set one up, instead of another that was never confirmed. `false` where there is one that was.
///
/// # Errors
/// The database's.
pub fn begin(connection: &mut AnyConnection, factor: &NewFactor) -> QueryResult<bool> {
    diesel::delete(second_factors::table.find(factor.account_id).filter(second_factors::set_up_in.is_not_null()))
        .execute(connection)?;
    let inserted = crate::on_each!(connection, c => {
        diesel::insert_into(second_factors::table).values(factor).on_conflict_do_nothing().execute(c)
    })?;
    Ok(inserted == 1)
}

/// A code of that step has shown that the key works: it is in force. `false` where it is not being set up in that session.
///
/// # Errors
/// The database's.
pub fn confirm(connection: &mut AnyConnection, account_id: i64, session: &str, step: i64) -> QueryResult<bool> {
    let changed = diesel::update(second_factors::table.find(account_id).filter(second_factors::set_up_in.eq(session)))
        .set((second_factors::set_up_in.eq(None::<String>), second_factors::last_step.eq(step)))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Uses the code of that step up, and those of all steps before. `false` where it was. One statement, so that of two that
/// try at once only one may.
///
/// # Errors
/// The database's.
pub fn use_step(connection: &mut AnyConnection, account_id: i64, step: i64) -> QueryResult<bool> {
    let later = second_factors::table.find(account_id).filter(second_factors::last_step.lt(step));
    let used = diesel::update(later).set(second_factors::last_step.eq(step)).execute(connection)?;
    Ok(used == 1)
}

/// Takes the second factor of an account away, and its recovery codes.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, account_id: i64) -> QueryResult<()> {
    diesel::delete(second_factors::table.find(account_id)).execute(connection)?;
    replace_recovery_codes(connection, account_id, &[])
}

/// Gives an account these recovery codes, hashed, instead of those that it has.
///
/// # Errors
/// The database's.
pub fn replace_recovery_codes(connection: &mut AnyConnection, account_id: i64, hashes: &[String]) -> QueryResult<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account_id))).execute(connection)?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((recovery_codes::code_hash.eq(hash), recovery_codes::account_id.eq(account_id)))
            .execute(connection)?;
    }
    Ok(())
}

/// Uses a recovery code up. `false` where the account has no such code any more.
///
/// # Errors
/// The database's.
pub fn use_recovery_code(connection: &mut AnyConnection, account_id: i64, hash: &str) -> QueryResult<bool> {
    let known = recovery_codes::table.find(hash).filter(recovery_codes::account_id.eq(account_id));
    Ok(diesel::delete(known).execute(connection)? == 1)
}

/// How many recovery codes are left.
///
/// # Errors
/// The database's.
pub fn recovery_codes_left(connection: &mut AnyConnection, account_id: i64) -> QueryResult<i64> {
    recovery_codes::table.filter(recovery_codes::account_id.eq(account_id)).count().get_result(connection)
}

/// Notes that a browser has given the right password and owes a code until then; forgets those that are too late at `now`.
///
/// # Errors
/// The database's.
pub fn owe(
    connection: &mut AnyConnection,
    id_hash: &str,
    account_id: i64,
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

/// The account whose code that browser owes, if it is not too late at `now`.
///
/// # Errors
/// The database's.
pub fn owing(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<i64>> {
    owed_codes::table
        .find(id_hash)
        .filter(owed_codes::expires_at.gt(now))
        .select(owed_codes::account_id)
        .first(connection)
        .optional()
}

/// That browser owes nothing any more.
///
/// # Errors
/// The database's.
pub fn settle(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(owed_codes::table.find(id_hash)).execute(connection)?;
    Ok(())
}

/// Every key as it is stored, with the name that clients know its account by.
///
/// # Errors
/// The database's.
pub fn secrets(connection: &mut AnyConnection) -> QueryResult<Vec<(i64, String, String)>> {
    let whole = second_factors::table.inner_join(accounts::table);
    whole.select((second_factors::account_id, accounts::sub, second_factors::secret)).load(connection)
}

/// Replaces what is stored of a key.
///
/// # Errors
/// The database's.
pub fn seal(connection: &mut AnyConnection, account_id: i64, sealed: &str) -> QueryResult<()> {
    diesel::update(second_factors::table.find(account_id))
        .set(second_factors::secret.eq(sealed))
        .execute(connection)?;
    Ok(())
}
