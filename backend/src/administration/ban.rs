//! Keeping somebody out: their sessions and tokens end at once, and they get no more mails.

use shared::user::{AccountAction, NewBan, Person, User};

use super::{LOCK, checked_email, checked_reason, last_administrator};
use crate::audit;
use crate::db::types::now;
use crate::db::{AnyConnection, lock};
use crate::error::{Error, Result};
use crate::models::{account_change, ban, provider, role, session};
use crate::transition::queue;

/// A ban, or its end, that makes sense: an address and a reason.
///
/// # Errors
/// 400, naming the member.
pub fn checked(new: NewBan) -> Result<NewBan> {
    Ok(NewBan { email: checked_email(&new.email)?, reason: checked_reason(&new.reason)?, ..new })
}

/// Keeps somebody out or lets them back in. Nobody keeps themselves out, and an administrator remains. Whatever else must
/// not stay with somebody who is gone is taken from them here.
///
/// # Errors
/// Nobody has signed in with that address (404); oneself, or nobody would be left (409); the database's.
pub fn apply(connection: &mut AnyConnection, new: &NewBan, actor: &User) -> Result<Person> {
    lock(connection, LOCK)?;
    audit::name(if new.banned { "user.ban" } else { "user.unban" });
    let now = now().naive_utc();
    let accounts = ban::apply(connection, new, now)?;
    audit::about(*accounts.first().ok_or(Error::NotFound)?);
    let action = if new.banned { AccountAction::Ban } else { AccountAction::Unban };
    for id in &accounts {
        account_change::insert(connection, *id, action, &new.reason, actor.id, now)?;
    }
    if new.banned {
        if accounts.contains(&actor.id) {
            return Err(Error::WrongStatus("Vous ne pouvez pas suspendre votre propre compte.".to_owned()));
        }
        if role::administrators(connection)? == 0 {
            return Err(last_administrator());
        }
        for id in &accounts {
            queue::give_all_back(connection, *id)?;
        }
        session::delete_of(connection, &accounts)?;
        let subs = ban::embedded_subs(connection, &accounts)?;
        provider::close_all(connection, &subs, now)?;
    }
    Ok(role::person(connection, &new.email)?)
}
