//! Whether the applicant of a request still speaks for its organisation: checked anew when it is submitted, and shown to
//! those who instruct it.

use shared::user::User;

use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::{account, membership, user as users};

/// The user as their provider knows them now, which is kept whatever becomes of the request.
///
/// The embedded provider's own tables are asked. Another issuer is not: what it said at the sign-in holds for as long as
/// the session, twelve hours at most.
///
/// # Errors
/// The database's.
pub(super) fn refreshed(connection: &mut AnyConnection, user: User) -> Result<User> {
    let user_id = UserId::of(&user);
    let Some(sub) = users::sub_at(connection, user_id, EMBEDDED_ISSUER)? else { return Ok(user) };
    let (email_verified, organizations) = match account::find_by_sub(connection, &sub)? {
        Some(account) => (account.email_verified, membership::organizations(connection, account.id)?),
        // Whose account is gone speaks for nobody.
        None => (user.email_verified, Vec::new()),
    };
    if email_verified != user.email_verified {
        users::set_email_verified(connection, user_id, email_verified)?;
    }
    if organizations != user.organizations {
        users::set_organizations(connection, user_id, &organizations)?;
    }
    Ok(User { email_verified, organizations, ..user })
}

/// Nobody submits a request with an address that may not be theirs. That they still speak for the organisation is one of
/// the [`rights`].
///
/// # Errors
/// 403.
pub(super) fn require_verified_email(user: &User) -> Result<()> {
    if user.email_verified {
        return Ok(());
    }
    let message =
        "Votre adresse électronique n’est pas vérifiée. Vérifiez-la depuis votre compte, puis reconnectez-vous.";
    Err(Error::Forbidden(message.to_owned()))
}
