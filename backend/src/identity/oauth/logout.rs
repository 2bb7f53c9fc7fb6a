//! `/oauth/logout`: ends the session at the provider (OpenID Connect RP-Initiated Logout 1.0).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use minijinja::context;
use openidconnect::url::Url;
use serde::Deserialize;

use super::client;
use super::id_token::{self, IdTokenHint};
use super::parameters::Parameters;
use crate::error::{Error, Result};
use crate::identity::form::{self, Form};
use crate::identity::session;
use crate::models::account;
use crate::models::provider_session::ProviderSession;
use crate::page;
use crate::state::AppState;

/// A client that sends an ID token of the account that is signed in here ends the session at once. Anybody else could be a
/// malicious page: then a person has to confirm.
#[get("/oauth/logout")]
pub async fn logout(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    let parameters = Parameters::parse(request.query_string().as_bytes());
    let hint = match parameters.get("id_token_hint") {
        Some(token) => id_token::read_hint(&state, token).await?,
        None => None,
    };
    let client_id = parameters.get("client_id");
    let hint = hint.filter(|hint| client_id.is_none_or(|id| id == hint.aud));
    let client_id = client_id.or(hint.as_ref().map(|hint| hint.aud.as_str()));
    let return_to = return_to(&state, client_id, &parameters).await?;
    let session = session::current(&request, &state).await?;
    match (&session, &hint) {
        (None, _) => {}
        (Some(session), Some(hint)) if is_hinted(&state, session, hint).await? => {}
        _ => {
            let values = context! { query => request.query_string() };
            let mut page = form::show(&request, &state, "sign_out.html", values, None)?;
            if let Some(url) = &return_to {
                page::may_lead_to(page.headers_mut(), url);
            }
            return Ok(page);
        }
    }
    signed_out(&request, &state, return_to).await
}

/// The fields of the confirmation page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignOutForm {
    token: String,
    /// Query string of the request.
    request: String,
}

#[post("/oauth/logout")]
pub async fn confirm(
    request: HttpRequest,
    form: Form<SignOutForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    if !form::is_ours(&request, &state, &form.token) {
        let text = "Cette demande ne vient pas de nos pages\u{a0}: vous êtes toujours connecté.";
        return page::message(&state, StatusCode::FORBIDDEN, "Déconnexion impossible", text);
    }
    let parameters = Parameters::parse(form.request.as_bytes());
    let return_to = return_to(&state, parameters.get("client_id"), &parameters).await?;
    signed_out(&request, &state, return_to).await
}

async fn signed_out(request: &HttpRequest, state: &AppState, return_to: Option<String>) -> Result<HttpResponse> {
    let cookie = session::close(request, state).await?;
    let mut response = match return_to {
        Some(url) => page::see_other(&url),
        None => page::message(state, StatusCode::OK, "Vous êtes déconnecté", "À bientôt sur DataPass.")?,
    };
    response.add_cookie(&cookie).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(response)
}

/// Whether the hint names the account that is signed in.
async fn is_hinted(state: &AppState, session: &ProviderSession, hint: &IdTokenHint) -> Result<bool> {
    let account_id = session.account_id;
    let account = state.db.read(move |connection| Ok(account::find(connection, account_id)?)).await?;
    Ok(account.sub == hint.sub)
}

/// The `post_logout_redirect_uri`, if the client has registered it.
async fn return_to(state: &AppState, client_id: Option<&str>, parameters: &Parameters) -> Result<Option<String>> {
    let (Some(client_id), Some(wanted)) = (client_id, parameters.get("post_logout_redirect_uri")) else {
        return Ok(None);
    };
    let client = client::find(state, client_id).await?;
    if !client.is_some_and(|client| client.post_logout_redirect_uris.iter().any(|known| known == wanted)) {
        return Ok(None);
    }
    let url = match parameters.get("state") {
        Some(value) => Url::parse_with_params(wanted, [("state", value)]),
        None => Url::parse(wanted),
    };
    Ok(url.ok().map(String::from))
}
