//! Changing the password of an account.

pub mod pages;

use super::sessions::{self, Here};
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::identity::context::Context;
use crate::models::account::{self, Account};
use crate::notification::account::AccountMail;

/// Changes the password, ends every session, but for the browser where its owner does it, and notifies them; whether they showed a
/// second factor there stays as it is.
pub fn change(
    connection: &mut AnyConnection,
    context: &Context,
    account: &Account,
    hash: &str,
    here: Option<(&Here, bool)>,
) -> Result<()> {
    account::set_password(connection, account.id, hash, context.now)?;
    match here {
        Some((here, second_factor)) => sessions::end_elsewhere(connection, context, account, here, second_factor)?,
        None => sessions::end_all(connection, context, account)?,
    }
    context.send(connection, AccountMail::PasswordChanged, &account.email)
}
