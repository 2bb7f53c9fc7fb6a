//! Browser sessions.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::user::{Impersonation, User};

use super::user;
use crate::db::AnyConnection;
use crate::db::types::utc;
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

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The user.
    pub user: User,
    /// The administrator who acts for them, if one does.
    pub impersonation: Option<Impersonation>,
}

/// Who is signed in, if the session is valid at `now`.
///
/// It is an administrator's own again as soon as their time for somebody is up, or one of the two is no longer what they
/// were: an administrator, and somebody who is none and may sign in.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<Signed>> {
    type Row = (i64, Option<i64>, Option<NaiveDateTime>);

    let row: Option<Row> = sessions::table
        .filter(sessions::id_hash.eq(id_hash))
        .filter(sessions::expires_at.gt(now))
        .select((sessions::user_id, sessions::acting_for, sessions::acting_until))
        .first(connection)
        .optional()?;
    let Some((owner, acting_for, acting_until)) = row else { return Ok(None) };
    let Some(owner) = user::find_welcome(connection, owner)? else { return Ok(None) };
    if let (Some(other), Some(until)) = (acting_for, acting_until.filter(|until| *until > now))
        && owner.is_administrator()
        && let Some(user) = user::find_welcome(connection, other)?.filter(|user| !user.is_administrator())
    {
        let administrator = owner.full_name();
        let impersonation = Impersonation { administrator_id: owner.id, administrator, until: utc(until) };
        return Ok(Some(Signed { user, impersonation: Some(impersonation) }));
    }
    Ok(Some(Signed { user: owner, impersonation: None }))
}

/// Gives a session another id and lets its owner act for somebody until then, or for themselves again. `false` where
/// there is no such session.
///
/// # Errors
/// The database's.
pub fn act_for(
    connection: &mut AnyConnection,
    id_hash: &str,
    new_hash: &str,
    other: Option<(i64, NaiveDateTime)>,
) -> QueryResult<bool> {
    let (acting_for, acting_until) = other.unzip();
    let changed = diesel::update(sessions::table.find(id_hash))
        .set((
            sessions::id_hash.eq(new_hash),
            sessions::acting_for.eq(acting_for),
            sessions::acting_until.eq(acting_until),
        ))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Ends every session of these users; nobody acts for them any more.
///
/// # Errors
/// The database's.
pub fn delete_of(connection: &mut AnyConnection, users: &[i64]) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq_any(users))).execute(connection)?;
    diesel::update(sessions::table.filter(sessions::acting_for.eq_any(users)))
        .set(sessions::acting_for.eq(None::<i64>))
        .execute(connection)?;
    Ok(())
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
