//! Deletes an account: what DataPass takes back, and what stays for the history.

use shared::user::NewRoleChange;

use super::{apply, role_requests};
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::Result;
use crate::ids::UserId;
use crate::models::{api_client, mail_preference, session, user};
use crate::trail;
use crate::transition::queue;

/// Why the roles go, for those who read their history.
const REASON: &str = "La personne a supprimé son compte.";

/// Takes roles, requests in hand, sessions and tools from that user, as whom nobody signs in any more.
///
/// What they wrote and decided stays, with their name. The last administrator must name another first: only the operator
/// of the server could, then.
///
/// # Errors
/// Nobody would be left to administer (409); the database's.
pub fn apply_to(connection: &mut AnyConnection, user_id: UserId) -> Result<()> {
    let user = user::find(connection, user_id)?;
    if user.email_verified {
        for role in user.roles {
            let change = NewRoleChange { email: user.email.clone(), role, granted: false, reason: REASON.to_owned() };
            apply(connection, &change, Some(user_id), now().naive_utc())?;
        }
        mail_preference::forget(connection, &user.email)?;
    }
    role_requests::withdraw_all(connection, user_id)?;
    trail::name("user.delete");
    trail::about(user_id);
    queue::unassign_all(connection, user_id)?;
    let now = now().naive_utc();
    session::delete_of(connection, &[user_id])?;
    api_client::revoke_all(connection, user_id, now)?;
    Ok(user::unlink(connection, user_id, now)?)
}
