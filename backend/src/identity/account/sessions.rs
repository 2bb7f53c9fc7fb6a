//! Ending the sessions of an account.

pub mod pages;

use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::identity::context::Context;
use crate::models::account::{self, Account};
use crate::models::{api_client, provider_session, session, user};
use crate::secret;

/// Ends one session at the provider, if it is the account's.
fn end(connection: &mut AnyConnection, context: &Context, account: &Account, public: &str) -> Result<()> {
    let open = provider_session::of(connection, account.id, context.now)?;
    if let Some(session) = open.iter().find(|session| public_id(&session.id_hash) == public) {
        provider_session::delete(connection, &session.id_hash)?;
    }
    Ok(())
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

/// What a session is called on the page: the hash of its cookie stays here.
pub fn public_id(id_hash: &str) -> String {
    secret::hash(id_hash)
}
