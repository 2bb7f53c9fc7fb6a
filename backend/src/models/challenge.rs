//! Codes sent to e-mail addresses that their owners have yet to verify.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::email_address::EmailAddress;
use crate::ids::AccountId;
use crate::schema::challenges;

/// How many attempts there may be.
pub const MAX_ATTEMPTS: i32 = 5;

/// How long another code may be asked for after the last has expired.
const MEMORY: Duration = Duration::hours(1);

/// An address to verify. Not `Debug`: it holds secrets.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = challenges)]
pub struct Challenge {
    /// Hash of the browser's cookie.
    pub id_hash: String,
    /// The address to verify.
    pub email: EmailAddress,
    /// The account that gets this address; `None` for a new account.
    pub account_id: Option<AccountId>,
    /// Password of the new account, as a PHC string.
    pub password_hash: String,
    /// First name for the new account.
    pub given_name: String,
    /// Last name for the new account.
    pub family_name: String,
    /// Where to go afterwards.
    pub next: String,
    /// Hash of cookie and code.
    pub code_hash: String,
    /// How many attempts there were.
    pub tries: i32,
    /// Until when the code is valid.
    pub expires_at: NaiveDateTime,
}

/// Stores a challenge, and deletes those that are long over at `now`.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, challenge: &Challenge, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(challenges::table.filter(challenges::expires_at.lt(now - MEMORY))).execute(connection)?;
    diesel::insert_into(challenges::table).values(challenge).execute(connection)?;
    Ok(())
}

/// The challenge of that browser.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<Challenge>> {
    challenges::table.find(id_hash).select(Challenge::as_select()).first(connection).optional()
}

/// Replaces the code, and counts its attempts anew.
///
/// # Errors
/// The database's.
pub fn renew(
    connection: &mut AnyConnection,
    id_hash: &str,
    code_hash: &str,
    expires_at: NaiveDateTime,
) -> QueryResult<()> {
    diesel::update(challenges::table.find(id_hash))
        .set((challenges::code_hash.eq(code_hash), challenges::tries.eq(0), challenges::expires_at.eq(expires_at)))
        .execute(connection)?;
    Ok(())
}

/// Counts an attempt and returns the challenge to compare it with; `None` after too many, or too late. One statement, so
/// that no two attempts count as one.
///
/// # Errors
/// The database's.
pub fn attempt(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<Challenge>> {
    let open = challenges::table
        .find(id_hash)
        .filter(challenges::tries.lt(MAX_ATTEMPTS))
        .filter(challenges::expires_at.gt(now));
    let counted = diesel::update(open).set(challenges::tries.eq(challenges::tries + 1)).execute(connection)?;
    if counted == 1 { find(connection, id_hash) } else { Ok(None) }
}

/// Deletes a challenge.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(challenges::table.find(id_hash)).execute(connection)?;
    Ok(())
}
