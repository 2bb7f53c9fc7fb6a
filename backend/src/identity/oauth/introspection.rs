//! Token introspection (RFC 7662) and revocation (RFC 7009).
//!
//! A client learns of its own tokens only: those of others are inactive.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde_json::{Value, json};

use super::endpoint;
use super::error::OAuthError;
use crate::connection::types::now;
use crate::error::Result;
use crate::models::{access_token, account, refresh_token};
use crate::secret;
use crate::state::AppState;

#[post("/oauth/token/introspection")]
pub async fn introspect(request: HttpRequest, body: web::Bytes, state: web::Data<AppState>) -> Result<HttpResponse> {
    let (client, parameters) = match endpoint::authenticate(&request, &body, &state).await? {
        Ok((client, _)) if !client.is_registered => return Ok(OAuthError::InvalidClient.response()),
        Ok(read) => read,
        Err(error) => return Ok(error.response()),
    };
    let Some(token) = parameters.get("token") else {
        return Ok(OAuthError::InvalidRequest("token is missing").response());
    };
    let (hash, issuer) = (secret::hash(token), state.public_url.clone());
    let answer = state.db.read(move |connection| {
        let now = now().naive_utc();
        let access = access_token::find(connection, &hash, now)?.filter(|token| token.client_id == client.id);
        let (account_id, scope, expires_at, is_access) = match access {
            Some(token) => (token.account_id, token.scope, token.expires_at, true),
            None => match refresh_token::find(connection, &hash, &client.id, now)? {
                Some((account_id, scope, expires_at)) => (account_id, scope, expires_at, false),
                None => return Ok(json!({ "active": false })),
            },
        };
        let mut answer = json!({
            "active": true,
            "iss": issuer,
            "client_id": client.id,
            "sub": account::find(connection, account_id)?.sub,
            "scope": scope,
            "exp": expires_at.and_utc().timestamp(),
        });
        if let Some(answer) = answer.as_object_mut().filter(|_| is_access) {
            answer.insert("token_type".to_owned(), Value::from("Bearer"));
        }
        Ok(answer)
    });
    Ok(endpoint::uncached(StatusCode::OK).json(answer.await?))
}

/// A refresh token goes with all its family; an access token alone. The answer is the same whether there was anything to
/// revoke (RFC 7009 § 2.2).
#[post("/oauth/token/revocation")]
pub async fn revoke(request: HttpRequest, body: web::Bytes, state: web::Data<AppState>) -> Result<HttpResponse> {
    let (client, parameters) = match endpoint::authenticate(&request, &body, &state).await? {
        Ok(read) => read,
        Err(error) => return Ok(error.response()),
    };
    let Some(token) = parameters.get("token") else {
        return Ok(OAuthError::InvalidRequest("token is missing").response());
    };
    let hash = secret::hash(token);
    let revoked = state.db.write(move |connection| {
        let now = now().naive_utc();
        if let Some(family) = refresh_token::family(connection, &hash, &client.id)? {
            refresh_token::revoke_family(connection, &family, now)?;
        }
        Ok(access_token::revoke(connection, &hash, &client.id, now)?)
    });
    revoked.await?;
    Ok(endpoint::uncached(StatusCode::OK).finish())
}
