//! Ending the sessions of an account: those of DataPass, and those at the provider, with which one would be back at once.

use actix_web::HttpRequest;
use chrono::NaiveDateTime;

use crate::auth;
use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::identity::context::Context;
use crate::identity::session::id_hash;
use crate::ids::UserId;
use crate::models::account::{self, Account};
use crate::models::{api_client, provider_session, session, user};
use crate::secret;
use crate::state::AppState;

/// The sessions of the browser at hand.
#[derive(Clone, Debug)]
pub struct Here {
    /// Hash of the cookie of the one at DataPass.
    own: Option<String>,
    /// Hash of the cookie of the one at the provider.
    provider: Option<String>,
}

impl Here {
    /// Those that a request shows.
    pub fn of(request: &HttpRequest, state: &AppState) -> Self {
        let own = auth::session::id_of(request, state).map(|id| secret::hash(&id));
        Self { own, provider: id_hash(request, state) }
    }

    /// Hash of the cookie of the one at DataPass.
    pub fn own(&self) -> Option<&str> {
        self.own.as_deref()
    }
}

/// Ends every session and token of an account, at the provider and at DataPass, and disconnects its tools.
pub fn end_all(connection: &mut AnyConnection, context: &Context, account: &Account) -> Result<()> {
    account::end_access(connection, std::slice::from_ref(&account.sub), context.now)?;
    if let Some(user_id) = user::find_by_sub(connection, EMBEDDED_ISSUER, &account.sub)? {
        session::delete_of(connection, &[user_id])?;
        api_client::revoke_all(connection, user_id, context.now)?;
    }
    Ok(())
}

/// The same, but for the browser at hand, whose owner has just shown who they are, and whether with a second factor. Its session
/// at the provider ends too: the caller opens another.
pub fn end_elsewhere(
    connection: &mut AnyConnection,
    context: &Context,
    account: &Account,
    here: &Here,
    second_factor: bool,
) -> Result<()> {
    account::end_access(connection, std::slice::from_ref(&account.sub), context.now)?;
    if let Some(user_id) = user::find_by_sub(connection, EMBEDDED_ISSUER, &account.sub)? {
        session::keep_only(connection, user_id, here.own(), second_factor)?;
        api_client::revoke_all(connection, user_id, context.now)?;
    }
    Ok(())
}

/// Ends one session of a user, with the one at the provider that it was opened from.
///
/// # Errors
/// They have no such session (404); the database's.
pub fn end_one(connection: &mut AnyConnection, user_id: UserId, public_id: &str, here: &Here) -> Result<()> {
    let at = session::authenticated_at(connection, user_id, public_id)?.ok_or(Error::NotFound)?;
    session::end(connection, user_id, public_id)?;
    let Some(account) = account_of(connection, user_id)? else { return Ok(()) };
    for (hash, given_at) in provider_session::of(connection, account.id)? {
        // The provider told the second.
        if given_at.and_utc().timestamp() == at.and_utc().timestamp() && here.provider.as_ref() != Some(&hash) {
            provider_session::delete(connection, &hash)?;
        }
    }
    Ok(())
}

/// Ends every session and token of a user but those of the browser at hand, and disconnects their tools.
///
/// # Errors
/// The database's.
pub fn end_others(
    connection: &mut AnyConnection,
    user_id: UserId,
    public_id: &str,
    here: &Here,
    now: NaiveDateTime,
) -> Result<()> {
    session::end_others(connection, user_id, public_id)?;
    api_client::revoke_all(connection, user_id, now)?;
    if let Some(sub) = user::sub_at(connection, user_id, EMBEDDED_ISSUER)? {
        account::end_other_access(connection, &[sub], here.provider.as_deref().unwrap_or_default(), now)?;
    }
    Ok(())
}

/// The account that a user signs in with, where that is the embedded provider's.
pub fn account_of(connection: &mut AnyConnection, user_id: UserId) -> Result<Option<Account>> {
    let Some(sub) = user::sub_at(connection, user_id, EMBEDDED_ISSUER)? else { return Ok(None) };
    Ok(account::find_by_sub(connection, &sub)?)
}
