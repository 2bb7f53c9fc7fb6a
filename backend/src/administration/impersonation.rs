//! Impersonation: an administrator acts as somebody for an hour at most, to see what they see.
//!
//! It is the administrator’s own session that acts so, under a new id, and it is theirs again when the hour is over.

use chrono::Duration;
use shared::user::{AccountAction, NewImpersonation, User};

use super::{checked_email, checked_reason};
use crate::connection::AnyConnection;
use crate::connection::types::{Name, now};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::account_change::{self, NewAccountChange};
use crate::models::{ban, session, user};
use crate::trail;

/// How long, at most.
const MINUTES: i64 = 60;

/// Somebody to act for, and a reason.
///
/// # Errors
/// 400, naming the member.
pub fn checked(new: &NewImpersonation) -> Result<NewImpersonation> {
    Ok(NewImpersonation { email: checked_email("/email", &new.email)?, reason: checked_reason(&new.reason)? })
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
    let other_id = UserId::of(&other);
    trail::about(other_id);
    if other.is_administrator() {
        return Err(Error::Forbidden("Personne n’agit au nom d’un administrateur.".to_owned()));
    }
    if ban::is_banned(connection, other_id)? {
        return Err(Error::Forbidden("Ce compte est suspendu\u{a0}: personne n’agit en son nom.".to_owned()));
    }
    let now = now().naive_utc();
    let until = now + Duration::minutes(MINUTES);
    if !session::act_for(connection, id_hash, new_hash, Some((other_id, until)))? {
        return Err(Error::Unauthorized);
    }
    let change = NewAccountChange {
        user_id: other_id,
        administrator_id: UserId::of(administrator),
        action: Name(AccountAction::Impersonate),
        reason: &new.reason,
        created_at: now,
    };
    Ok(account_change::insert(connection, &change)?)
}

/// The session of that id is its owner's again, under a new id.
///
/// # Errors
/// The database's.
pub fn end(connection: &mut AnyConnection, user: &User, id_hash: &str, new_hash: &str) -> Result<()> {
    trail::about(user.id);
    if session::act_for(connection, id_hash, new_hash, None)? { Ok(()) } else { Err(Error::Unauthorized) }
}
