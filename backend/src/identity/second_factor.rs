//! `/users/account/second-factor`: an application that gives codes, asked for after the password. Turning it on and off,
//! and the recovery codes that stand in for it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;

use super::form::{self, Problem};
use super::next::{self, Next};
use super::personal::{sign_in_first, signed_in};
use super::proof::{self, Proof, Refused};
use super::reset::close_all;
use super::totp::{self, Key};
use super::{session, settings};
use crate::app::State;
use crate::auth::secret;
use crate::clients::oidc::EMBEDDED;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::{Error, Result};
use crate::models::account::{self, Account};
use crate::models::provider::Session;
use crate::models::role;
use crate::models::second_factor::{self, NewFactor};
use crate::notification::account::{Told, mail};
use crate::{outbox, page};

/// Where it is.
pub const PATH: &str = "/users/account/second-factor";

/// Whether who has that session must set up a second factor before anything else.
pub async fn is_owed(state: &State, session: &Session) -> Result<bool> {
    if !state.config.require_mfa || session.second_factor {
        return Ok(false);
    }
    let account_id = session.account_id;
    let account = state.db.read(move |connection| Ok(account::find(connection, account_id)?)).await?;
    is_required(state, &account).await
}

/// Whether they instruct or administer, which asks for a second factor here.
async fn is_required(state: &State, account: &Account) -> Result<bool> {
    if !state.config.require_mfa {
        return Ok(false);
    }
    let (sub, email) = (account.sub.clone(), account.email.clone());
    state.db.read(move |connection| Ok(role::decides(connection, EMBEDDED, &sub, &email)?)).await
}

#[get("/users/account/second-factor")]
pub async fn show(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let next = Next::of(request.query_string());
    let Some((_, account)) = signed_in(&request, &state).await? else { return Ok(sign_in_first(&next, PATH)) };
    let standing = standing(&state, &account).await?;
    overview(&request, &state, &standing, &next, StatusCode::OK, &[])
}

/// What the forms that turn it on send. A field that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SetUpForm {
    password: String,
    code: String,
    next: String,
    token: String,
}

/// Makes a key, once the password was given.
#[post("/users/account/second-factor")]
pub async fn begin(request: HttpRequest, form: web::Form<SetUpForm>, state: web::Data<State>) -> Result<HttpResponse> {
    let SetUpForm { password, next, token, .. } = form.into_inner();
    let next = Next::new(next);
    let (Some((_, account)), Some(here)) = (signed_in(&request, &state).await?, session::id_hash(&request, &state))
    else {
        return Ok(sign_in_first(&next, PATH));
    };
    if let Err(refused) = proof::check_password(&request, &state, &account, &password, &token).await? {
        let standing = standing(&state, &account).await?;
        return refused.shown(|status, problems| overview(&request, &state, &standing, &next, status, problems));
    }
    let factor = NewFactor {
        account_id: account.id,
        secret: state.seal.seal(&Key::random()?, &proof::place(&account.sub))?,
        last_step: 0,
        set_up_in: Some(here),
        created_at: now().naive_utc(),
    };
    let begun = state.db.write(move |connection| Ok(second_factor::begin(connection, &factor)?)).await?;
    Ok(page::see_other(&next.after(if begun { "/users/account/second-factor/key" } else { PATH })))
}

#[get("/users/account/second-factor/key")]
pub async fn show_key(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let next = Next::of(request.query_string());
    let Some((_, account)) = signed_in(&request, &state).await? else { return Ok(sign_in_first(&next, PATH)) };
    match being_set_up(&request, &state, &account).await? {
        Some(sealed) => key_page(&request, &state, &proof::key(&state, &account, &sealed)?, &next, StatusCode::OK, &[]),
        None => Ok(page::see_other(&next.after(PATH))),
    }
}

/// Turns it on, once a first code has shown that the application has the key. Every other session ends, and this one gets
/// a new id.
#[post("/users/account/second-factor/key")]
pub async fn confirm(
    request: HttpRequest,
    form: web::Form<SetUpForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let SetUpForm { code, next, token, .. } = form.into_inner();
    let next = Next::new(next);
    let (Some((_, account)), Some(here)) = (signed_in(&request, &state).await?, session::id_hash(&request, &state))
    else {
        return Ok(sign_in_first(&next, PATH));
    };
    let Some(sealed) = being_set_up(&request, &state, &account).await? else {
        return Ok(page::see_other(&next.after(PATH)));
    };
    let checked = if form::is_ours(&request, &state, &token) {
        proof::check_first_code(&request, &state, &account, &sealed, &code)?
    } else {
        Err(Refused::new(StatusCode::FORBIDDEN, "code", &form::foreign("code").text))
    };
    let step = match checked {
        Ok(step) => step,
        Err(refused) => {
            let key = proof::key(&state, &account, &sealed)?;
            return refused.shown(|status, problems| key_page(&request, &state, &key, &next, status, problems));
        }
    };
    let codes = totp::recovery_codes()?;
    let hashes = hashes(&codes);
    let (public_url, from) = (state.public_url.clone(), state.config.mail_from.clone());
    let account_id = account.id;
    let turned_on = state.db.write(move |connection| {
        if !second_factor::confirm(connection, account.id, &here, step)? {
            return Ok(false);
        }
        second_factor::replace_recovery_codes(connection, account.id, &hashes)?;
        close_all(connection, &account.sub)?;
        outbox::post(connection, mail(Told::SecondFactorOn, &account.email, &public_url, &from)?)?;
        Ok(true)
    });
    if !turned_on.await? {
        return Ok(page::see_other(&next.after(PATH)));
    }
    state.bell.notify_one();
    let (_, cookie) = session::open(&request, &state, account_id, true).await?;
    form::with_cookie(codes_page(&request, &state, &codes, &next, true)?, &cookie)
}

#[get("/users/account/second-factor/off")]
pub async fn show_off(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    match with_factor(&request, &state).await? {
        Ok(_) => again(&request, &state, &OFF, StatusCode::OK, &[]),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Turns it off, and ends every other session. Whoever must have one is led to set up another when they next go to a
/// service; that is how one changes applications.
#[post("/users/account/second-factor/off")]
pub async fn turn_off(request: HttpRequest, form: web::Form<Proof>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = match with_factor(&request, &state).await? {
        Ok(account) => account,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if let Err(refused) = proof::check(&request, &state, &account, &form).await? {
        return refused.shown(|status, problems| again(&request, &state, &OFF, status, problems));
    }
    let account_id = account.id;
    take_off(&state, account).await?;
    let (_, cookie) = session::open(&request, &state, account_id, false).await?;
    form::with_cookie(page::see_other(PATH), &cookie)
}

/// Takes the second factor off an account, and says so to its owner: where an administrator has made sure who asks for it,
/// because application and recovery codes are lost. Every session ends.
///
/// # Errors
/// No such account, or it has no second factor (404); the database's.
pub async fn remove(state: &State, email: String) -> Result<()> {
    let account = state.db.read(move |connection| {
        let known = account::credentials(connection, &email)?.ok_or(Error::NotFound)?;
        second_factor::secret(connection, known.account_id)?.ok_or(Error::NotFound)?;
        Ok(account::find(connection, known.account_id)?)
    });
    take_off(state, account.await?).await
}

async fn take_off(state: &State, account: Account) -> Result<()> {
    let (public_url, from) = (state.public_url.clone(), state.config.mail_from.clone());
    let take_off = move |connection: &mut AnyConnection| {
        second_factor::delete(connection, account.id)?;
        close_all(connection, &account.sub)?;
        outbox::post(connection, mail(Told::SecondFactorOff, &account.email, &public_url, &from)?)
    };
    state.db.write(take_off).await?;
    state.bell.notify_one();
    Ok(())
}

#[get("/users/account/second-factor/recovery-codes")]
pub async fn show_renew(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    match with_factor(&request, &state).await? {
        Ok(_) => again(&request, &state, &RENEW, StatusCode::OK, &[]),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Makes other recovery codes.
#[post("/users/account/second-factor/recovery-codes")]
pub async fn renew(request: HttpRequest, form: web::Form<Proof>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = match with_factor(&request, &state).await? {
        Ok(account) => account,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if let Err(refused) = proof::check(&request, &state, &account, &form).await? {
        return refused.shown(|status, problems| again(&request, &state, &RENEW, status, problems));
    }
    let codes = totp::recovery_codes()?;
    let hashes = hashes(&codes);
    let (public_url, from) = (state.public_url.clone(), state.config.mail_from.clone());
    let renew = move |connection: &mut AnyConnection| {
        second_factor::replace_recovery_codes(connection, account.id, &hashes)?;
        outbox::post(connection, mail(Told::RecoveryCodesChanged, &account.email, &public_url, &from)?)
    };
    state.db.write(renew).await?;
    state.bell.notify_one();
    codes_page(&request, &state, &codes, &Next::of(""), false)
}

/// Seals the keys that were stored while there was no `SECRET_KEY`.
///
/// # Errors
/// The database's; no randomness.
pub async fn seal_keys(state: &State) -> Result<()> {
    let stored = state.db.read(|connection| Ok(second_factor::secrets(connection)?)).await?;
    for (account_id, sub, secret) in stored.into_iter().filter(|(.., secret)| state.seal.wants(secret)) {
        let sealed = state.seal.seal(&secret, &proof::place(&sub))?;
        state.db.write(move |connection| Ok(second_factor::seal(connection, account_id, &sealed)?)).await?;
    }
    Ok(())
}

/// The key that is being set up in this browser, sealed.
async fn being_set_up(request: &HttpRequest, state: &State, account: &Account) -> Result<Option<String>> {
    let Some(here) = session::id_hash(request, state) else { return Ok(None) };
    let id = account.id;
    let find = move |connection: &mut AnyConnection| {
        Ok(second_factor::secret_to_confirm(connection, id, &here, now().naive_utc())?)
    };
    state.db.read(find).await
}

/// Who is signed in, with a second factor; or where to go instead.
async fn with_factor(request: &HttpRequest, state: &State) -> Result<std::result::Result<Account, HttpResponse>> {
    let Some((_, account)) = signed_in(request, state).await? else {
        return Ok(Err(sign_in_first(&Next::of(""), PATH)));
    };
    Ok(if proof::has_factor(state, &account).await? { Ok(account) } else { Err(page::see_other(PATH)) })
}

fn hashes(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| secret::hash(&totp::normal(code))).collect()
}

/// How an account stands, for the page.
async fn standing(state: &State, account: &Account) -> Result<Value> {
    let id = account.id;
    let read = move |connection: &mut AnyConnection| {
        let is_on = second_factor::secret(connection, id)?.is_some();
        Ok((is_on, second_factor::recovery_codes_left(connection, id)?))
    };
    let (is_on, left) = state.db.read(read).await?;
    Ok(context! { is_on, left, is_required => is_required(state, account).await? })
}

fn overview(
    request: &HttpRequest,
    state: &State,
    standing: &Value,
    next: &Next,
    status: StatusCode,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let values = context! { next => next.as_str(), ..standing.clone() };
    form::show(request, state, "second_factor.html", status, values, problems)
}

fn key_page(
    request: &HttpRequest,
    state: &State,
    key: &Key,
    next: &Next,
    status: StatusCode,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let values = context! { drawing => key.drawing()?, key => key.in_groups(), next => next.as_str() };
    form::show(request, state, "second_factor_key.html", status, values, problems)
}

/// The codes, this once.
fn codes_page(
    request: &HttpRequest,
    state: &State,
    codes: &[String],
    next: &Next,
    is_new: bool,
) -> Result<HttpResponse> {
    let onwards = if next.as_str().is_empty() { next::sign_in(settings::PATH) } else { next.link() };
    form::show(
        request,
        state,
        "recovery_codes.html",
        StatusCode::OK,
        context! { codes => codes.to_vec(), onwards, is_new },
        &[],
    )
}

/// What a page says that asks for password and code again.
struct Again {
    path: &'static str,
    title: &'static str,
    text: &'static str,
    failed: &'static str,
    button: &'static str,
}

const OFF: Again = Again {
    path: "/users/account/second-factor/off",
    title: "Désactiver le second facteur",
    text: "La connexion ne demandera plus que votre mot de passe, et vos codes de secours ne seront plus valables. \
           Pour changer d’application, désactivez le second facteur, puis activez-le à nouveau.",
    failed: "Le second facteur n’a pas été désactivé",
    button: "Désactiver le second facteur",
};

const RENEW: Again = Again {
    path: "/users/account/second-factor/recovery-codes",
    title: "Créer de nouveaux codes de secours",
    text: "Dix nouveaux codes seront affichés, une seule fois. Les précédents ne seront plus valables.",
    failed: "Aucun code n’a été créé",
    button: "Créer de nouveaux codes",
};

fn again(
    request: &HttpRequest,
    state: &State,
    again: &Again,
    status: StatusCode,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let Again { path, title, text, failed, button } = *again;
    let values = context! { path, title, text, failed, button };
    form::show(request, state, "second_factor_again.html", status, values, problems)
}
