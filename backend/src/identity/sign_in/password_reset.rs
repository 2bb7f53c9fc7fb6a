//! Resetting a forgotten password by a link sent to the address of the account.
//!
//! An address without an account gets a mail that says so: the page is the same, and takes as long.

pub mod pages;

use chrono::{Duration, NaiveDateTime};

use crate::connection::AnyConnection;
use crate::email_address::EmailAddress;
use crate::error::Result;
use crate::identity::account::password;
use crate::identity::context::Context;
use crate::models::account::{self, Account};
use crate::models::password_reset;
use crate::notification::account::AccountMail;
use crate::secret;

/// How long a link is valid.
const LIFETIME: Duration = Duration::hours(1);

/// Sends a link with that secret to that address.
fn send_link(connection: &mut AnyConnection, context: &Context, link: &str, email: &EmailAddress) -> Result<()> {
    let account_id = account::credentials(connection, email)?.map(|known| known.account_id);
    let expires_at = context.now + LIFETIME;
    password_reset::insert(connection, &secret::hash(link), account_id, expires_at, context.now)?;
    let mail = if account_id.is_some() { AccountMail::PasswordReset(link) } else { AccountMail::UnknownAddress };
    context.send(connection, mail, email)
}

/// The account whose password the link with that secret changes, if it is valid.
fn account(connection: &mut AnyConnection, link: &str, now: NaiveDateTime) -> Result<Option<Account>> {
    let account_id = password_reset::find(connection, &secret::hash(link), now)?;
    Ok(account_id.map(|id| account::find(connection, id)).transpose()?)
}

/// Consumes the link and changes the password. `false` where the link was used in the meantime.
fn reset(
    connection: &mut AnyConnection,
    context: &Context,
    account: &Account,
    link: &str,
    password_hash: &str,
) -> Result<bool> {
    if !password_reset::consume(connection, &secret::hash(link), account.id)? {
        return Ok(false);
    }
    password::change(connection, context, account, password_hash, None)?;
    Ok(true)
}
