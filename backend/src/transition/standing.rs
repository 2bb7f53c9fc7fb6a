//! Whether an applicant speaks for the organisation of a request: looked at anew when it is submitted, and told to those
//! who instruct it.

use shared::organization::Organization;
use shared::rights;
use shared::user::User;

use crate::clients::oidc::EMBEDDED;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::models::enrollment::EnrollmentRecord;
use crate::models::{account, membership, user as users};

/// The user as their provider knows them now, which is kept whatever becomes of the request.
///
/// The embedded provider's own tables are asked. Another issuer is not: what it said at the sign-in holds for as long as
/// the session, twelve hours at most.
///
/// # Errors
/// The database's.
pub fn refreshed(connection: &mut AnyConnection, user: User) -> Result<User> {
    let Some(sub) = users::sub_at(connection, user.id, EMBEDDED)? else { return Ok(user) };
    let (email_verified, memberships) = match account::find_by_sub(connection, &sub)? {
        Some(account) => (account.email_verified, membership::of(connection, account.id)?),
        // Whose account is gone speaks for nobody.
        None => (user.email_verified, Vec::new()),
    };
    let organizations: Vec<Organization> = memberships.into_iter().filter_map(Option::from).collect();
    if email_verified != user.email_verified {
        users::set_email_verified(connection, user.id, email_verified)?;
    }
    if organizations != user.organizations {
        users::set_organizations(connection, user.id, &organizations)?;
    }
    Ok(User { email_verified, organizations, ..user })
}

/// Nobody submits a request with an address that may not be theirs. That they still speak for the organisation is one of
/// the [`rights`].
///
/// # Errors
/// 403.
pub fn check(user: &User) -> Result<()> {
    if user.email_verified {
        return Ok(());
    }
    let message =
        "Votre adresse électronique n’est pas vérifiée. Vérifiez-la depuis votre compte, puis reconnectez-vous.";
    Err(Error::Forbidden(message.to_owned()))
}

/// How the applicant of a request speaks for its organisation, for those who may know.
///
/// # Errors
/// The database's.
pub fn of_applicant(
    connection: &mut AnyConnection,
    user: &User,
    record: &EnrollmentRecord,
) -> Result<Option<Organization>> {
    let Some(siret) = record.content.0.siret.as_ref() else { return Ok(None) };
    if !rights::sees_assignment(user, &record.target_api) {
        return Ok(None);
    }
    let organizations = users::organizations(connection, record.demandeur_id)?;
    Ok(organizations.into_iter().find(|organization| organization.siret == *siret))
}
