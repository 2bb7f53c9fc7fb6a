//! OAuth authorization codes that the embedded provider issues.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::AccountId;
use crate::schema::authorization_codes;

/// How long a code is kept after its end, so that using it again is noticed. Longer than any token lives.
const CODE_MEMORY: Duration = Duration::days(1);

/// A code to issue.
#[derive(Debug, Insertable)]
#[diesel(table_name = authorization_codes)]
pub struct NewAuthorizationCode {
    /// Hash of the code.
    pub code_hash: String,
    /// The client that it was issued to.
    pub client_id: String,
    pub account_id: AccountId,
    pub redirect_uri: String,
    /// Separated by spaces.
    pub scope: String,
    /// The selected organisation.
    pub siret: Option<String>,
    /// The nonce for the ID token; empty where there is none.
    pub nonce: String,
    /// The PKCE challenge (S256).
    pub code_challenge: String,
    /// When the password was given.
    pub authenticated_at: NaiveDateTime,
    /// Whether a code of the second factor was given too.
    pub second_factor: bool,
    pub expires_at: NaiveDateTime,
}

/// A code that has just been consumed.
#[derive(Debug, Queryable)]
pub struct AuthorizationCode {
    pub account_id: AccountId,
    pub redirect_uri: String,
    /// Separated by spaces.
    pub scope: String,
    /// The selected organisation.
    pub siret: Option<String>,
    /// The nonce for the ID token; empty where there is none.
    pub nonce: String,
    /// The PKCE challenge (S256).
    pub code_challenge: String,
    /// When the password was given.
    pub authenticated_at: NaiveDateTime,
    /// Whether a code of the second factor was given too.
    pub second_factor: bool,
    pub expires_at: NaiveDateTime,
}

/// Stores a code, and deletes the very old ones.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, code: &NewAuthorizationCode, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(authorization_codes::table.filter(authorization_codes::expires_at.lt(now - CODE_MEMORY)))
        .execute(connection)?;
    diesel::insert_into(authorization_codes::table).values(code).execute(connection)?;
    Ok(())
}

/// Consumes a code of that client. One statement, so that of two concurrent attempts only one succeeds.
///
/// # Errors
/// The database's.
pub fn consume(
    connection: &mut AnyConnection,
    code_hash: &str,
    client_id: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<AuthorizationCode>> {
    diesel::update(
        authorization_codes::table
            .filter(authorization_codes::code_hash.eq(code_hash))
            .filter(authorization_codes::client_id.eq(client_id))
            .filter(authorization_codes::consumed_at.is_null()),
    )
    .set(authorization_codes::consumed_at.eq(now))
    .returning((
        authorization_codes::account_id,
        authorization_codes::redirect_uri,
        authorization_codes::scope,
        authorization_codes::siret,
        authorization_codes::nonce,
        authorization_codes::code_challenge,
        authorization_codes::authenticated_at,
        authorization_codes::second_factor,
        authorization_codes::expires_at,
    ))
    .get_result(connection)
    .optional()
}
