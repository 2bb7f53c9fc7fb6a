//! What waits for administrators: how much of each kind.

use shared::administration::AwaitedWork;
use shared::rights::RoleScope;
use shared::user::User;

use crate::connection::AnyConnection;
use crate::error::Result;
use crate::models::enrollment::queue as requests;
use crate::models::outbox::queue as deliveries;
use crate::models::{join_request, provisioning, role_request, webhook};

/// How much waits for that administrator, but for the policy files. `decides_memberships`: the embedded provider knows who
/// speaks for whom.
///
/// # Errors
/// The database's.
pub fn work(connection: &mut AnyConnection, user: &User, decides_memberships: bool) -> Result<AwaitedWork> {
    let memberships = if decides_memberships { Some(join_request::count_pending(connection)?) } else { None };
    let own = RoleScope::instructed(user);
    let to_instruct = if own.is_empty() { None } else { Some(requests::count_waiting(connection, &own)?) };
    let (failing, given_up) = deliveries::count_failing(connection)?;
    Ok(AwaitedWork {
        memberships,
        role_requests: role_request::count_waiting(connection)?,
        failing,
        given_up,
        accesses: provisioning::count_issues(connection)?,
        webhooks: webhook::count_disabled(connection)?,
        policy_errors: Vec::new(),
        to_instruct,
    })
}
