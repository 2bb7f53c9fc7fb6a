//! Where third-party tools get their access tokens: OAuth 2.0 client credentials (RFC 6749 § 4.4).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api_clients;
use crate::auth::token::{self, Claims};
use crate::connection::types::now;
use crate::error::Result;
use crate::identity::oauth::error::{OAuthError, OAuthProblem};
use crate::identity::oauth::{client, endpoint};
use crate::identity::sign_in::attempt::Attempt;
use crate::models::api_client;
use crate::state::AppState;
use crate::trail;

/// What a tool asks with. Its `client_id` and `client_secret` may stand in `Authorization: Basic` instead.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "for the document: OAuth has its own way of reading a form")]
pub struct TokenRequest {
    /// `client_credentials`.
    grant_type: String,
    /// What the tool is called.
    client_id: Option<String>,
    /// What it proves with that it is it.
    client_secret: Option<String>,
    /// What of its scopes it wants, with spaces between them; all, where it is not there.
    scope: Option<String>,
}

/// A token.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    /// To be shown as `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// For how many seconds it may be used.
    expires_in: i64,
    /// What it gives access to.
    scope: String,
}

/// Gives a tool a token. Errors are those of RFC 6749 § 5.2.
#[utoipa::path(
    summary = "Obtenir un jeton pour un outil (OAuth 2.0, client_credentials)",
    description = "`client_secret_basic` ou `client_secret_post`. Les erreurs sont celles de la RFC 6749, § 5.2. \
                   Après plusieurs secrets erronés, il faut attendre\u{a0}: 429, avec `Retry-After`.",
    tag = "Connexion",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = Token),
        (status = 400, description = "La requête ou un droit demandé n’est pas valable", body = OAuthProblem),
        (status = 401, description = "L’outil est inconnu, ou son secret est faux", body = OAuthProblem),
        (status = 429, description = "Trop de secrets erronés\u{a0}: `Retry-After` dit quand réessayer", body = OAuthProblem)
    )
)]
#[post("/oauth/token")]
pub async fn exchange(request: HttpRequest, body: web::Bytes, state: web::Data<AppState>) -> Result<HttpResponse> {
    let asked = match Asked::read(&request, &body) {
        Ok(asked) => asked,
        Err(error) => return Ok(error.response()),
    };
    let attempt = Attempt::tool(&request, &state, &asked.id);
    if let Err(wait) = attempt.begin() {
        return Ok(endpoint::uncached(StatusCode::TOO_MANY_REQUESTS)
            .insert_header((header::RETRY_AFTER, wait.as_secs() + 1))
            .json(OAuthProblem::new("temporarily_unavailable", "too many wrong secrets")));
    }
    let Some(tool) = api_clients::authenticate(&state.db, asked.id, asked.secret).await? else {
        return Ok(OAuthError::InvalidClient.response());
    };
    attempt.succeeded();
    trail::by(tool.user_id, None);
    trail::about(&tool.id);
    let Some(scope) = token::granted(&tool.scopes.0, asked.scope.as_deref()) else {
        return Ok(OAuthError::InvalidScope.response());
    };
    let claims = Claims::new(&state, &tool.id, scope.clone());
    let access_token = token::sign(&state, claims).await?;
    if !state.db.write(move |c| Ok(api_client::used(c, &tool.id, now().naive_utc())?)).await? {
        return Ok(OAuthError::InvalidClient.response());
    }
    let expires_in = token::LIFETIME.num_seconds();
    Ok(endpoint::uncached(StatusCode::OK).json(Token { access_token, token_type: "Bearer", expires_in, scope }))
}

struct Asked {
    id: String,
    secret: String,
    scope: Option<String>,
}

impl Asked {
    fn read(request: &HttpRequest, body: &[u8]) -> std::result::Result<Self, OAuthError> {
        let parameters = endpoint::read_form(request, body)?;
        match parameters.get("grant_type") {
            Some("client_credentials") => {}
            Some(_) => return Err(OAuthError::UnsupportedGrantType),
            None => return Err(OAuthError::InvalidRequest("grant_type is missing")),
        }
        let (Some(id), Some((_, secret))) = client::credentials(request, &parameters)? else {
            return Err(OAuthError::InvalidClient);
        };
        Ok(Self { id, secret, scope: parameters.get("scope").map(str::to_owned) })
    }
}
