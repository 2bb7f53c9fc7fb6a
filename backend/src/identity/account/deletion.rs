//! Deleting one's own account.
//!
//! What was asked for and granted belongs to the organisations and stays; so does the name of who did it. All that lets
//! its owner sign in, or speak for anybody, goes.

pub mod pages;

use crate::administration::departure;
use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::identity::context::Context;
use crate::models::account::{self, Account};
use crate::models::user;
use crate::notification::account::AccountMail;
use crate::trail;

/// Deletes the account, and notifies its owner.
///
/// # Errors
/// Nobody would be left to administer (409); the database's.
fn delete(connection: &mut AnyConnection, context: &Context, account: &Account) -> Result<()> {
    if let Some(user_id) = user::find_by_sub(connection, EMBEDDED_ISSUER, &account.sub)? {
        trail::by(user_id, None);
        departure::apply_to(connection, user_id)?;
    }
    account::delete(connection, account.id)?;
    context.send(connection, AccountMail::AccountDeleted, &account.email)
}
