//! `/oauth/authorize`: a client sends somebody here to sign in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::Duration;

use super::authorization_request::{AuthorizationRequest, Interaction, Prompt, RequestError};
use super::client;
use super::parameters::Parameters;
use crate::connection::types::now;
use crate::error::Result;
use crate::identity::account::{SECOND_FACTOR_PATH, second_factor};
use crate::identity::destination::Destination;
use crate::identity::organization::select;
use crate::identity::session;
use crate::models::authorization_code::{self, NewAuthorizationCode};
use crate::models::membership;
use crate::models::provider_session::ProviderSession;
use crate::page;
use crate::secret;
use crate::state::AppState;

/// How long a code is valid.
const CODE_LIFETIME: Duration = Duration::seconds(60);

#[get("/oauth/authorize")]
pub async fn authorize(request: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse> {
    let query = request.query_string();
    let authorization = match read(&state, query).await? {
        Ok(authorization) => authorization,
        Err(error) => return refuse(&state, error),
    };
    if authorization.interactions.contains(&Interaction::SignUp) {
        return Ok(page::see_other(&authorization.interaction_url(Interaction::SignUp)));
    }
    let session = session::current(&request, &state).await?;
    match session.filter(|session| authorization.accepts(session.authenticated_at, now().naive_utc())) {
        Some(session) => grant(&state, &authorization, query, session).await,
        None if authorization.prompt == Prompt::Never => {
            Ok(page::see_other(&authorization.error_url("login_required")))
        }
        None => Ok(page::see_other(&format!("/connexion?{query}"))),
    }
}

/// Reads the query string of a request, and finds the client that sends it.
pub async fn read(state: &AppState, query: &str) -> Result<std::result::Result<AuthorizationRequest, RequestError>> {
    let parameters = Parameters::parse(query.as_bytes());
    let client = match parameters.get("client_id") {
        Some(id) => client::find(state, id).await?,
        None => None,
    };
    Ok(AuthorizationRequest::parse(&parameters, client, &state.public_url))
}

/// Answers an invalid request.
pub fn refuse(state: &AppState, error: RequestError) -> Result<HttpResponse> {
    match error {
        RequestError::Shown(reason) => page::message(state, StatusCode::BAD_REQUEST, "Connexion impossible", reason),
        RequestError::Redirect(url) => Ok(page::see_other(&url)),
    }
}

/// Gives the client, whose request is `query`, a code for who has just signed in or need not do it again. First leads them
/// to set up the second factor that they must have, and to the pages that the client wants shown.
pub async fn grant(
    state: &AppState,
    authorization: &AuthorizationRequest,
    query: &str,
    session: ProviderSession,
) -> Result<HttpResponse> {
    let can_interact = authorization.prompt != Prompt::Never;
    let url = if second_factor::must_be_set_up(state, &session).await? {
        if can_interact {
            Destination::new(query.to_owned()).via(SECOND_FACTOR_PATH)
        } else {
            authorization.error_url("login_required")
        }
    } else if let Some(interaction) = authorization.interactions.iter().find(|one| **one != Interaction::SignUp) {
        authorization.interaction_url(*interaction)
    } else if authorization.names_organization() && must_select_organization(state, &session).await? {
        if can_interact {
            authorization.interaction_url(Interaction::SelectOrganization)
        } else {
            authorization.error_url("interaction_required")
        }
    } else {
        authorization.code_url(&issue_code(state, authorization, session).await?)
    };
    Ok(page::see_other(&url))
}

async fn issue_code(
    state: &AppState,
    authorization: &AuthorizationRequest,
    session: ProviderSession,
) -> Result<String> {
    let code = secret::new()?;
    let now = now().naive_utc();
    let row = NewAuthorizationCode {
        code_hash: secret::hash(&code),
        client_id: authorization.client.id.clone(),
        account_id: session.account_id,
        redirect_uri: authorization.redirect_uri.clone(),
        scope: authorization.scope.clone(),
        siret: session.siret,
        nonce: authorization.nonce.clone(),
        code_challenge: authorization.code_challenge.clone(),
        authenticated_at: session.authenticated_at,
        second_factor: session.second_factor,
        expires_at: now + CODE_LIFETIME,
    };
    state.db.write(move |connection| Ok(authorization_code::insert(connection, &row, now)?)).await?;
    Ok(code)
}

/// Whether the account has several organisations, none of which was chosen in this browser.
async fn must_select_organization(state: &AppState, session: &ProviderSession) -> Result<bool> {
    let account_id = session.account_id;
    let members = state.db.read(move |connection| Ok(membership::of(connection, account_id)?)).await?;
    Ok(members.len() > 1 && select::current(&members, session.siret.as_deref()).is_none())
}
