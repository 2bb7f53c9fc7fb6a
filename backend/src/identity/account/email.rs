//! Changing the e-mail address of an account, once the new one is verified.

pub mod pages;

use crate::connection::AnyConnection;
use crate::email_address::EmailAddress;
use crate::error::Result;
use crate::identity::context::Context;
use crate::ids::AccountId;
use crate::models::account;
use crate::notification::account::AccountMail;

/// Changes the address, and notifies the owner at the old one.
pub fn change(
    connection: &mut AnyConnection,
    context: &Context,
    account_id: AccountId,
    email: &EmailAddress,
) -> Result<()> {
    let old = account::find(connection, account_id)?.email;
    account::set_email(connection, account_id, email, context.now)?;
    context.send(connection, AccountMail::EmailChanged, &old)
}
