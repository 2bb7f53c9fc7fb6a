//! `/users/password`: the page to change the password.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;

use crate::error::Result;
use crate::identity::account::password_hash::hash_password;
use crate::identity::account::password_policy::{Choice, length_error};
use crate::identity::account::reauthentication;
use crate::identity::context::Context;
use crate::identity::destination::Destination;
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::session;
use crate::identity::signed_in::SignedIn;
use crate::models::account::Account;
use crate::state::AppState;

/// The fields of the page. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    current: String,
    password: String,
    token: String,
}

#[get("/users/password")]
pub async fn show_form(request: HttpRequest, _: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse> {
    show(&request, &state, None)
}

/// Changes the password and ends every session but this one, which gets a new id.
#[post("/users/password")]
pub async fn submit(
    request: HttpRequest,
    signed_in: SignedIn,
    form: Form<PasswordForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let SignedIn { account, session, .. } = signed_in;
    let account_id = account.id;
    if let Err(failure) = change(&request, &state, account, &form).await {
        return show(&request, &state, Some(&failure.rejection()?));
    }
    let (session, cookies) = session::open(&request, &state, account_id, session.second_factor).await?;
    form::with_cookies(Destination::default().redirect(&state, session).await?, &cookies)
}

async fn change(
    request: &HttpRequest,
    state: &AppState,
    account: Account,
    form: &PasswordForm,
) -> std::result::Result<(), Failure> {
    form::check_token(request, state, &form.token, "current")?;
    form::require_valid([length_error(&form.password)])?;
    reauthentication::verify_password(request, state, &account, "current", &form.current).await?;
    Choice::of(&account, &form.password).require_strong(request, state).await?;
    let hash = hash_password(form.password.clone()).await?;
    let context = Context::new(state);
    Ok(state.db.write(move |connection| super::change(connection, &context, &account, &hash)).await?)
}

fn show(request: &HttpRequest, state: &AppState, rejection: Option<&Rejection>) -> Result<HttpResponse> {
    form::show(request, state, "password.html", context! {}, rejection)
}
