//! Who may not sign in any more.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::user::NewBan;

use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::ids::UserId;
use crate::schema::{sessions, users};

/// Keeps everybody out whose address this is, verified, or lets them back in; their numbers.
///
/// # Errors
/// The database's.
pub fn apply(connection: &mut AnyConnection, ban: &NewBan, now: NaiveDateTime) -> QueryResult<Vec<UserId>> {
    let accounts = users::table.filter(users::email.eq(&ban.email)).filter(users::email_verified.eq(true));
    diesel::update(accounts)
        .set((
            users::banned_at.eq(ban.banned.then_some(now)),
            users::ban_reason.eq(ban.banned.then_some(&ban.reason)),
            users::updated_at.eq(now),
        ))
        .returning(users::id)
        .get_results(connection)
}

/// Whether they are kept out: they, or another account of their verified address.
///
/// # Errors
/// The database's.
pub fn is_banned(connection: &mut AnyConnection, user_id: UserId) -> QueryResult<bool> {
    let (email, verified, banned_at): (String, bool, Option<NaiveDateTime>) =
        users::table.find(user_id).select((users::email, users::email_verified, users::banned_at)).first(connection)?;
    Ok(banned_at.is_some() || (verified && !addresses(connection, &[&email])?.is_empty()))
}

/// Those of these addresses whose owner is kept out.
///
/// # Errors
/// The database's.
pub fn addresses(connection: &mut AnyConnection, emails: &[&str]) -> QueryResult<Vec<String>> {
    users::table
        .filter(users::email.eq_any(emails))
        .filter(users::email_verified.eq(true))
        .filter(users::banned_at.is_not_null())
        .select(users::email)
        .load(connection)
}

/// What the embedded identity provider calls them.
///
/// # Errors
/// The database's.
pub fn embedded_subs(connection: &mut AnyConnection, ids: &[UserId]) -> QueryResult<Vec<String>> {
    users::table
        .filter(users::id.eq_any(ids))
        .filter(users::issuer.eq(EMBEDDED_ISSUER))
        .select(users::sub)
        .load(connection)
}

/// Ends every session of these users; nobody acts for them any more. Their pages are told why, see [`reason_in`]: no more than
/// that is kept of them.
///
/// # Errors
/// The database's.
pub fn end_sessions(connection: &mut AnyConnection, ids: &[UserId], now: NaiveDateTime) -> QueryResult<()> {
    let open = sessions::table.filter(sessions::user_id.eq_any(ids)).filter(sessions::expires_at.gt(now));
    diesel::update(open)
        .set((sessions::expires_at.eq(now), sessions::id_token.eq(Vec::<u8>::new())))
        .execute(connection)?;
    diesel::update(sessions::table.filter(sessions::acting_for.eq_any(ids)))
        .set(sessions::acting_for.eq(None::<UserId>))
        .execute(connection)?;
    Ok(())
}

/// Why the owner of a session is kept out, where they are. A session is remembered for a day after its end.
///
/// # Errors
/// The database's.
pub fn reason_in(connection: &mut AnyConnection, session_hash: &str) -> QueryResult<Option<String>> {
    let reason: Option<Option<String>> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id_hash.eq(session_hash))
        .filter(users::banned_at.is_not_null())
        .select(users::ban_reason)
        .first(connection)
        .optional()?;
    Ok(reason.map(Option::unwrap_or_default))
}
