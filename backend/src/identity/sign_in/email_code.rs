//! Codes that verify an e-mail address: eight digits are sent there, valid for ten minutes, five attempts and the browser
//! that asked for them (OWASP ASVS 5.0, 6.5 and 6.6).
//!
//! Nobody learns who has an account: an address that has one gets a mail that says so instead of the code, and all the
//! rest is the same.

pub mod pages;

use chrono::Duration;

use super::sign_up;
use crate::connection::AnyConnection;
use crate::email_address::EmailAddress;
use crate::error::Result;
use crate::identity::account::email;
use crate::identity::context::Context;
use crate::ids::AccountId;
use crate::models::account;
use crate::models::challenge::{self, Challenge};
use crate::notification::account::AccountMail;
use crate::secret;

/// Where the code is typed.
pub const PATH: &str = "/users/verify-email";

/// How long a code is valid.
const LIFETIME: Duration = Duration::minutes(10);

/// What a verified address is for. Not `Debug`: it holds a hash of a password.
pub enum Purpose {
    /// A new account.
    SignUp {
        /// PHC string.
        password_hash: String,
        given_name: String,
        family_name: String,
    },
    /// The new address of an account.
    ChangeEmail { account_id: AccountId },
}

/// An address to verify.
pub struct NewCode {
    pub email: EmailAddress,
    /// What it is for.
    pub purpose: Purpose,
    /// The destination afterwards.
    pub next: String,
}

/// What an attempt with a code came to.
pub enum Verification {
    /// The code is right: the account exists, or has its new address.
    Verified {
        account_id: AccountId,
        /// It was just created.
        is_new: bool,
        next: String,
    },
    /// The code is wrong.
    WrongCode,
    /// There is no code to compare with, or it has expired, or there were too many attempts.
    Expired,
}

/// Sends a code for the browser whose cookie is `id`.
fn send(connection: &mut AnyConnection, context: &Context, id: &str, new: NewCode) -> Result<()> {
    let (account_id, password_hash, given_name, family_name) = match new.purpose {
        Purpose::SignUp { password_hash, given_name, family_name } => (None, password_hash, given_name, family_name),
        Purpose::ChangeEmail { account_id } => (Some(account_id), String::new(), String::new(), String::new()),
    };
    let row = Challenge {
        id_hash: secret::hash(id),
        code_hash: mail_code(connection, context, id, &new.email)?,
        email: new.email,
        account_id,
        password_hash,
        given_name,
        family_name,
        next: new.next,
        tries: 0,
        expires_at: context.now + LIFETIME,
    };
    Ok(challenge::insert(connection, &row, context.now)?)
}

/// Replaces the code of that browser by another.
fn resend(connection: &mut AnyConnection, context: &Context, id: &str, email: &EmailAddress) -> Result<()> {
    let code_hash = mail_code(connection, context, id, email)?;
    Ok(challenge::renew(connection, &secret::hash(id), &code_hash, context.now + LIFETIME)?)
}

/// Checks a code typed in that browser, and does what the verified address is for.
fn verify(connection: &mut AnyConnection, context: &Context, id: &str, code: &str) -> Result<Verification> {
    let id_hash = secret::hash(id);
    let Some(challenge) = challenge::attempt(connection, &id_hash, context.now)? else {
        return Ok(Verification::Expired);
    };
    // Nobody was sent the code of an address that has an account.
    let is_taken = account::credentials(connection, &challenge.email)?.is_some();
    if !secret::same(&challenge.code_hash, &code_hash(id, code)) || is_taken {
        return Ok(Verification::WrongCode);
    }
    challenge::delete(connection, &id_hash)?;
    let (next, is_new) = (challenge.next.clone(), challenge.account_id.is_none());
    let account_id = match challenge.account_id {
        Some(account_id) => {
            email::change(connection, context, account_id, &challenge.email)?;
            account_id
        }
        None => sign_up::create_account(connection, context, challenge)?,
    };
    Ok(Verification::Verified { account_id, is_new, next })
}

/// Sends a new code to that address, and returns what to store of it.
fn mail_code(connection: &mut AnyConnection, context: &Context, id: &str, email: &EmailAddress) -> Result<String> {
    let code = secret::digits()?;
    let is_taken = account::credentials(connection, email)?.is_some();
    let mail = if is_taken { AccountMail::AddressTaken } else { AccountMail::VerificationCode(&code) };
    context.send(connection, mail, email)?;
    Ok(code_hash(id, &code))
}

/// Eight digits alone would be found again from their hash; the cookie, which is not stored, has 256 random bits.
fn code_hash(id: &str, code: &str) -> String {
    secret::hash(&format!("{id} {code}"))
}
