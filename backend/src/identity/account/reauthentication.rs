//! Re-authentication before sensitive actions: the password again, and a code where the account has a second factor, so
//! that whoever finds an open browser cannot take the account over.

pub mod pages;

use actix_web::HttpRequest;
use serde::Deserialize;

use super::{password_hash, second_factor, totp};
use crate::connection::types::now;
use crate::error::Result;
use crate::identity::context::Context;
use crate::identity::form::{self, Failure, Rejection};
use crate::identity::sign_in::attempt::Attempt;
use crate::models::account::{self, Account};
use crate::models::second_factor as factor;
use crate::state::AppState;

/// What a check comes to.
pub type Checked<T> = std::result::Result<T, Failure>;

/// The fields of a page that asks for it. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReauthenticationForm {
    password: String,
    code: String,
    token: String,
}

/// Checks the form, the password, and the code where there must be one.
pub async fn check(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    form: &ReauthenticationForm,
) -> Checked<()> {
    check_password(request, state, account, &form.password, &form.token).await?;
    if second_factor::is_on(state, account.id).await? {
        check_code(request, state, account, &form.code).await?;
    }
    Ok(())
}

/// Checks the form and the password.
pub async fn check_password(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    password: &str,
    token: &str,
) -> Checked<()> {
    form::check_token(request, state, token, "password")?;
    if password.is_empty() {
        return Err(Rejection::invalid("password", "Saisissez votre mot de passe.").into());
    }
    verify_password(request, state, account, "password", password).await
}

/// Checks the password that stands in that field; attempts are counted.
pub async fn verify_password(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    field: &'static str,
    password: &str,
) -> Checked<()> {
    let attempt = Attempt::sign_in(request, state, &account.email).await?;
    attempt.check(field)?;
    let email = account.email.clone();
    let credentials = state.db.read(move |connection| Ok(account::credentials(connection, &email)?)).await?;
    let hash = credentials.map(|known| known.password_hash);
    let verified = password_hash::verify_password(password.to_owned(), hash).await;
    if !verified.inspect_err(|_| attempt.withdraw())? {
        return Err(Rejection::invalid(field, "Ce n’est pas le mot de passe de votre compte.").into());
    }
    attempt.succeeded();
    Ok(())
}

/// Checks a code of the account's application, or a recovery code, and consumes it.
pub async fn check_code(request: &HttpRequest, state: &AppState, account: &Account, code: &str) -> Checked<()> {
    if code.trim().is_empty() {
        return Err(Rejection::invalid("code", "Saisissez le code que donne votre application.").into());
    }
    let attempt = Attempt::second_factor(request, state, &account.email).await?;
    attempt.check("code")?;
    if !consume_code(state, account, code).await? {
        return Err(wrong_code());
    }
    attempt.succeeded();
    Ok(())
}

/// Checks the first code, which shows that the owner's application has the key stored as `sealed`; returns its step.
pub async fn check_first_code(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    sealed: &str,
    code: &str,
) -> Checked<i64> {
    let attempt = Attempt::second_factor(request, state, &account.email).await?;
    attempt.check("code")?;
    let key = second_factor::key(state, account, sealed)?;
    let step = key.step(&totp::normalized(code), now().timestamp()).ok_or_else(wrong_code)?;
    attempt.succeeded();
    Ok(step)
}

fn wrong_code() -> Failure {
    let text = "Ce code n’est pas le bon, ou il a déjà servi. Attendez que l’application en affiche un autre, et vérifiez que \
                l’horloge de votre appareil est à l’heure.";
    Rejection::invalid("code", text).into()
}

async fn consume_code(state: &AppState, account: &Account, code: &str) -> Result<bool> {
    let id = account.id;
    let Some(sealed) = state.db.read(move |connection| Ok(factor::secret(connection, id)?)).await? else {
        return Ok(false);
    };
    let code = totp::normalized(code);
    let step = second_factor::key(state, account, &sealed)?.step(&code, now().timestamp());
    let (context, account) = (Context::new(state), account.clone());
    let consume = move |connection: &mut _| second_factor::consume_code(connection, &context, &account, step, &code);
    state.db.write(consume).await
}
