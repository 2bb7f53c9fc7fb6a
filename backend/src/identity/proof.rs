//! What somebody shows again before what whoever finds an open browser must not do: their password, and a code where the
//! account has a second factor.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::account::verify_password;
use super::form::{self, Problem};
use super::throttle::Attempt;
use super::totp::{self, Key};
use crate::app::State;
use crate::auth::secret;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account::{self, Account};
use crate::models::second_factor;
use crate::notification::account::{Told, mail};
use crate::outbox;

/// What such a page sends. A field that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Proof {
    password: String,
    code: String,
    token: String,
}

/// Why something is not done.
pub struct Refused {
    status: StatusCode,
    problem: Problem,
    wait: Option<Duration>,
}

impl Refused {
    /// Because of that field.
    pub fn new(status: StatusCode, field: &'static str, text: &str) -> Self {
        Self { status, problem: Problem::new(field, text), wait: None }
    }

    fn wrong(field: &'static str, text: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, field, text)
    }

    fn too_often(field: &'static str, wait: Duration) -> Self {
        let text = format!("Trop d’essais ont échoué. {}", form::try_again(wait));
        Self { wait: Some(wait), ..Self::new(StatusCode::TOO_MANY_REQUESTS, field, &text) }
    }

    /// The page that `show` makes of it.
    ///
    /// # Errors
    /// What `show` returns.
    pub fn shown(self, show: impl FnOnce(StatusCode, &[Problem]) -> Result<HttpResponse>) -> Result<HttpResponse> {
        let page = show(self.status, &[self.problem])?;
        Ok(match self.wait {
            Some(wait) => form::retry_after(page, wait),
            None => page,
        })
    }
}

type Checked = std::result::Result<(), Refused>;

/// Whether the form is ours, the password right, and the code too where there must be one.
pub async fn check(request: &HttpRequest, state: &State, account: &Account, proof: &Proof) -> Result<Checked> {
    let checked = check_password(request, state, account, &proof.password, &proof.token).await?;
    if checked.is_err() || !has_factor(state, account).await? {
        return Ok(checked);
    }
    check_code(request, state, account, &proof.code).await
}

/// Whether the form is ours, and the password right.
pub async fn check_password(
    request: &HttpRequest,
    state: &State,
    account: &Account,
    password: &str,
    token: &str,
) -> Result<Checked> {
    if !form::is_ours(request, state, token) {
        return Ok(Err(Refused::new(StatusCode::FORBIDDEN, "password", &form::foreign("password").text)));
    }
    if password.is_empty() {
        return Ok(Err(Refused::wrong("password", "Saisissez votre mot de passe.")));
    }
    try_password(request, state, account, "password", password).await
}

/// Whether that is the account's password, which stands in that field; tries are counted.
pub async fn try_password(
    request: &HttpRequest,
    state: &State,
    account: &Account,
    field: &'static str,
    password: &str,
) -> Result<Checked> {
    let attempt = Attempt::new(request, state, &account.email);
    if let Err(wait) = attempt.begin() {
        return Ok(Err(Refused::too_often(field, wait)));
    }
    let email = account.email.clone();
    let credentials = state.db.read(move |connection| Ok(account::credentials(connection, &email)?)).await?;
    if !verify_password(password.to_owned(), credentials.map(|known| known.password_hash)).await? {
        return Ok(Err(Refused::wrong(field, "Ce n’est pas le mot de passe de votre compte.")));
    }
    attempt.succeeded();
    Ok(Ok(()))
}

/// Whether it is a code of the account's application that has not served, or one of its recovery codes; it is used up.
pub async fn check_code(request: &HttpRequest, state: &State, account: &Account, code: &str) -> Result<Checked> {
    if code.trim().is_empty() {
        return Ok(Err(Refused::wrong("code", "Saisissez le code que donne votre application.")));
    }
    let attempt = Attempt::of_code(request, state, &account.email);
    if let Err(wait) = attempt.begin() {
        return Ok(Err(Refused::too_often("code", wait)));
    }
    if !use_up(state, account, code).await? {
        return Ok(Err(wrong_code()));
    }
    attempt.succeeded();
    Ok(Ok(()))
}

/// The step of the code that shows that a key, stored as `sealed`, is in the application of the account's owner.
pub fn check_first_code(
    request: &HttpRequest,
    state: &State,
    account: &Account,
    sealed: &str,
    code: &str,
) -> Result<std::result::Result<i64, Refused>> {
    let attempt = Attempt::of_code(request, state, &account.email);
    if let Err(wait) = attempt.begin() {
        return Ok(Err(Refused::too_often("code", wait)));
    }
    let Some(step) = key(state, account, sealed)?.step(&totp::normal(code), now().timestamp()) else {
        return Ok(Err(wrong_code()));
    };
    attempt.succeeded();
    Ok(Ok(step))
}

fn wrong_code() -> Refused {
    let text = "Ce code n’est pas le bon, ou il a déjà servi. Attendez que l’application en affiche un autre, et vérifiez que \
                l’horloge de votre appareil est à l’heure.";
    Refused::wrong("code", text)
}

/// Whether the account has a second factor.
pub async fn has_factor(state: &State, account: &Account) -> Result<bool> {
    let id = account.id;
    state.db.read(move |connection| Ok(second_factor::secret(connection, id)?.is_some())).await
}

/// The key of an account, from what is stored.
///
/// # Errors
/// It cannot be opened.
pub fn key(state: &State, account: &Account, sealed: &str) -> Result<Key> {
    Key::read(&state.seal.open(sealed, &place(&account.sub))?, &account.email)
}

/// What the key of the account that clients know by `sub` is sealed for.
pub fn place(sub: &str) -> String {
    format!("the second factor of {sub}")
}

async fn use_up(state: &State, account: &Account, code: &str) -> Result<bool> {
    let id = account.id;
    let Some(sealed) = state.db.read(move |connection| Ok(second_factor::secret(connection, id)?)).await? else {
        return Ok(false);
    };
    let code = totp::normal(code);
    let step = key(state, account, &sealed)?.step(&code, now().timestamp());
    let (public_url, from, to) = (state.public_url.clone(), state.config.mail_from.clone(), account.email.clone());
    let used = state.db.write(move |connection| {
        if let Some(step) = step {
            return Ok(second_factor::use_step(connection, id, step)?);
        }
        if !second_factor::use_recovery_code(connection, id, &secret::hash(&code))? {
            return Ok(false);
        }
        let left = second_factor::recovery_codes_left(connection, id)?;
        outbox::post(connection, mail(Told::RecoveryCodeUsed(left), &to, &public_url, &from)?)?;
        Ok(true)
    });
    let used = used.await?;
    state.bell.notify_one();
    Ok(used)
}
