//! Access tokens of third-party tools: JWTs that last ten minutes (RFC 9068), signed with the provider's keys, whoever
//! signs people in.
//!
//! A token says which tool it is for and what that may do. Whether the tool, its owner and the key still are what they
//! were is asked at each request, so that nothing revoked lives on.

use actix_web::{HttpRequest, web};
use chrono::Duration;
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use shared::access::ApiScope;
use shared::user::User;
use uuid::Uuid;

use super::access::{self, Access};
use crate::app::State;
use crate::audit;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::{Error, Result};
use crate::identity::{id_token, keys};
use crate::models::{api_client, user};

/// How long a token may be used.
pub const LIFETIME: Duration = Duration::minutes(10);

/// What the header of a token says that it is: no other token of ours says that.
pub const KIND: &str = "at+jwt";

/// What a token says (RFC 9068 § 2.2).
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who gives it.
    pub iss: String,
    /// What it is for.
    pub aud: String,
    /// The tool.
    pub sub: String,
    /// The tool again, as the RFC has it.
    pub client_id: String,
    /// What it may do.
    pub scope: String,
    /// Since when.
    pub iat: i64,
    /// Until when.
    pub exp: i64,
    /// Its own number.
    pub jti: String,
}

impl Claims {
    /// Those of a token that is given now.
    pub fn new(state: &State, client_id: &str, scope: String) -> Self {
        let now = now();
        Self {
            iss: state.public_url.clone(),
            aud: audience(state),
            sub: client_id.to_owned(),
            client_id: client_id.to_owned(),
            scope,
            iat: now.timestamp(),
            exp: (now + LIFETIME).timestamp(),
            jti: Uuid::new_v4().to_string(),
        }
    }
}

fn audience(state: &State) -> String {
    format!("{}/api", state.public_url)
}

/// Signs a token.
///
/// # Errors
/// There is no key; the database's.
pub async fn sign(state: &State, claims: Claims) -> Result<String> {
    id_token::signed(state, KIND, claims).await
}

/// The owner of the tool that sends a request with that token, if it may do so there.
///
/// # Errors
/// The token is worth nothing (401); the tool may not come there (403); the database's.
pub async fn owner(request: &HttpRequest, state: &web::Data<State>, token: &str) -> Result<User> {
    let (shared, token) = (state.clone(), token.to_owned());
    let (user, claims) = state.db.read(move |c| read(c, &shared, &token)).await?.ok_or(Error::InvalidToken)?;
    audit::by(user.id, None);
    match access::to(request.method().as_str(), &request.match_pattern().unwrap_or_default()) {
        Access::Tool(scope) if claims.scope.split(' ').any(|given| given == scope.as_str()) => Ok(user),
        Access::Tool(scope) => Err(Error::MissingScope(scope)),
        Access::Anybody | Access::Session => {
            Err(Error::Forbidden("Cette adresse n’est pas ouverte aux outils\u{a0}: appelez-la sans jeton.".to_owned()))
        }
    }
}

fn read(connection: &mut AnyConnection, state: &State, token: &str) -> Result<Option<(User, Claims)>> {
    let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
    let (Some(kid), true) = (header.kid, header.typ.is_some_and(|kind| kind.eq_ignore_ascii_case(KIND))) else {
        return Ok(None);
    };
    let Some(key) = keys::verifying(state, connection, &kid)? else { return Ok(None) };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 0;
    validation.set_issuer(&[&state.public_url]);
    validation.set_audience(&[audience(state)]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    let Ok(token) = jsonwebtoken::decode::<Claims>(token, &key, &validation) else { return Ok(None) };
    let claims = token.claims;
    let Some(client) = api_client::find(connection, &claims.client_id)? else { return Ok(None) };
    Ok(user::find_welcome(connection, client.user_id)?.map(|user| (user, claims)))
}

/// The scopes that a tool asks for, of those that it has; all of them where it names none.
pub fn granted(has: &[ApiScope], asked: Option<&str>) -> Option<String> {
    let Some(asked) = asked else {
        let all: Vec<&str> = has.iter().map(|scope| scope.as_str()).collect();
        return Some(all.join(" "));
    };
    let is_given = |name: &str| name.parse().is_ok_and(|scope: ApiScope| has.contains(&scope));
    asked.split(' ').all(is_given).then(|| asked.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_gets_of_its_scopes_what_it_asks_for() {
        let both = ApiScope::ALL;
        assert_eq!(granted(both, None).unwrap(), "enrollments:read enrollments:write");
        assert_eq!(granted(both, Some("enrollments:write")).unwrap(), "enrollments:write");
        assert_eq!(granted(&[ApiScope::EnrollmentsRead], Some("enrollments:read enrollments:write")), None);
        assert_eq!(granted(both, Some("everything")), None);
    }
}
