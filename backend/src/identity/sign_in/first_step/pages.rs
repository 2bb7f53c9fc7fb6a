//! `/connexion`: the sign-in page. The authorization request of the client that sent somebody here goes with the form and
//! is checked again, so nothing has to be stored.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;

use super::authenticate;
use crate::assets;
use crate::error::Result;
use crate::identity::form::{self, Failure, Form, FormError, Rejection};
use crate::identity::oauth::authorization_request::AuthorizationRequest;
use crate::identity::oauth::authorize;
use crate::identity::session;
use crate::identity::sign_in::attempt::{self, Attempt};
use crate::identity::sign_in::second_step;
use crate::identity::validation::typed_email;
use crate::ids::AccountId;
use crate::models::account;
use crate::page;
use crate::state::AppState;

/// How many accounts the page of a demonstration shows.
const MAX_HINTS: i64 = 20;

/// The fields of the page. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    email: String,
    password: String,
    /// Query string of the authorization request.
    request: String,
    token: String,
}

#[get("/connexion")]
pub async fn show_form(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    let query = request.query_string();
    if query.is_empty() {
        // Somebody typed the address, or reloads the page after an error.
        return Ok(page::see_other("/api/sign_in"));
    }
    match authorize::read(&state, query).await? {
        Ok(authorization) => {
            let email = authorization.login_hint.clone().unwrap_or_default();
            let form = SignInForm { email, request: query.to_owned(), ..SignInForm::default() };
            show(&request, &state, &authorization, &form, None).await
        }
        Err(error) => authorize::refuse(&state, error),
    }
}

#[post("/connexion")]
pub async fn submit(request: HttpRequest, form: Form<SignInForm>, state: web::Data<AppState>) -> Result<HttpResponse> {
    let authorization = match authorize::read(&state, &form.request).await? {
        Ok(authorization) => authorization,
        Err(error) => return authorize::refuse(&state, error),
    };
    let account_id = match sign_in(&request, &state, &form).await {
        Ok(account_id) => account_id,
        Err(failure) => return show(&request, &state, &authorization, &form, Some(&failure.rejection()?)).await,
    };
    if let Some(second_step) = second_step::pages::begin(&state, account_id, &form.request).await? {
        return Ok(second_step);
    }
    let (session, cookies) = session::open(&request, &state, account_id, false).await?;
    form::with_cookies(authorize::grant(&state, &authorization, &form.request, session).await?, &cookies)
}

/// The account whose password was given.
async fn sign_in(
    request: &HttpRequest,
    state: &AppState,
    form: &SignInForm,
) -> std::result::Result<AccountId, Failure> {
    if !form::is_ours(request, state, &form.token) {
        let text = "Cette page est restée ouverte trop longtemps. Saisissez à nouveau votre mot de passe.";
        return Err(Rejection::new(StatusCode::FORBIDDEN, "password", text).into());
    }
    form::require_valid([
        form.email.trim().is_empty().then(|| FormError::new("email", "Saisissez votre adresse électronique.")),
        form.password.is_empty().then(|| FormError::new("password", "Saisissez votre mot de passe.")),
    ])?;
    let email = typed_email(&form.email)?;
    let attempt = Attempt::sign_in(request, state, &email).await?;
    if let Err(rejection) = attempt.check("password") {
        attempt::refused(state, &email).await?;
        return Err(rejection.into());
    }
    let found = authenticate(&state.db, email.clone(), form.password.clone()).await;
    let Some(account_id) = found.inspect_err(|_| attempt.withdraw())? else {
        attempt::refused(state, &email).await?;
        // The same whether the account or the password is wrong: the page tells nobody who has an account.
        return Err(Rejection::invalid("password", "L’adresse électronique ou le mot de passe est incorrect.").into());
    };
    attempt.succeeded();
    Ok(account_id)
}

async fn show(
    request: &HttpRequest,
    state: &AppState,
    authorization: &AuthorizationRequest,
    form: &SignInForm,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let accounts = if state.config.demo { hints(state).await? } else { Value::from(()) };
    let ahead = assets::first_part();
    let values = context! { email => &form.email, request => &form.request, accounts, ahead };
    let mut page = form::show(request, state, "sign_in.html", values, rejection)?;
    page::may_lead_to(page.headers_mut(), &authorization.redirect_uri);
    Ok(page)
}

/// The accounts that the page of a demonstration offers.
async fn hints(state: &AppState) -> Result<Value> {
    let accounts = state.db.read(|connection| Ok(account::first(connection, MAX_HINTS)?)).await?;
    Ok(accounts.into_iter().map(|account| context! { email => account.email.as_str(), job => account.job }).collect())
}
