//! `/users/password`: the page to change the password.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;

use crate::error::Result;
use crate::identity::account::password_hash::hash_password;
use crate::identity::account::password_policy::{Choice, length_error};
use crate::identity::account::reauthentication;
use crate::identity::account::sessions::Here;
use crate::identity::context::Context;
use crate::identity::destination::Destination;
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::session;
use crate::identity::signed_in::SignedIn;
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
    if let Err(failure) = change(&request, &state, &signed_in, &form).await {
        return show(&request, &state, Some(&failure.rejection()?));
    }
    let SignedIn { account, session, .. } = signed_in;
    let (session, cookies) = session::reopen(&request, &state, account.id, session.second_factor).await?;
    form::with_cookies(Destination::done("mot-de-passe").redirect(&state, session).await?, &cookies)
}

async fn change(
    request: &HttpRequest,
    state: &AppState,
    signed_in: &SignedIn,
    form: &PasswordForm,
) -> std::result::Result<(), Failure> {
    let SignedIn { account, session, .. } = signed_in;
    form::check_token(request, state, &form.token, "current")?;
    form::require_valid([length_error(&form.password)])?;
    reauthentication::verify_password(request, state, account, "current", &form.current).await?;
    Choice::of(account, &form.password).require_strong(request, state).await?;
    let hash = hash_password(form.password.clone()).await?;
    let (context, account, here) = (Context::new(state), account.clone(), Here::of(request, state));
    let second_factor = session.second_factor;
    let change =
        move |connection: &mut _| super::change(connection, &context, &account, &hash, Some((&here, second_factor)));
    Ok(state.db.write(change).await?)
}

fn show(request: &HttpRequest, state: &AppState, rejection: Option<&Rejection>) -> Result<HttpResponse> {
    form::show(request, state, "password.html", context! {}, rejection)
}
