//! A role for every API of a provider at once: given or taken in one transaction, told by one mail and one entry of the audit
//! log.
//!
//! It is not a role of its own, which would hold for later APIs too: who instructs an API is told its requests, and whoever
//! gives that right has an API before their eyes. So a new API of a provider begins with no instructor but those who are named.

use shared::problem::ItemCode;
use shared::rights::roles::{ManagedRoles, label_of_all, may_change};
use shared::user::{NewProviderRoleChange, NewRoleChange, Person, Role, User};

use super::{LOCK, apply, checked_email, checked_reason, tell};
use crate::connection::types::now;
use crate::connection::{AnyConnection, lock};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::role;
use crate::policies::Catalogue;
use crate::trail;
use crate::transition::Context;

/// A change that makes sense, by somebody who may make it: an address, a provider, a reason.
///
/// # Errors
/// 400, naming the member; 403: they do not manage every API of that provider, or it is themselves.
pub fn checked(
    mut change: NewProviderRoleChange,
    user: &User,
    managed: &ManagedRoles,
    policies: &Catalogue,
) -> Result<NewProviderRoleChange> {
    change.email = checked_email("/email", &change.email)?;
    change.reason = checked_reason(&change.reason)?;
    let roles: Vec<Role> = roles(&change, policies).collect();
    if roles.is_empty() {
        let detail = format!("Aucune API n’a le fournisseur «\u{a0}{}\u{a0}».", change.provider);
        return Err(Error::pointer("/provider", ItemCode::Unknown, detail));
    }
    for role in &roles {
        may_change(user, managed, role, &change.email)?;
    }
    Ok(change)
}

/// The role for each API of the provider.
fn roles<'a>(change: &'a NewProviderRoleChange, policies: &'a Catalogue) -> impl Iterator<Item = Role> {
    let provided = policies.values().filter(move |policy| policy.provider.id == change.provider);
    provided.map(move |policy| change.role.of_api(&policy.target_api))
}

/// Gives the role for each API for which they do not have it, or takes each that they have, and tells them once.
///
/// # Errors
/// The database's.
pub fn decide(
    connection: &mut AnyConnection,
    context: &Context,
    change: &NewProviderRoleChange,
    actor: UserId,
) -> Result<Person> {
    lock(connection, LOCK)?;
    let policies = context.policies.current();
    let held = role::person(connection, &change.email)?.roles;
    let of_provider: Vec<Role> = roles(change, &policies).collect();
    let changed: Vec<Role> = if change.granted {
        of_provider.into_iter().filter(|role| !held.contains(role)).collect()
    } else {
        let is_there = |role: &&Role| {
            role.kind() == Some(change.role) && of_provider.iter().any(|one| one.target_api() == role.target_api())
        };
        held.iter().filter(is_there).cloned().collect()
    };
    if changed.is_empty() {
        trail::nothing_changed();
    }
    let at = now().naive_utc();
    for role in &changed {
        let one = NewRoleChange {
            email: change.email.clone(),
            role: role.clone(),
            granted: change.granted,
            reason: change.reason.clone(),
        };
        apply(connection, &one, Some(actor), at)?;
    }
    let person = role::person(connection, &change.email)?;
    if !changed.is_empty() {
        let mut providers = policies.values().map(|policy| &policy.provider);
        let provider = providers.find(|provider| provider.id == change.provider);
        let label = label_of_all(change.role.label(), provider.map_or(&change.provider, |provider| &provider.label));
        tell(connection, context, &person, change.granted, &label, Some(actor))?;
    }
    Ok(person)
}
