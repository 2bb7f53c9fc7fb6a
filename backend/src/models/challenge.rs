//! E-mail addresses that somebody has yet to show to be theirs.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::db::AnyConnection;
use crate::schema::challenges;

/// How many codes may be tried.
pub const MAX_TRIES: i32 = 5;

/// How long one may still ask for another code after the end of the last.
const MEMORY: Duration = Duration::hours(1);

/// An address to show to be one's own. Not `Debug`: it holds secrets.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = challenges)]
pub struct Challenge {
    /// Hash of the browser's cookie.
    pub id_hash: String,
    /// The address, lower case.
    pub email: String,
    /// Whose it becomes; a new account's where there is nobody.
    pub account_id: Option<i64>,
    /// Of the new account: PHC string.
    pub password_hash: String,
    /// Of the new account.
    pub given_name: String,
    /// Of the new account.
    pub family_name: String,
    /// Where to go afterwards.
    pub next: String,
    /// Hash of cookie and code.
    pub code_hash: String,
    /// How many codes were tried.
    pub tries: i32,
    /// Until when the code is good.
    pub expires_at: NaiveDateTime,
}

/// Stores one, and forgets those that are long over at `now`.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, challenge: &Challenge, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(challenges::table.filter(challenges::expires_at.lt(now - MEMORY))).execute(connection)?;
    diesel::insert_into(challenges::table).values(challenge).execute(connection)?;
    Ok(())
}

/// The one of that browser.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<Challenge>> {
    challenges::table.find(id_hash).select(Challenge::as_select()).first(connection).optional()
}

/// Another code for the same, with tries of its own.
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

/// Counts a try and returns what to hold it against; nothing once there were too many, or too late. One statement, so
/// that no two tries count as one.
///
/// # Errors
/// The database's.
pub fn try_once(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<Challenge>> {
    let open =
        challenges::table.find(id_hash).filter(challenges::tries.lt(MAX_TRIES)).filter(challenges::expires_at.gt(now));
    let counted = diesel::update(open).set(challenges::tries.eq(challenges::tries + 1)).execute(connection)?;
    if counted == 1 { find(connection, id_hash) } else { Ok(None) }
}

/// It is over.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(challenges::table.find(id_hash)).execute(connection)?;
    Ok(())
}
