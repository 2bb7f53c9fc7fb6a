//! `/oauth/authorize`: a client sends somebody here to sign in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::Duration;

use super::authorization::{Authorization, Prompt, Refusal};
use super::next::Next;
use super::parameters::Parameters;
use super::{client, second_factor, session};
use crate::app::State;
use crate::auth::secret;
use crate::db::types::now;
use crate::error::Result;
use crate::models::provider::{self, NewCode, Session};
use crate::page;

/// How long a code may be used.
const CODE_LIFETIME: Duration = Duration::seconds(60);

#[get("/oauth/authorize")]
pub async fn authorize(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let query = request.query_string();
    let authorization = match read(&state, query).await? {
        Ok(authorization) => authorization,
        Err(refusal) => return refused(&state, refusal),
    };
    let session = session::current(&request, &state).await?;
    match session.filter(|session| authorization.accepts(session.authenticated_at, now().naive_utc())) {
        Some(session) => grant(&state, &authorization, query, session).await,
        None if authorization.prompt == Prompt::Never => Ok(page::see_other(&authorization.login_required())),
        None => Ok(page::see_other(&format!("/connexion?{query}"))),
    }
}

/// Reads the query string of a request, and finds who sends it.
pub async fn read(state: &State, query: &str) -> Result<std::result::Result<Authorization, Refusal>> {
    let parameters = Parameters::parse(query.as_bytes());
    let client = match parameters.get("client_id") {
        Some(id) => client::find(state, id).await?,
        None => None,
    };
    Ok(Authorization::parse(&parameters, client, &state.public_url))
}

/// What a request that cannot be followed is answered.
pub fn refused(state: &State, refusal: Refusal) -> Result<HttpResponse> {
    match refusal {
        Refusal::Here(reason) => page::message(state, StatusCode::BAD_REQUEST, "Connexion impossible", reason),
        Refusal::Redirect(url) => Ok(page::see_other(&url)),
    }
}

/// Gives the client, whose request is `query`, a code for who has that session; or leads them to set up the second factor
/// that they must have.
pub async fn grant(
    state: &State,
    authorization: &Authorization,
    query: &str,
    session: Session,
) -> Result<HttpResponse> {
    if second_factor::is_owed(state, session).await? {
        return Ok(match authorization.prompt {
            Prompt::Never => page::see_other(&authorization.login_required()),
            _ => page::see_other(&Next::new(query.to_owned()).after(second_factor::PATH)),
        });
    }
    let code = secret::new()?;
    let now = now().naive_utc();
    let row = NewCode {
        code_hash: secret::hash(&code),
        client_id: authorization.client.id.clone(),
        account_id: session.account_id,
        redirect_uri: authorization.redirect_uri.clone(),
        scope: authorization.scope.clone(),
        nonce: authorization.nonce.clone(),
        code_challenge: authorization.code_challenge.clone(),
        authenticated_at: session.authenticated_at,
        second_factor: session.second_factor,
        expires_at: now + CODE_LIFETIME,
    };
    state.db.write(move |connection| Ok(provider::insert_code(connection, &row, now)?)).await?;
    Ok(page::see_other(&authorization.granted(&code)))
}
