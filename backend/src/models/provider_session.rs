//! Sessions at the embedded identity provider: one per browser. DataPass's own are in [`super::session`].

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::AccountId;
use crate::schema::provider_sessions;

/// A session to open.
#[derive(Debug, Insertable)]
#[diesel(table_name = provider_sessions)]
pub struct NewProviderSession {
    /// Hash of the cookie's value.
    pub id_hash: String,
    pub account_id: AccountId,
    /// When the password was given.
    pub authenticated_at: NaiveDateTime,
    /// Whether a code of the second factor was given too.
    pub second_factor: bool,
    pub expires_at: NaiveDateTime,
}

/// An open session.
#[derive(Clone, Debug, Queryable)]
pub struct ProviderSession {
    pub account_id: AccountId,
    /// When the password was given.
    pub authenticated_at: NaiveDateTime,
    /// Whether a code of the second factor was given too.
    pub second_factor: bool,
    /// The selected organisation; the account may have left it since.
    pub siret: Option<String>,
}

/// Stores a session, and deletes those that have expired when it begins.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, session: &NewProviderSession) -> QueryResult<()> {
    diesel::delete(provider_sessions::table.filter(provider_sessions::expires_at.lt(session.authenticated_at)))
        .execute(connection)?;
    diesel::insert_into(provider_sessions::table).values(session).execute(connection)?;
    Ok(())
}

/// The session of that cookie, if it is valid at `now`.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<ProviderSession>> {
    provider_sessions::table
        .filter(provider_sessions::id_hash.eq(id_hash))
        .filter(provider_sessions::expires_at.gt(now))
        .select((
            provider_sessions::account_id,
            provider_sessions::authenticated_at,
            provider_sessions::second_factor,
            provider_sessions::siret,
        ))
        .first(connection)
        .optional()
}

/// Sets the organisation that the account speaks for in that session.
///
/// # Errors
/// The database's.
pub fn select_organization(connection: &mut AnyConnection, id_hash: &str, siret: &str) -> QueryResult<()> {
    diesel::update(provider_sessions::table.find(id_hash))
        .set(provider_sessions::siret.eq(siret))
        .execute(connection)?;
    Ok(())
}

/// The sessions of an account: the hash of the cookie's value, and when the password was given.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, account_id: AccountId) -> QueryResult<Vec<(String, NaiveDateTime)>> {
    provider_sessions::table
        .filter(provider_sessions::account_id.eq(account_id))
        .select((provider_sessions::id_hash, provider_sessions::authenticated_at))
        .load(connection)
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(provider_sessions::table.filter(provider_sessions::id_hash.eq(id_hash))).execute(connection)?;
    Ok(())
}
