//! Access tokens of third-party tools: JWTs that last ten minutes (RFC 9068), signed with the provider's keys, whoever
//! signs people in.
//!
//! A token names its tool and scopes. Whether tool, owner and key are still valid is checked at each request, so that a
//! revocation has effect at once.

use chrono::Duration;
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use shared::access::ApiScope;
use uuid::Uuid;

use super::access::Access;
use super::session::requires_second_factor;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::session::Signed;
use crate::models::{api_client, user};
use crate::signing;
use crate::state::AppState;
use crate::trail;

/// How long a token is valid.
pub const LIFETIME: Duration = Duration::minutes(10);

/// The `typ` of its header, which no other token of ours has.
pub const KIND: &str = "at+jwt";

/// The claims of a token (RFC 9068 § 2.2).
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The API.
    pub aud: String,
    /// The tool.
    pub sub: String,
    /// The tool again, as the RFC has it.
    pub client_id: String,
    pub scope: String,
    /// When it was issued.
    pub iat: i64,
    /// When it expires.
    pub exp: i64,
    /// Its unique id.
    pub jti: String,
}

impl Claims {
    /// The claims of a token issued now.
    pub fn new(state: &AppState, client_id: &str, scope: String) -> Self {
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

fn audience(state: &AppState) -> String {
    format!("{}/api", state.public_url)
}

/// Signs a token.
///
/// # Errors
/// There is no key; the database's.
pub async fn sign(state: &AppState, claims: Claims) -> Result<String> {
    signing::signed(state, KIND, claims).await
}

/// The owner of the tool whose token a request carries, if the endpoint accepts the tool.
///
/// # Errors
/// The token is invalid (401); the endpoint does not accept the tool (403); the database's.
pub fn owner(connection: &mut AnyConnection, state: &AppState, token: &str, accepted: Access) -> Result<Signed> {
    let (signed, claims) = read(connection, state, token)?.ok_or(Error::InvalidToken)?;
    trail::by(UserId::of(&signed.user), None);
    match accepted {
        Access::Tool(scope) if claims.scope.split(' ').any(|given| given == scope.as_str()) => Ok(signed),
        Access::Tool(scope) => Err(Error::MissingScope(scope)),
        Access::Anybody | Access::Session => {
            Err(Error::Forbidden("Cette adresse n’est pas ouverte aux outils\u{a0}: appelez-la sans jeton.".to_owned()))
        }
    }
}

fn read(connection: &mut AnyConnection, state: &AppState, token: &str) -> Result<Option<(Signed, Claims)>> {
    let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
    let (Some(kid), true) = (header.kid, header.typ.is_some_and(|kind| kind.eq_ignore_ascii_case(KIND))) else {
        return Ok(None);
    };
    let Some(key) = signing::verifying(state, connection, &kid)? else { return Ok(None) };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 0;
    validation.set_issuer(&[&state.public_url]);
    validation.set_audience(&[audience(state)]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    let Ok(token) = jsonwebtoken::decode::<Claims>(token, &key, &validation) else { return Ok(None) };
    let claims = token.claims;
    let Some(client) = api_client::find(connection, &claims.client_id)? else { return Ok(None) };
    let lacks_factor = requires_second_factor(state) && !client.second_factor;
    Ok(user::find_welcome(connection, client.user_id)?.map(|user| {
        let signed = Signed { user, impersonation: None, session: None, lacks_second_factor: false };
        (if lacks_factor { signed.without_roles() } else { signed }, claims)
    }))
}

/// The scopes that a tool asks for, if it has them all; all of its own where it names none.
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
