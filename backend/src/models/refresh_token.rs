//! OAuth refresh tokens of the embedded provider. A family is every token of one sign-in: they share the hash of its code.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::AccountId;
use crate::schema::{access_tokens, refresh_tokens};

/// A token to issue.
#[derive(Debug, Insertable)]
#[diesel(table_name = refresh_tokens)]
pub struct NewRefreshToken {
    /// Hash of the token.
    pub token_hash: String,
    /// Its family: the hash of the authorization code.
    pub code_hash: String,
    /// The client that it was issued to.
    pub client_id: String,
    pub account_id: AccountId,
    /// Separated by spaces.
    pub scope: String,
    /// The selected organisation.
    pub siret: Option<String>,
    /// When the password was given.
    pub authenticated_at: NaiveDateTime,
    /// Whether a code of the second factor was given too.
    pub second_factor: bool,
    pub expires_at: NaiveDateTime,
}

/// A token that has just been consumed.
#[derive(Debug, Queryable)]
pub struct RefreshToken {
    /// Its family: the hash of the authorization code.
    pub code_hash: String,
    pub account_id: AccountId,
    /// Separated by spaces.
    pub scope: String,
    /// The selected organisation.
    pub siret: Option<String>,
    /// When the password was given.
    pub authenticated_at: NaiveDateTime,
    /// Whether a code of the second factor was given too.
    pub second_factor: bool,
    pub expires_at: NaiveDateTime,
}

/// Stores a token, and deletes those that have expired.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, token: &NewRefreshToken, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.lt(now))).execute(connection)?;
    diesel::insert_into(refresh_tokens::table).values(token).execute(connection)?;
    Ok(())
}

/// Consumes a token of that client, if it is valid at `now`. One statement, so that of two concurrent attempts only one
/// succeeds.
///
/// # Errors
/// The database's.
pub fn consume(
    connection: &mut AnyConnection,
    token_hash: &str,
    client_id: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<RefreshToken>> {
    diesel::update(
        refresh_tokens::table
            .filter(refresh_tokens::token_hash.eq(token_hash))
            .filter(refresh_tokens::client_id.eq(client_id))
            .filter(refresh_tokens::expires_at.gt(now))
            .filter(refresh_tokens::used_at.is_null())
            .filter(refresh_tokens::revoked_at.is_null()),
    )
    .set(refresh_tokens::used_at.eq(now))
    .returning((
        refresh_tokens::code_hash,
        refresh_tokens::account_id,
        refresh_tokens::scope,
        refresh_tokens::siret,
        refresh_tokens::authenticated_at,
        refresh_tokens::second_factor,
        refresh_tokens::expires_at,
    ))
    .get_result(connection)
    .optional()
}

/// The family of a token of that client, used or not.
///
/// # Errors
/// The database's.
pub fn family(connection: &mut AnyConnection, token_hash: &str, client_id: &str) -> QueryResult<Option<String>> {
    refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .filter(refresh_tokens::client_id.eq(client_id))
        .select(refresh_tokens::code_hash)
        .first(connection)
        .optional()
}

/// Revokes every token of a family, access tokens too; returns how many there were.
///
/// # Errors
/// The database's.
pub fn revoke_family(connection: &mut AnyConnection, code_hash: &str, now: NaiveDateTime) -> QueryResult<usize> {
    let access = diesel::update(
        access_tokens::table.filter(access_tokens::code_hash.eq(code_hash)).filter(access_tokens::revoked_at.is_null()),
    )
    .set(access_tokens::revoked_at.eq(now))
    .execute(connection)?;
    let refresh = diesel::update(
        refresh_tokens::table
            .filter(refresh_tokens::code_hash.eq(code_hash))
            .filter(refresh_tokens::revoked_at.is_null()),
    )
    .set(refresh_tokens::revoked_at.eq(now))
    .execute(connection)?;
    Ok(access + refresh)
}

/// Account, scope and end of a token that is valid at `now`.
///
/// # Errors
/// The database's.
pub fn find(
    connection: &mut AnyConnection,
    token_hash: &str,
    client_id: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<(AccountId, String, NaiveDateTime)>> {
    refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .filter(refresh_tokens::client_id.eq(client_id))
        .filter(refresh_tokens::expires_at.gt(now))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::revoked_at.is_null())
        .select((refresh_tokens::account_id, refresh_tokens::scope, refresh_tokens::expires_at))
        .first(connection)
        .optional()
}
