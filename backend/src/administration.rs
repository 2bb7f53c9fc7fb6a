//! Giving and taking roles, on a page or on the command line: what makes sense, and what must not happen. What else
//! administrators do has a file each.

pub mod awaited;
pub mod ban;
pub mod clients;
pub mod decision_templates;
pub mod departure;
pub mod impersonation;
pub mod journal;
pub mod policies;
pub mod provider_roles;
pub mod role_requests;
pub mod webhooks;

use chrono::NaiveDateTime;
use shared::policy::Policy;
use shared::problem::ItemCode;
use shared::rights::roles::{self, ManagedRoles};
use shared::role_request::MAX_REASON;
use shared::user::{Managed, NewRoleChange, Person, Role, User};

use crate::connection::types::now;
use crate::connection::{AnyConnection, lock};
use crate::db::Db;
use crate::email_address::EmailAddress;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::{role, user as users};
use crate::notification::role_request::{Words, changed};
use crate::outbox;
use crate::policies::Catalogue;
use crate::trail::{self, Trail};
use crate::transition::{Context, queue};

/// Held while administrators may become fewer, so that two of them do not do away with each other. Any constant would do.
const LOCK: i64 = 0x6461_7461_726f_6c65;

/// A change that the operator of the server makes.
///
/// # Errors
/// It makes no sense, or the database's.
pub async fn change(db: &Db, context: Context, change: NewRoleChange) -> Result<Person> {
    let change = checked(change, &context.policies.current())?;
    let trail = Trail::of_operator("role.change", "role_change");
    trail.follow(db.write(move |connection| decide(connection, &context, &change, None))).await
}

/// The roles that `user` manages.
pub fn managed_roles(user: &User, policies: &Catalogue) -> ManagedRoles {
    ManagedRoles::of(user, policies.values().map(|policy| (&*policy.target_api, &*policy.provider.id)))
}

/// A change that makes sense: an address, a role of an API and a group that exist, a reason.
///
/// # Errors
/// 400, naming the member.
pub fn checked(mut change: NewRoleChange, policies: &Catalogue) -> Result<NewRoleChange> {
    change.email = checked_email("/email", &change.email)?;
    change.reason = checked_reason(&change.reason)?;
    // What no longer exists can still be taken.
    if change.granted && !exists(&change.role, policies) {
        return Err(unknown_role(&change.role));
    }
    Ok(change)
}

fn unknown_role(role: &Role) -> Error {
    Error::pointer("/role", ItemCode::Unknown, format!("Le rôle «\u{a0}{role}\u{a0}» n’existe pas."))
}

/// Whether there are such an API, group and démarches, or such a provider.
fn exists(role: &Role, policies: &Catalogue) -> bool {
    if let Role::Manager(Managed::Provider(id)) = role {
        return policies.values().any(|policy| policy.provider.id == *id);
    }
    let has = |policy: &Policy| {
        let has_group = |group: &str| policy.scope_groups.iter().any(|known| known.role_group && known.id == group);
        role.group().is_none_or(has_group)
            && role.demarches().ids().all(|id| id.is_empty() || policy.demarche(id).is_some())
    };
    role.target_api().is_none_or(|api| policies.get(api).is_some_and(|policy| has(policy)))
}

fn checked_email(pointer: &str, email: &str) -> Result<String> {
    let email = EmailAddress::parse(email).map(|email| email.to_string());
    email.ok_or_else(|| Error::pointer(pointer, ItemCode::Format, "Indiquez une adresse électronique complète."))
}

/// Why something is done, as it is kept.
///
/// # Errors
/// 400: there is none, or it is too long.
pub fn checked_reason(reason: &str) -> Result<String> {
    let reason = reason.trim();
    let code = match reason.chars().count() {
        0 => ItemCode::Required,
        count if count > MAX_REASON => ItemCode::TooLong,
        _ => return Ok(reason.to_owned()),
    };
    Err(Error::pointer("/reason", code, format!("Dites pourquoi, en {MAX_REASON} caractères au plus.")))
}

fn last_administrator() -> Error {
    Error::WrongStatus("Il doit rester un administrateur\u{a0}: nommez-en d’abord un autre.".to_owned())
}

/// Gives or takes a role that was not asked for, and tells whoever gets or loses it, unless they are kept out. The last
/// administrator stays one.
///
/// # Errors
/// 409: nobody would be left; the database's.
pub fn decide(
    connection: &mut AnyConnection,
    context: &Context,
    change: &NewRoleChange,
    actor: Option<UserId>,
) -> Result<Person> {
    lock(connection, LOCK)?;
    let had_it = role::person(connection, &change.email)?.roles.contains(&change.role);
    if !apply(connection, change, actor, now().naive_utc())? {
        trail::nothing_changed();
    }
    let person = role::person(connection, &change.email)?;
    if had_it != change.granted {
        tell(connection, context, &person, change.granted, &label(&change.role, &context.policies.current()), actor)?;
    }
    Ok(person)
}

/// Tells somebody that they have got or lost a role, unless they are kept out.
fn tell(
    connection: &mut AnyConnection,
    context: &Context,
    person: &Person,
    granted: bool,
    role: &str,
    actor: Option<UserId>,
) -> Result<()> {
    if person.ban.is_some() {
        return Ok(());
    }
    let author = match actor {
        Some(id) => users::names(connection, vec![id])?.remove(&id).unwrap_or_default(),
        None => "L’équipe DataPass".to_owned(),
    };
    outbox::post(connection, changed(person, granted, &author, words(role, context))?)
}

/// A role as a person reads it.
fn label(role: &Role, policies: &Catalogue) -> String {
    let policy = role.target_api().and_then(|api| policies.get(api));
    let place = match role {
        Role::Manager(Managed::Provider(id)) => {
            let provider = policies.values().map(|policy| &policy.provider).find(|provider| provider.id == *id);
            provider.map_or(id.as_str(), |provider| &provider.label)
        }
        role => policy.map_or_else(|| role.target_api().unwrap_or_default(), |policy| &policy.label),
    };
    roles::label(role, place, policy.map(AsRef::as_ref))
}

fn words<'a>(role: &'a str, context: &'a Context) -> Words<'a> {
    Words { role, public_url: &context.public_url, mail_from: &context.mail_from }
}

/// Gives or takes a role; `false` where it is held already and nobody waits for it. The last administrator stays one.
/// Changes that are decided at once have one time.
///
/// # Errors
/// 409: nobody would be left; the database's.
fn apply(
    connection: &mut AnyConnection,
    change: &NewRoleChange,
    actor: Option<UserId>,
    at: NaiveDateTime,
) -> Result<bool> {
    lock(connection, LOCK)?;
    let written = role::change(connection, change, actor, at)?;
    if let Some(written) = written {
        trail::name(if change.granted { "role.grant" } else { "role.withdraw" });
        trail::about(written);
    }
    let mut is_changed = written.is_some();
    if change.granted {
        is_changed |= role_requests::end_covered(connection, change, actor)?;
    } else {
        queue::unassign_for_role(connection, &change.email, &change.role)?;
    }
    if !change.granted && change.role == Role::Administrator && role::administrators(connection)? == 0 {
        return Err(last_administrator());
    }
    Ok(is_changed)
}
