//! Changing the password of an account.

pub mod pages;

use super::sessions;
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::identity::context::Context;
use crate::models::account::{self, Account};
use crate::notification::account::AccountMail;

/// Changes the password, ends every session, and notifies the owner.
pub fn change(connection: &mut AnyConnection, context: &Context, account: &Account, hash: &str) -> Result<()> {
    account::set_password(connection, account.id, hash, context.now)?;
    sessions::end_all(connection, context, account)?;
    context.send(connection, AccountMail::PasswordChanged, &account.email)
}
