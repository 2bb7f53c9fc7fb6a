//! `/users/account`: one's own account; where it is signed in, and a new password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;

use super::account::hash_password;
use super::form::{self, Problem};
use super::next::Next;
use super::personal::{sign_in_first, signed_in};
use super::reset::close_all;
use super::{password, proof, session};
use crate::app::State;
use crate::auth::secret;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account::{self, Account};
use crate::models::provider;
use crate::notification::account::{Told, mail};
use crate::{outbox, page};

/// Where one’s own account is.
pub const PATH: &str = "/users/account";

#[get("/users/account")]
pub async fn show(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let Some((_, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&Next::of(""), PATH));
    };
    let account_id = account.id;
    let read = move |connection: &mut _| Ok(provider::sessions_of(connection, account_id, now().naive_utc())?);
    let open = state.db.read(read).await?;
    let here = session::id_hash(&request, &state);
    let sessions: Value = open
        .iter()
        .map(|open| {
            context! {
                id => public_id(&open.id_hash),
                device => &open.device,
                since => open.authenticated_at.format("%d/%m/%Y à %H:%M").to_string(),
                is_here => here.as_ref() == Some(&open.id_hash),
            }
        })
        .collect();
    let has_factor = proof::has_factor(&state, &account).await?;
    let Account { given_name, family_name, email, job, .. } = account;
    let values = context! { given_name, family_name, email, job, sessions, has_factor };
    form::show(&request, &state, "account.html", StatusCode::OK, values, &[])
}

/// What a session is called on the page: the hash of its cookie stays here.
fn public_id(id_hash: &str) -> String {
    secret::hash(id_hash)
}

/// What the forms of the sessions send.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SessionForm {
    /// One of them; empty: all.
    id: String,
    token: String,
}

/// Ends one session at the provider; without one, everything that the account has open, here and at DataPass.
#[post("/users/sessions")]
pub async fn end(request: HttpRequest, form: web::Form<SessionForm>, state: web::Data<State>) -> Result<HttpResponse> {
    let Some((_, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&Next::of(""), PATH));
    };
    let SessionForm { id, token } = form.into_inner();
    if !form::is_ours(&request, &state, &token) {
        return page::message(&state, StatusCode::FORBIDDEN, "Action impossible", &form::foreign("id").text);
    }
    let ended = state.db.write(move |connection| {
        if id.is_empty() {
            return close_all(connection, &account.sub);
        }
        let open = provider::sessions_of(connection, account.id, now().naive_utc())?;
        if let Some(open) = open.iter().find(|open| public_id(&open.id_hash) == id) {
            provider::close_session(connection, &open.id_hash)?;
        }
        Ok(())
    });
    ended.await?;
    Ok(page::see_other(PATH))
}

/// What the page of the password sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    current: String,
    password: String,
    token: String,
}

#[get("/users/password")]
pub async fn show_password_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    match signed_in(&request, &state).await? {
        Some(_) => show_password(&request, &state, StatusCode::OK, &[]),
        None => Ok(sign_in_first(&Next::of(""), "/users/password")),
    }
}

/// Changes the password and ends every session but this one, which gets a new id.
#[post("/users/password")]
pub async fn change_password(
    request: HttpRequest,
    form: web::Form<PasswordForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let Some((session, account)) = signed_in(&request, &state).await? else {
        return Ok(sign_in_first(&Next::of(""), "/users/password"));
    };
    let PasswordForm { current, password, token } = form.into_inner();
    if !form::is_ours(&request, &state, &token) {
        return show_password(&request, &state, StatusCode::FORBIDDEN, &[form::foreign("current")]);
    }
    let about = [account.email.as_str(), &account.given_name, &account.family_name];
    if let Some(problem) = password::problem("password", &password, &about) {
        return show_password(&request, &state, StatusCode::UNPROCESSABLE_ENTITY, &[problem]);
    }
    if let Err(refused) = proof::try_password(&request, &state, &account, "current", &current).await? {
        return refused.shown(|status, problems| show_password(&request, &state, status, problems));
    }
    let hash = hash_password(password).await?;
    let (public_url, from) = (state.public_url.clone(), state.config.mail_from.clone());
    let account_id = account.id;
    let change = move |connection: &mut _| {
        account::set_password(connection, account.id, &hash, now().naive_utc())?;
        close_all(connection, &account.sub)?;
        outbox::post(connection, mail(Told::PasswordChanged, &account.email, &public_url, &from)?)
    };
    state.db.write(change).await?;
    state.bell.notify_one();
    let (session, cookie) = session::open(&request, &state, account_id, session.second_factor).await?;
    form::with_cookie(Next::of("").follow(&state, session).await?, &cookie)
}

fn show_password(
    request: &HttpRequest,
    state: &State,
    status: StatusCode,
    problems: &[Problem],
) -> Result<HttpResponse> {
    form::show(request, state, "password.html", status, context! {}, problems)
}
