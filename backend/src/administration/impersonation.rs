//! Acting for somebody, for an hour at most, to see what they see. It is the administrator's own session that changes
//! sides and its id: it comes back by itself.

use chrono::Duration;
use shared::user::{AccountAction, NewImpersonation, User};

use super::{checked_email, checked_reason};
use crate::audit;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::{Error, Result};
use crate::models::{account_change, ban, session, user};

/// How long, at most.
const MINUTES: i64 = 60;

/// Somebody to act for, and a reason.
///
/// # Errors
/// 400, naming the member.
pub fn checked(new: &NewImpersonation) -> Result<NewImpersonation> {
    Ok(NewImpersonation { email: checked_email(&new.email)?, reason: checked_reason(&new.reason)? })
}

/// The session of that id acts for somebody from now on, under a new id.
///
/// # Errors
/// Nobody has signed in with that address (404); an administrator, or somebody who is kept out (403); the database's.
pub fn begin(
    connection: &mut AnyConnection,
    new: &NewImpersonation,
    administrator: &User,
    id_hash: &str,
    new_hash: &str,
) -> Result<()> {
    let other = user::find_verified(connection, &new.email)?;
    audit::about(other.id);
    if other.is_administrator() {
        return Err(Error::Forbidden("Personne n’agit au nom d’un administrateur.".to_owned()));
    }
    if ban::is_banned(connection, other.id)? {
        return Err(Error::Forbidden("Ce compte est suspendu\u{a0}: personne n’agit en son nom.".to_owned()));
    }
    let now = now().naive_utc();
    let until = now + Duration::minutes(MINUTES);
    if !session::act_for(connection, id_hash, new_hash, Some((other.id, until)))? {
        return Err(Error::Unauthorized);
    }
    Ok(account_change::insert(connection, other.id, AccountAction::Impersonate, &new.reason, administrator.id, now)?)
}

/// The session of that id is its owner's again, under a new id.
///
/// # Errors
/// The database's.
pub fn end(connection: &mut AnyConnection, user: &User, id_hash: &str, new_hash: &str) -> Result<()> {
    audit::about(user.id);
    if session::act_for(connection, id_hash, new_hash, None)? { Ok(()) } else { Err(Error::Unauthorized) }
}
