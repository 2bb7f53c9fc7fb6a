//! Recovery codes: they stand in for the application of the second factor when it is lost.

pub mod pages;

use super::totp;
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::identity::context::Context;
use crate::models::account::Account;
use crate::models::recovery_code;
use crate::notification::account::AccountMail;
use crate::secret;

/// Replaces the codes, and notifies the owner.
fn renew(connection: &mut AnyConnection, context: &Context, account: &Account, codes: &[String]) -> Result<()> {
    recovery_code::replace(connection, account.id, &hashes(codes))?;
    context.send(connection, AccountMail::RecoveryCodesChanged, &account.email)
}

/// Consumes a code and notifies the owner of how many are left; `false` where the account has no such code.
pub fn consume(connection: &mut AnyConnection, context: &Context, account: &Account, code: &str) -> Result<bool> {
    if !recovery_code::consume(connection, account.id, &secret::hash(code))? {
        return Ok(false);
    }
    let left = recovery_code::count(connection, account.id)?;
    context.send(connection, AccountMail::RecoveryCodeUsed(left), &account.email)?;
    Ok(true)
}

/// What is stored of the codes.
pub fn hashes(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| secret::hash(&totp::normalized(code))).collect()
}
