//! Giving and taking roles, on a page or on the command line: what makes sense, and what must not happen.

pub mod ban;
pub mod clients;
pub mod departure;
pub mod impersonation;

use shared::policy::Policy;
use shared::user::{NewRoleChange, Person, Role};
use shared::validation::formats::is_email;

use crate::app::State;
use crate::audit::{self, Trail};
use crate::db::types::now;
use crate::db::{AnyConnection, lock};
use crate::error::{Error, Result};
use crate::models::role;
use crate::policies::Catalogue;
use crate::transition::queue;

/// The most characters of a reason.
const MAX_REASON: usize = 1_000;

/// Held while administrators may become fewer, so that two of them do not do away with each other. Any constant would do.
const LOCK: i64 = 0x6461_7461_726f_6c65;

/// A change that the operator of the server makes.
///
/// # Errors
/// It makes no sense, or the database's.
pub async fn change(state: &State, change: NewRoleChange) -> Result<Person> {
    let change = checked(change, &state.policies.current())?;
    let trail = Trail::of_operator("role.change", "role_change");
    let person = trail.follow(state.db.write(move |connection| apply(connection, &change, None))).await?;
    state.audit.flush(&state.db).await?;
    Ok(person)
}

/// A change that makes sense: an address, a role of an API and a group that exist, a reason.
///
/// # Errors
/// 400, naming the member.
pub fn checked(mut change: NewRoleChange, policies: &Catalogue) -> Result<NewRoleChange> {
    change.email = checked_email(&change.email)?;
    change.reason = checked_reason(&change.reason)?;
    let (target_api, group) = match &change.role {
        Role::Administrator => return Ok(change),
        Role::Instructor { target_api } => (target_api, None),
        Role::Reporter { target_api, group } | Role::Subscriber { target_api, group } => (target_api, group.as_ref()),
    };
    let has_group = |policy: &Policy| {
        group.is_none_or(|group| policy.scope_groups.iter().any(|known| known.role_group && known.id == *group))
    };
    // What no longer exists can still be taken.
    if change.granted && !policies.get(target_api).is_some_and(|policy| has_group(policy)) {
        return Err(Error::BadRequest(format!("role\u{a0}: «\u{a0}{}\u{a0}» n’existe pas.", change.role)));
    }
    Ok(change)
}

fn checked_email(email: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    if is_email(&email) {
        Ok(email)
    } else {
        Err(Error::BadRequest("email\u{a0}: indiquez une adresse électronique complète.".to_owned()))
    }
}

fn checked_reason(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.contains('\0') {
        return Err(Error::BadRequest(format!("reason\u{a0}: dites pourquoi, en {MAX_REASON} caractères au plus.")));
    }
    Ok(reason.to_owned())
}

fn last_administrator() -> Error {
    Error::WrongStatus("Il doit rester un administrateur\u{a0}: nommez-en d’abord un autre.".to_owned())
}

/// Gives or takes a role. The last administrator stays one.
///
/// # Errors
/// 409: nobody would be left; the database's.
pub fn apply(connection: &mut AnyConnection, change: &NewRoleChange, actor: Option<i64>) -> Result<Person> {
    lock(connection, LOCK)?;
    audit::name(if change.granted { "role.grant" } else { "role.withdraw" });
    audit::about(role::change(connection, change, actor, now().naive_utc())?);
    if !change.granted {
        queue::give_back(connection, &change.email, &change.role)?;
    }
    if !change.granted && change.role == Role::Administrator && role::administrators(connection)? == 0 {
        return Err(last_administrator());
    }
    Ok(role::person(connection, &change.email)?)
}
