//! `/connexion/code`: the page of the second step.

use actix_web::cookie::time;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use serde::Deserialize;

use super::MINUTES;
use crate::auth::cookie;
use crate::connection::types::now;
use crate::error::Result;
use crate::identity::account::{reauthentication, second_factor};
use crate::identity::form::{self, Failure, Form, Rejection};
use crate::identity::oauth::authorization_request::AuthorizationRequest;
use crate::identity::oauth::authorize;
use crate::identity::session;
use crate::identity::sign_in::attempt;
use crate::ids::AccountId;
use crate::models::account::Account;
use crate::models::owed_code;
use crate::page;
use crate::secret;
use crate::state::AppState;

const COOKIE: &str = "datapass_owed_code";

/// Where a browser goes that has just given the right password, if the account has a second factor. `query` is the
/// authorization request.
pub async fn begin(state: &AppState, account_id: AccountId, query: &str) -> Result<Option<HttpResponse>> {
    if !second_factor::is_on(state, account_id).await? {
        return Ok(None);
    }
    let id = secret::new()?;
    let id_hash = secret::hash(&id);
    state.db.write(move |connection| super::begin(connection, &id_hash, account_id, now().naive_utc())).await?;
    let cookie = cookie::new(state, COOKIE, id, Some(time::Duration::minutes(MINUTES)));
    form::with_cookie(page::see_other(&format!("/connexion/code?{query}")), &cookie).map(Some)
}

/// The fields of the page. One that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    /// Query string of the authorization request.
    request: String,
    token: String,
}

#[get("/connexion/code")]
pub async fn show_form(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    let query = request.query_string();
    let authorization = match authorize::read(&state, query).await? {
        Ok(authorization) => authorization,
        Err(error) => return authorize::refuse(&state, error),
    };
    match current(&request, &state).await? {
        Some(_) => show(&request, &state, &authorization, query, None),
        None => Ok(first_step(query)),
    }
}

#[post("/connexion/code")]
pub async fn submit(request: HttpRequest, form: Form<CodeForm>, state: web::Data<AppState>) -> Result<HttpResponse> {
    let query = &form.request;
    let authorization = match authorize::read(&state, query).await? {
        Ok(authorization) => authorization,
        Err(error) => return authorize::refuse(&state, error),
    };
    let Some((id_hash, account)) = current(&request, &state).await? else { return Ok(first_step(query)) };
    if let Err(failure) = check(&request, &state, &account, &form).await {
        return show(&request, &state, &authorization, query, Some(&failure.rejection()?));
    }
    state.db.write(move |connection| Ok(owed_code::delete(connection, &id_hash)?)).await?;
    let (session, cookies) = session::open(&request, &state, account.id, true).await?;
    let response = authorize::grant(&state, &authorization, query, session).await?;
    let response = form::with_cookies(response, &cookies)?;
    form::with_cookie(response, &cookie::new(&state, COOKIE, String::new(), Some(time::Duration::ZERO)))
}

async fn check(
    request: &HttpRequest,
    state: &AppState,
    account: &Account,
    form: &CodeForm,
) -> std::result::Result<(), Failure> {
    form::check_token(request, state, &form.token, "code")?;
    let checked = reauthentication::check_code(request, state, account, &form.code).await;
    if matches!(checked, Err(Failure::Rejected(_))) && !form.code.trim().is_empty() {
        attempt::refused(state, &account.email).await?;
    }
    checked
}

/// Hash of the browser's cookie, and the account that is signed in to.
async fn current(request: &HttpRequest, state: &AppState) -> Result<Option<(String, Account)>> {
    let Some(id) = cookie::read(request, state, COOKIE) else { return Ok(None) };
    let id_hash = secret::hash(&id);
    let find = move |connection: &mut _| {
        let account = super::account(connection, &id_hash, now().naive_utc())?;
        Ok(account.map(|account| (id_hash, account)))
    };
    state.db.read(find).await
}

fn first_step(query: &str) -> HttpResponse {
    page::see_other(&format!("/connexion?{query}"))
}

fn show(
    request: &HttpRequest,
    state: &AppState,
    authorization: &AuthorizationRequest,
    query: &str,
    rejection: Option<&Rejection>,
) -> Result<HttpResponse> {
    let mut page = form::show(request, state, "sign_in_code.html", context! { request => query }, rejection)?;
    page::may_lead_to(page.headers_mut(), &authorization.redirect_uri);
    Ok(page)
}
