//! Browser sessions.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::user::User;

use super::user;
use crate::db::AnyConnection;
use crate::schema::sessions;

/// A session to open.
#[derive(Debug, Insertable)]
#[diesel(table_name = sessions)]
pub struct NewSession {
    /// Hash of the cookie's value.
    pub id_hash: String,
    /// Whose.
    pub user_id: i64,
    /// The ID token of the sign-in, for the provider's logout.
    pub id_token: String,
    /// Since when.
    pub created_at: NaiveDateTime,
    /// Until when.
    pub expires_at: NaiveDateTime,
}

/// Stores a session.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, session: &NewSession) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(session.created_at))).execute(connection)?;
    diesel::insert_into(sessions::table).values(session).execute(connection)?;
    Ok(())
}

/// The user of a session that is valid at `now`.
///
/// # Errors
/// The database's.
pub fn find_user(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<User>> {
    let id = sessions::table
        .filter(sessions::id_hash.eq(id_hash))
        .filter(sessions::expires_at.gt(now))
        .select(sessions::user_id)
        .first::<i64>(connection)
        .optional()?;
    id.map(|id| user::find(connection, id)).transpose()
}

/// Ends a session; returns its ID token if there was one.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<Option<String>> {
    diesel::delete(sessions::table.filter(sessions::id_hash.eq(id_hash)))
        .returning(sessions::id_token)
        .get_result(connection)
        .optional()
}
