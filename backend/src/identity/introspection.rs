//! What a client asks of its tokens: whether they still serve (RFC 7662), and that they no longer do (RFC 7009).
//!
//! A client learns of its own tokens only: to anybody else they do not exist.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde_json::{Value, json};

use super::oauth_error::{self, Refusal};
use crate::app::State;
use crate::auth::secret;
use crate::db::types::now;
use crate::error::Result;
use crate::models::{account, provider, refresh_token};

#[post("/oauth/token/introspection")]
pub async fn introspect(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> Result<HttpResponse> {
    let (client, parameters) = match oauth_error::read(&request, &body, &state).await? {
        Ok((client, _)) if !client.is_registered => return Ok(Refusal::InvalidClient.answer()),
        Ok(read) => read,
        Err(refusal) => return Ok(refusal.answer()),
    };
    let Some(token) = parameters.get("token") else {
        return Ok(Refusal::InvalidRequest("token is missing").answer());
    };
    let (hash, issuer) = (secret::hash(token), state.public_url.clone());
    let told = state.db.read(move |connection| {
        let now = now().naive_utc();
        let access = provider::find_token(connection, &hash, now)?.filter(|token| token.client_id == client.id);
        let (account_id, scope, expires_at, is_access) = match access {
            Some(token) => (token.account_id, token.scope, token.expires_at, true),
            None => match refresh_token::find(connection, &hash, &client.id, now)? {
                Some((account_id, scope, expires_at)) => (account_id, scope, expires_at, false),
                None => return Ok(json!({ "active": false })),
            },
        };
        let mut told = json!({
            "active": true,
            "iss": issuer,
            "client_id": client.id,
            "sub": account::find(connection, account_id)?.sub,
            "scope": scope,
            "exp": expires_at.and_utc().timestamp(),
        });
        if let Some(told) = told.as_object_mut().filter(|_| is_access) {
            told.insert("token_type".to_owned(), Value::from("Bearer"));
        }
        Ok(told)
    });
    Ok(oauth_error::uncached(StatusCode::OK).json(told.await?))
}

/// A refresh token goes with all its family; an access token alone. The answer is the same whether there was anything to
/// revoke (RFC 7009 § 2.2).
#[post("/oauth/token/revocation")]
pub async fn revoke(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> Result<HttpResponse> {
    let (client, parameters) = match oauth_error::read(&request, &body, &state).await? {
        Ok(read) => read,
        Err(refusal) => return Ok(refusal.answer()),
    };
    let Some(token) = parameters.get("token") else {
        return Ok(Refusal::InvalidRequest("token is missing").answer());
    };
    let hash = secret::hash(token);
    let revoked = state.db.write(move |connection| {
        let now = now().naive_utc();
        if let Some(family) = refresh_token::family(connection, &hash, &client.id)? {
            refresh_token::revoke_family(connection, &family, now)?;
        }
        Ok(provider::revoke_token(connection, &hash, &client.id, now)?)
    });
    revoked.await?;
    Ok(oauth_error::uncached(StatusCode::OK).finish())
}
