//! Bans an account: its sessions and tokens end at once, and it gets no more mails.

use shared::user::{AccountAction, NewBan, Person, User};

use super::{LOCK, checked_email, checked_reason, last_administrator};
use crate::connection::types::{Name, now};
use crate::connection::{AnyConnection, lock};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::account_change::{self, NewAccountChange};
use crate::models::{account, api_client, ban, role};
use crate::trail;
use crate::transition::queue;

/// A ban, or its end, that makes sense: an address and a reason.
///
/// # Errors
/// 400, naming the member.
pub fn checked(new: NewBan) -> Result<NewBan> {
    Ok(NewBan { email: checked_email("/email", &new.email)?, reason: checked_reason(&new.reason)?, ..new })
}

/// Bans an account or lifts its ban. Nobody bans themselves, and an administrator remains. What is assigned to the account
/// and what it was granted elsewhere ends here.
///
/// # Errors
/// Nobody has signed in with that address (404); oneself, or nobody would be left (409); the database's.
pub fn apply(connection: &mut AnyConnection, new: &NewBan, actor: &User) -> Result<Person> {
    lock(connection, LOCK)?;
    trail::name(if new.banned { "user.ban" } else { "user.unban" });
    let now = now().naive_utc();
    let accounts = ban::apply(connection, new, now)?;
    trail::about(*accounts.first().ok_or(Error::NotFound)?);
    let action = if new.banned { AccountAction::Ban } else { AccountAction::Unban };
    let actor_id = UserId::of(actor);
    for id in &accounts {
        let change = NewAccountChange {
            user_id: *id,
            administrator_id: actor_id,
            action: Name(action),
            reason: &new.reason,
            created_at: now,
        };
        account_change::insert(connection, &change)?;
    }
    if new.banned {
        if accounts.contains(&actor_id) {
            return Err(Error::WrongStatus("Vous ne pouvez pas suspendre votre propre compte.".to_owned()));
        }
        if role::administrators(connection)? == 0 {
            return Err(last_administrator());
        }
        for id in &accounts {
            queue::unassign_all(connection, *id)?;
        }
        ban::end_sessions(connection, &accounts, now)?;
        for id in &accounts {
            api_client::revoke_all(connection, *id, now)?;
        }
        let subs = ban::embedded_subs(connection, &accounts)?;
        account::end_access(connection, &subs, now)?;
    }
    Ok(role::person(connection, &new.email)?)
}
