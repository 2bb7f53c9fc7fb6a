//! Refresh tokens of the embedded provider, in families: all that one sign-in gave, by the hash of its code.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::AnyConnection;
use crate::schema::{access_tokens, refresh_tokens};

/// A refresh token to give.
#[derive(Debug, Insertable)]
#[diesel(table_name = refresh_tokens)]
pub struct NewRefreshToken {
    /// Hash of the token.
    pub token_hash: String,
    /// The family.
    pub code_hash: String,
    /// The client that may use it.
    pub client_id: String,
    /// Whom it speaks of.
    pub account_id: i64,
    /// What it gives access to.
    pub scope: String,
    /// The organisation that they chose to speak for.
    pub siret: Option<String>,
    /// When they gave their password.
    pub authenticated_at: NaiveDateTime,
    /// They gave a code of their second factor too.
    pub second_factor: bool,
    /// Until when.
    pub expires_at: NaiveDateTime,
}

/// A refresh token that has just been used.
#[derive(Debug, Queryable)]
pub struct Used {
    /// The family.
    pub code_hash: String,
    /// Whom it speaks of.
    pub account_id: i64,
    /// What it gives access to.
    pub scope: String,
    /// The organisation that they chose to speak for.
    pub siret: Option<String>,
    /// When they gave their password.
    pub authenticated_at: NaiveDateTime,
    /// They gave a code of their second factor too.
    pub second_factor: bool,
    /// Until when.
    pub expires_at: NaiveDateTime,
}

/// Stores a token, and forgets those that are over.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, token: &NewRefreshToken, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.lt(now))).execute(connection)?;
    diesel::insert_into(refresh_tokens::table).values(token).execute(connection)?;
    Ok(())
}

/// Uses a token of that client up, if it is good at `now`: one statement, so that of two that try at once only one gets it.
///
/// # Errors
/// The database's.
pub fn consume(
    connection: &mut AnyConnection,
    token_hash: &str,
    client_id: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<Used>> {
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

/// Revokes all that a family has; returns how many tokens that were.
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

/// A token that is good at `now`: its account, scope and end.
///
/// # Errors
/// The database's.
pub fn find(
    connection: &mut AnyConnection,
    token_hash: &str,
    client_id: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<(i64, String, NaiveDateTime)>> {
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
