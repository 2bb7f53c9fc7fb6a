//! Who is told of what happens to the requests of an API without taking part in them.

use std::collections::BTreeSet;

use shared::policy::Policy;
use shared::rights;
use shared::user::Role;

use super::Loaded;
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::models::role::{self, Holder};
use crate::notification::subscriber::Subscriber;

/// The subscribers of a request with these scopes that counts as that démarche, also those who have not come yet.
///
/// # Errors
/// The database's.
pub(super) fn of(
    connection: &mut AnyConnection,
    loaded: &Loaded,
    scopes: &BTreeSet<String>,
    demarche: &str,
) -> Result<Vec<Subscriber>> {
    let policy = &loaded.in_force;
    let holders = role::of_api(connection, &policy.target_api)?.into_iter();
    Ok(holders.filter_map(|holder| subscriber(policy, holder, scopes, demarche)).collect())
}

/// Whoever of them has subscribed, with what they may know.
fn subscriber(policy: &Policy, holder: Holder, scopes: &BTreeSet<String>, demarche: &str) -> Option<Subscriber> {
    let is_subscribed =
        |role: &&Role| matches!(role, Role::Subscriber { .. }) && rights::concerns(policy, role, scopes, demarche);
    let roles: Vec<&Role> = holder.roles.iter().filter(is_subscribed).collect();
    if roles.is_empty() {
        return None;
    }
    let group_of = |id: &str| policy.scope(id).and_then(|scope| scope.group.as_deref());
    let is_theirs = |id: &str| roles.iter().any(|role| role.group().is_none_or(|group| group_of(id) == Some(group)));
    Some(Subscriber {
        may_open: holder.roles.iter().any(|role| rights::shows(policy, role, scopes, demarche)),
        has_account: holder.has_account,
        takes_part: false,
        scopes: scopes.iter().filter(|id| is_theirs(id)).cloned().collect(),
        email: holder.email,
    })
}
