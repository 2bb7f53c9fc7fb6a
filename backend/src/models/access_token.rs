//! OAuth access tokens that the embedded provider issues.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::AccountId;
use crate::schema::access_tokens;

/// A token to issue.
#[derive(Debug, Insertable)]
#[diesel(table_name = access_tokens)]
pub struct NewAccessToken {
    /// Hash of the token.
    pub token_hash: String,
    /// Hash of the authorization code that it was issued for.
    pub code_hash: String,
    /// The client that it was issued to.
    pub client_id: String,
    pub account_id: AccountId,
    /// Separated by spaces.
    pub scope: String,
    /// The selected organisation.
    pub siret: Option<String>,
    pub expires_at: NaiveDateTime,
}

/// Stores a token, and deletes those that have expired.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, token: &NewAccessToken, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(access_tokens::table.filter(access_tokens::expires_at.lt(now))).execute(connection)?;
    diesel::insert_into(access_tokens::table).values(token).execute(connection)?;
    Ok(())
}

/// A valid token.
#[derive(Debug, Queryable)]
pub struct AccessToken {
    /// The client that it was issued to.
    pub client_id: String,
    pub account_id: AccountId,
    /// Separated by spaces.
    pub scope: String,
    /// The selected organisation.
    pub siret: Option<String>,
    pub expires_at: NaiveDateTime,
}

/// The token of that hash, if it is valid at `now`.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, token_hash: &str, now: NaiveDateTime) -> QueryResult<Option<AccessToken>> {
    access_tokens::table
        .filter(access_tokens::token_hash.eq(token_hash))
        .filter(access_tokens::expires_at.gt(now))
        .filter(access_tokens::revoked_at.is_null())
        .select((
            access_tokens::client_id,
            access_tokens::account_id,
            access_tokens::scope,
            access_tokens::siret,
            access_tokens::expires_at,
        ))
        .first(connection)
        .optional()
}

/// Revokes a token of that client.
///
/// # Errors
/// The database's.
pub fn revoke(
    connection: &mut AnyConnection,
    token_hash: &str,
    client_id: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::update(
        access_tokens::table
            .filter(access_tokens::token_hash.eq(token_hash))
            .filter(access_tokens::client_id.eq(client_id)),
    )
    .set(access_tokens::revoked_at.eq(now))
    .execute(connection)?;
    Ok(())
}
