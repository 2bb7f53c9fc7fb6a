//! `/connexion/code`: the second page of a sign-in, for accounts with a second factor. The browser is known by a cookie
//! since it gave the right password; there is no session before the code.

use actix_web::cookie::time;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::Duration;
use minijinja::context;
use serde::Deserialize;

use super::authorization::Authorization;
use super::form::{self, FormToken, Problem};
use super::proof::{self, Refused};
use super::{authorize, session};
use crate::app::State;
use crate::auth::{cookie, secret};
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account::{self, Account};
use crate::models::second_factor;
use crate::page;

/// How long after the password the code may come, in minutes.
const MINUTES: i64 = 10;

const NAME: &str = "datapass_owed_code";

/// Where a browser goes that has just given the right password, if the account has a second factor. `query` is what the
/// client asks.
pub async fn begin(state: &State, account_id: i64, query: &str) -> Result<Option<HttpResponse>> {
    if state.db.read(move |connection| Ok(second_factor::secret(connection, account_id)?)).await?.is_none() {
        return Ok(None);
    }
    let id = secret::new()?;
    let id_hash = secret::hash(&id);
    let owe = move |connection: &mut AnyConnection| {
        let now = now().naive_utc();
        Ok(second_factor::owe(connection, &id_hash, account_id, now + Duration::minutes(MINUTES), now)?)
    };
    state.db.write(owe).await?;
    let cookie = cookie::new(state, NAME, id, Some(time::Duration::minutes(MINUTES)));
    form::with_cookie(page::see_other(&format!("/connexion/code?{query}")), &cookie).map(Some)
}

/// What the page sends. A field that is missing is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    /// Query string of the client's request.
    request: String,
    token: String,
}

#[get("/connexion/code")]
pub async fn show_form(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let query = request.query_string();
    let authorization = match authorize::read(&state, query).await? {
        Ok(authorization) => authorization,
        Err(refusal) => return authorize::refused(&state, refusal),
    };
    match owing(&request, &state).await? {
        Some(_) => show(&request, &state, &authorization, query, StatusCode::OK, &[]),
        None => Ok(password_first(query)),
    }
}

#[post("/connexion/code")]
pub async fn submit(request: HttpRequest, form: web::Form<CodeForm>, state: web::Data<State>) -> Result<HttpResponse> {
    let CodeForm { code, request: query, token } = form.into_inner();
    let authorization = match authorize::read(&state, &query).await? {
        Ok(authorization) => authorization,
        Err(refusal) => return authorize::refused(&state, refusal),
    };
    let Some((id_hash, account)) = owing(&request, &state).await? else { return Ok(password_first(&query)) };
    let refuse = |refused: Refused| {
        refused.shown(|status, problems| show(&request, &state, &authorization, &query, status, problems))
    };
    if !form::is_ours(&request, &state, &token) {
        return refuse(Refused::new(StatusCode::FORBIDDEN, "code", &form::foreign("code").text));
    }
    if let Err(refused) = proof::check_code(&request, &state, &account, &code).await? {
        return refuse(refused);
    }
    state.db.write(move |connection| Ok(second_factor::settle(connection, &id_hash)?)).await?;
    let (session, cookie) = session::open(&request, &state, account.id, true).await?;
    let response = authorize::grant(&state, &authorization, &query, session).await?;
    let response = form::with_cookie(response, &cookie)?;
    form::with_cookie(response, &cookie::new(&state, NAME, String::new(), Some(time::Duration::ZERO)))
}

/// Hash of the browser's cookie, and the account whose code it owes.
async fn owing(request: &HttpRequest, state: &State) -> Result<Option<(String, Account)>> {
    let Some(id) = cookie::read(request, state, NAME) else { return Ok(None) };
    let id_hash = secret::hash(&id);
    let find = move |connection: &mut AnyConnection| {
        let owing = second_factor::owing(connection, &id_hash, now().naive_utc())?;
        Ok(owing.map(|id| account::find(connection, id)).transpose()?.map(|account| (id_hash, account)))
    };
    state.db.read(find).await
}

fn password_first(query: &str) -> HttpResponse {
    page::see_other(&format!("/connexion?{query}"))
}

fn show(
    request: &HttpRequest,
    state: &State,
    authorization: &Authorization,
    query: &str,
    status: StatusCode,
    problems: &[Problem],
) -> Result<HttpResponse> {
    let token = FormToken::issue(request, state)?;
    let mut response = HttpResponse::build(status);
    response.cookie(token.cookie);
    let values = context! { request => query, token => token.field, problems => form::listed(problems) };
    let mut page = page::html(state, response, "sign_in_code.html", values)?;
    page::may_lead_to(page.headers_mut(), &authorization.redirect_uri);
    Ok(page)
}
