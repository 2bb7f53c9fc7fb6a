//! `/oauth/authorize`: a client sends somebody here to sign in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::Duration;

use super::authorization::{Authorization, Detour, Prompt, Refusal};
use super::next::Next;
use super::parameters::Parameters;
use super::{client, second_factor, session};
use crate::app::State;
use crate::auth::secret;
use crate::db::types::now;
use crate::error::Result;
use crate::models::membership::{self, Membership};
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
    if authorization.detours.contains(&Detour::SignUp) {
        return Ok(page::see_other(&authorization.by_way_of(Detour::SignUp)));
    }
    let session = session::current(&request, &state).await?;
    match session.filter(|session| authorization.accepts(session.authenticated_at, now().naive_utc())) {
        Some(session) => grant(&state, &authorization, query, session).await,
        None if authorization.prompt == Prompt::Never => Ok(page::see_other(&authorization.needs("login_required"))),
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

/// Gives the client, whose request is `query`, a code for who has just signed in or need not do it again. First leads them
/// to set up the second factor that they must have, and to the pages that are wanted on the way.
pub async fn grant(
    state: &State,
    authorization: &Authorization,
    query: &str,
    session: Session,
) -> Result<HttpResponse> {
    if second_factor::is_owed(state, &session).await? {
        return Ok(match authorization.prompt {
            Prompt::Never => page::see_other(&authorization.needs("login_required")),
            Prompt::IfNeeded | Prompt::Always => {
                page::see_other(&Next::new(query.to_owned()).after(second_factor::PATH))
            }
        });
    }
    let wanted = authorization.detours.iter().find(|detour| **detour != Detour::SignUp).copied();
    if let Some(detour) = wanted {
        return Ok(page::see_other(&authorization.by_way_of(detour)));
    }
    if authorization.names_organization() && has_to_choose(state, &session).await? {
        return Ok(page::see_other(&match authorization.prompt {
            Prompt::Never => authorization.needs("interaction_required"),
            Prompt::IfNeeded | Prompt::Always => authorization.by_way_of(Detour::Organization),
        }));
    }
    let code = secret::new()?;
    let now = now().naive_utc();
    let row = NewCode {
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
    state.db.write(move |connection| Ok(provider::insert_code(connection, &row, now)?)).await?;
    Ok(page::see_other(&authorization.granted(&code)))
}

/// Whether somebody has several organisations, and has not yet said in this browser which one they speak for.
async fn has_to_choose(state: &State, session: &Session) -> Result<bool> {
    let account_id = session.account_id;
    let members = state.db.read(move |connection| Ok(membership::of(connection, account_id)?)).await?;
    Ok(members.len() > 1 && current(&members, session.siret.as_deref()).is_none())
}

/// The organisation that somebody speaks for: the one that they chose, as long as it is theirs, or the only one.
pub fn current<'a>(members: &'a [Membership], chosen: Option<&str>) -> Option<&'a Membership> {
    match members {
        [only] => Some(only),
        _ => members.iter().find(|member| Some(member.siret.as_str()) == chosen),
    }
}
