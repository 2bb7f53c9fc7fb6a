//! What somebody may do for an API, whatever its requests: look after its webhooks, write its templates.

use super::{Denial, require};
use crate::user::{Role, User};

/// Whether `user` may look after the webhooks of that API.
///
/// # Errors
/// Why not.
pub fn require_developer(user: &User, target_api: &str) -> Result<(), Denial> {
    let is_role = |role: &Role| matches!(role, Role::Developer { target_api: api } if api == target_api);
    require(user.is_administrator() || user.roles.iter().any(is_role), Denial::NotDeveloper)
}

/// Whether `user` may write the templates of the messages that go with the decisions of that API.
///
/// # Errors
/// Why not.
pub fn require_template_writer(user: &User, target_api: &str) -> Result<(), Denial> {
    require(user.is_administrator() || user.is_instructor(target_api), Denial::NotInstructor)
}
