//! `/connexion`: the sign-in page. The request of the client that sent somebody here goes with the form and is checked
//! again, so nothing has to be remembered of it.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::{Value, context};
use serde::Deserialize;

use super::account::verify_password;
use super::authorization::Authorization;
use super::form::{self, FormToken, Problem};
use super::throttle::Attempt;
use super::{authorize, second_step, session};
use crate::app::State;
use crate::error::Result;
use crate::models::account;
use crate::page;

/// How many accounts the page of a demonstration shows.
const MAX_HINTS: i64 = 20;

/// What the page sends. A field that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    email: String,
    password: String,
    /// Query string of the client's request.
    request: String,
    token: String,
}

#[get("/connexion")]
pub async fn show_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let query = request.query_string();
    if query.is_empty() {
        // Somebody typed the address, or reloads the page after an error.
        return Ok(page::see_other("/api/sign_in"));
    }
    match authorize::read(&state, query).await? {
        Ok(authorization) => {
            let email = authorization.login_hint.clone().unwrap_or_default();
            let form = SignInForm { email, request: query.to_owned(), ..SignInForm::default() };
            show(&request, &state, &authorization, StatusCode::OK, &form, &[]).await
        }
        Err(refusal) => authorize::refused(&state, refusal),
    }
}

#[post("/connexion")]
pub async fn submit(
    request: HttpRequest,
    form: web::Form<SignInForm>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let authorization = match authorize::read(&state, &form.request).await? {
        Ok(authorization) => authorization,
        Err(refusal) => return authorize::refused(&state, refusal),
    };
    if !form::is_ours(&request, &state, &form.token) {
        let text = "Cette page est restée ouverte trop longtemps. Saisissez à nouveau votre mot de passe.";
        let problem = Problem { field: "password", text: text.to_owned() };
        return show(&request, &state, &authorization, StatusCode::FORBIDDEN, &form, &[problem]).await;
    }
    let missing = missing(&form);
    if !missing.is_empty() {
        return show(&request, &state, &authorization, StatusCode::UNPROCESSABLE_ENTITY, &form, &missing).await;
    }
    let attempt = Attempt::new(&request, &state, &form.email);
    if let Err(wait) = attempt.begin() {
        return show_wait(&request, &state, &authorization, &form, wait).await;
    }
    match authenticate(&state, &form).await? {
        Some(account_id) => {
            attempt.succeeded();
            if let Some(response) = second_step::begin(&state, account_id, &form.request).await? {
                return Ok(response);
            }
            let (session, cookie) = session::open(&request, &state, account_id, false).await?;
            let response = authorize::grant(&state, &authorization, &form.request, session).await?;
            form::with_cookie(response, &cookie)
        }
        None => {
            // The same whether the account or the password is wrong: the page tells nobody who has an account.
            let text = "L’adresse électronique ou le mot de passe est incorrect.";
            let problem = Problem { field: "password", text: text.to_owned() };
            show(&request, &state, &authorization, StatusCode::UNPROCESSABLE_ENTITY, &form, &[problem]).await
        }
    }
}

/// The account whose password it is.
async fn authenticate(state: &State, form: &SignInForm) -> Result<Option<i64>> {
    // No address has a null character, and PostgreSQL has a word to say about it.
    let email = form.email.replace('\0', "");
    let credentials = state.db.read(move |connection| Ok(account::credentials(connection, &email)?)).await?;
    let (account_id, hash) = credentials.map(|known| (known.account_id, known.password_hash)).unzip();
    let is_right = verify_password(form.password.clone(), hash).await?;
    Ok(account_id.filter(|_| is_right))
}

fn missing(form: &SignInForm) -> Vec<Problem> {
    let mut problems = Vec::new();
    if form.email.trim().is_empty() {
        problems.push(Problem { field: "email", text: "Saisissez votre adresse électronique.".to_owned() });
    }
    if form.password.is_empty() {
        problems.push(Problem { field: "password", text: "Saisissez votre mot de passe.".to_owned() });
    }
    problems
}

async fn show_wait(
    request: &HttpRequest,
    state: &State,
    authorization: &Authorization,
    form: &SignInForm,
    wait: Duration,
) -> Result<HttpResponse> {
    let text = format!("Trop d’essais ont échoué. {}", form::try_again(wait));
    let problem = Problem { field: "password", text };
    let response = show(request, state, authorization, StatusCode::TOO_MANY_REQUESTS, form, &[problem]).await?;
    Ok(form::retry_after(response, wait))
}

async fn show(
    request: &HttpRequest,
    state: &State,
    authorization: &Authorization,
    status: StatusCode,
    form: &SignInForm,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let token = FormToken::issue(request, state)?;
    let accounts = if state.config.demo { hints(state).await? } else { Value::from(()) };
    let mut response = HttpResponse::build(status);
    response.cookie(token.cookie);
    let problems = form::listed(problems);
    let page = context! { email => &form.email, request => &form.request, token => token.field, problems, accounts };
    let mut page = page::html(state, response, "sign_in.html", page)?;
    page::may_lead_to(page.headers_mut(), &authorization.redirect_uri);
    Ok(page)
}

/// The accounts that the page of a demonstration offers.
async fn hints(state: &State) -> Result<Value> {
    let accounts = state.db.read(|connection| Ok(account::first(connection, MAX_HINTS)?)).await?;
    Ok(accounts.into_iter().map(|account| context! { email => account.email, job => account.job }).collect())
}
