//! Who may not sign in any more.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::user::NewBan;

use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::ids::UserId;
use crate::schema::users;

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
