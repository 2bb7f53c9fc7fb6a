//! Second factors of the embedded identity provider's accounts: the keys of their authenticator applications.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::recovery_code;
use crate::connection::AnyConnection;
use crate::ids::AccountId;
use crate::schema::{accounts, second_factors};

/// How long after it was made a key may be confirmed.
const SETTING_UP: Duration = Duration::minutes(30);

/// A key to set up. Not `Debug`: it is secret.
#[derive(Insertable)]
#[diesel(table_name = second_factors)]
pub struct NewFactor {
    pub account_id: AccountId,
    /// The key in base32, sealed.
    pub secret: String,
    /// The step of the last code: none yet.
    pub last_step: i64,
    /// Hash of the cookie of the session where it is set up.
    pub set_up_in: Option<String>,
    pub created_at: NaiveDateTime,
}

/// The confirmed key of an account, sealed; `None` where there is no second factor.
///
/// # Errors
/// The database's.
pub fn secret(connection: &mut AnyConnection, account_id: AccountId) -> QueryResult<Option<String>> {
    second_factors::table
        .find(account_id)
        .filter(second_factors::set_up_in.is_null())
        .select(second_factors::secret)
        .first(connection)
        .optional()
}

/// The key to confirm in that session, sealed, if it is not too late at `now`.
///
/// # Errors
/// The database's.
pub fn secret_to_confirm(
    connection: &mut AnyConnection,
    account_id: AccountId,
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

/// Stores a key to confirm, instead of another that was never confirmed; `false` where there is a confirmed one.
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

/// Confirms the key by a code of that step; `false` where it is not being set up in that session.
///
/// # Errors
/// The database's.
pub fn confirm(connection: &mut AnyConnection, account_id: AccountId, session: &str, step: i64) -> QueryResult<bool> {
    let changed = diesel::update(second_factors::table.find(account_id).filter(second_factors::set_up_in.eq(session)))
        .set((second_factors::set_up_in.eq(None::<String>), second_factors::last_step.eq(step)))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Consumes the code of that step, and those of all steps before; `false` where it was consumed already. One statement, so
/// that of two concurrent attempts only one succeeds.
///
/// # Errors
/// The database's.
pub fn consume_step(connection: &mut AnyConnection, account_id: AccountId, step: i64) -> QueryResult<bool> {
    let later = second_factors::table.find(account_id).filter(second_factors::last_step.lt(step));
    let used = diesel::update(later).set(second_factors::last_step.eq(step)).execute(connection)?;
    Ok(used == 1)
}

/// Deletes the second factor of an account, and its recovery codes.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, account_id: AccountId) -> QueryResult<()> {
    diesel::delete(second_factors::table.find(account_id)).execute(connection)?;
    recovery_code::replace(connection, account_id, &[])
}

/// Every key as it is stored, with its account and the `sub` that clients know that by.
///
/// # Errors
/// The database's.
pub fn all(connection: &mut AnyConnection) -> QueryResult<Vec<(AccountId, String, String)>> {
    let whole = second_factors::table.inner_join(accounts::table);
    whole.select((second_factors::account_id, accounts::sub, second_factors::secret)).load(connection)
}

/// Replaces what is stored of a key.
///
/// # Errors
/// The database's.
pub fn seal(connection: &mut AnyConnection, account_id: AccountId, sealed: &str) -> QueryResult<()> {
    diesel::update(second_factors::table.find(account_id))
        .set(second_factors::secret.eq(sealed))
        .execute(connection)?;
    Ok(())
}
