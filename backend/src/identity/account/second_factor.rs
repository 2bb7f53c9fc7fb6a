//! The second factor of an account: an application whose codes are asked for after the password.

pub mod pages;

use shared::access::SecondFactor;

use super::recovery_codes;
use super::sessions::{self, Here};
use super::totp::Key;
use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::email_address::EmailAddress;
use crate::error::{Error, Result};
use crate::identity::context::Context;
use crate::ids::{AccountId, UserId};
use crate::models::account::{self, Account};
use crate::models::provider_session::ProviderSession;
use crate::models::second_factor::{self, NewFactor};
use crate::models::{recovery_code, role};
use crate::notification::account::AccountMail;
use crate::state::AppState;

/// Whether the account has a second factor.
pub async fn is_on(state: &AppState, account_id: AccountId) -> Result<bool> {
    state.db.read(move |connection| Ok(second_factor::secret(connection, account_id)?.is_some())).await
}

/// Where the second factor of a user stands; `None` where another provider than the embedded one knows it.
///
/// # Errors
/// The database's.
pub async fn status_of(state: &AppState, user_id: UserId) -> Result<Option<SecondFactor>> {
    match state.db.read(move |connection| sessions::account_of(connection, user_id)).await? {
        Some(account) => Ok(Some(status(state, &account).await?)),
        None => Ok(None),
    }
}

/// Where the second factor of an account stands.
async fn status(state: &AppState, account: &Account) -> Result<SecondFactor> {
    let id = account.id;
    let read = move |connection: &mut _| {
        Ok((second_factor::secret(connection, id)?.is_some(), recovery_code::count(connection, id)?))
    };
    let (is_on, recovery_codes) = state.db.read(read).await?;
    Ok(SecondFactor { is_on, recovery_codes, is_required: is_required(state, account).await? })
}

/// Whether the owner of that session must set up a second factor before anything else.
pub async fn must_be_set_up(state: &AppState, session: &ProviderSession) -> Result<bool> {
    if !state.config.require_mfa || session.second_factor {
        return Ok(false);
    }
    let account_id = session.account_id;
    let account = state.db.read(move |connection| Ok(account::find(connection, account_id)?)).await?;
    is_required(state, &account).await
}

/// Whether the owner instructs, manages roles or administers, which asks for a second factor where `REQUIRE_MFA` is on.
async fn is_required(state: &AppState, account: &Account) -> Result<bool> {
    if !state.config.require_mfa {
        return Ok(false);
    }
    let (sub, email) = (account.sub.clone(), account.email.clone());
    state.db.read(move |connection| Ok(role::decides(connection, EMBEDDED_ISSUER, &sub, &email)?)).await
}

/// Stores a key to be confirmed in that session. `false` where the account has a second factor already.
fn begin(
    connection: &mut AnyConnection,
    context: &Context,
    account_id: AccountId,
    sealed_key: String,
    session_hash: String,
) -> Result<bool> {
    let factor = NewFactor {
        account_id,
        secret: sealed_key,
        last_step: 0,
        set_up_in: Some(session_hash),
        created_at: context.now,
    };
    Ok(second_factor::begin(connection, &factor)?)
}

/// Turns it on after a first code, with these recovery codes; ends every other session and notifies the owner. `false` where no
/// second factor is being set up in that session.
fn confirm(
    connection: &mut AnyConnection,
    context: &Context,
    account: &Account,
    here: (&str, &Here),
    step: i64,
    recovery_codes: &[String],
) -> Result<bool> {
    let (session_hash, here) = here;
    if !second_factor::confirm(connection, account.id, session_hash, step)? {
        return Ok(false);
    }
    recovery_code::replace(connection, account.id, &recovery_codes::hashes(recovery_codes))?;
    sessions::end_elsewhere(connection, context, account, here, true)?;
    context.send(connection, AccountMail::SecondFactorOn, &account.email)?;
    Ok(true)
}

/// Turns it off, ends every session, but for the browser where its owner does it, and notifies them.
fn turn_off(connection: &mut AnyConnection, context: &Context, account: &Account, here: Option<&Here>) -> Result<()> {
    second_factor::delete(connection, account.id)?;
    match here {
        Some(here) => sessions::end_elsewhere(connection, context, account, here, false)?,
        None => sessions::end_all(connection, context, account)?,
    }
    context.send(connection, AccountMail::SecondFactorOff, &account.email)
}

/// Consumes the code of that step, or else the recovery code `code`; `false` where it is wrong or was consumed already.
pub fn consume_code(
    connection: &mut AnyConnection,
    context: &Context,
    account: &Account,
    step: Option<i64>,
    code: &str,
) -> Result<bool> {
    match step {
        Some(step) => Ok(second_factor::consume_step(connection, account.id, step)?),
        None => recovery_codes::consume(connection, context, account, code),
    }
}

/// Turns off the second factor of the account with that address; every session ends, and the owner is notified.
///
/// It is for operators, who make sure first who asks for it because application and recovery codes are lost.
///
/// # Errors
/// No such account, or it has no second factor (404); the database's.
pub async fn remove(state: &AppState, email: String) -> Result<()> {
    let email = EmailAddress::parse(&email).ok_or(Error::NotFound)?;
    let account = state.db.read(move |connection| {
        let known = account::credentials(connection, &email)?.ok_or(Error::NotFound)?;
        second_factor::secret(connection, known.account_id)?.ok_or(Error::NotFound)?;
        Ok(account::find(connection, known.account_id)?)
    });
    let (context, account) = (Context::new(state), account.await?);
    state.db.write(move |connection| turn_off(connection, &context, &account, None)).await
}

/// Seals the keys that were stored while there was no `SECRET_KEY`.
///
/// # Errors
/// The database's; no randomness.
pub async fn seal_keys(state: &AppState) -> Result<()> {
    let stored = state.db.read(|connection| Ok(second_factor::all(connection)?)).await?;
    for (account_id, sub, secret) in stored.into_iter().filter(|(.., secret)| state.seal.wants(secret)) {
        let sealed = state.seal.seal(&secret, &seal_context(&sub))?;
        state.db.write(move |connection| Ok(second_factor::seal(connection, account_id, &sealed)?)).await?;
    }
    Ok(())
}

/// The key of an account, from what is stored.
///
/// # Errors
/// It cannot be opened.
pub fn key(state: &AppState, account: &Account, sealed: &str) -> Result<Key> {
    Key::read(&state.seal.open(sealed, &seal_context(&account.sub))?, &account.email)
}

/// What the key of the account that clients know by `sub` is sealed for.
fn seal_context(sub: &str) -> String {
    format!("the second factor of {sub}")
}
