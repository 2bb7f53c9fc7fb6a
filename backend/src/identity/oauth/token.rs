//! `/oauth/token`: a client exchanges a code, or a refresh token, for tokens.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{Duration, NaiveDateTime};
use serde_json::json;

use super::authorization_request::is_base64url;
use super::client::Client;
use super::endpoint;
use super::error::OAuthError;
use super::id_token::{self, Authentication};
use super::parameters::Parameters;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::Result;
use crate::models::access_token::{self, NewAccessToken};
use crate::models::account;
use crate::models::authorization_code;
use crate::models::refresh_token::{self, NewRefreshToken};
use crate::secret;
use crate::state::AppState;

/// How long an access token is valid.
const TOKEN_LIFETIME: Duration = Duration::minutes(10);

/// How long after a sign-in tokens may be refreshed, however often.
const REFRESH_LIFETIME: Duration = Duration::days(30);

/// The scope that grants refresh tokens.
const OFFLINE_ACCESS: &str = "offline_access";

#[post("/oauth/token")]
pub async fn exchange(request: HttpRequest, body: web::Bytes, state: web::Data<AppState>) -> Result<HttpResponse> {
    let (client, parameters) = match endpoint::authenticate(&request, &body, &state).await? {
        Ok(read) => read,
        Err(error) => return Ok(error.response()),
    };
    let grant = match Grant::read(&client, &parameters) {
        Ok(grant) => grant,
        Err(error) => return Ok(error.response()),
    };
    let (access_token, refresh_token) = (secret::new()?, secret::new()?);
    let hashes = Hashes { access: secret::hash(&access_token), refresh: secret::hash(&refresh_token) };
    let now = now().naive_utc();
    let issued = state.db.write(move |connection| match grant {
        Grant::AuthorizationCode(grant) => exchange_code(connection, client, &grant, hashes, now),
        Grant::RefreshToken(grant) => refresh(connection, &client, grant, hashes, now),
    });
    let issued = match issued.await? {
        Ok(issued) => issued,
        Err(error) => return Ok(error.response()),
    };
    let id_token = id_token::sign(&state, issued.authentication, &access_token, now).await?;
    let mut body = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME.num_seconds(),
        "scope": issued.scope,
        "id_token": id_token,
    });
    if let Some(body) = body.as_object_mut().filter(|_| issued.is_refreshable) {
        body.insert("refresh_token".to_owned(), refresh_token.into());
    }
    Ok(endpoint::uncached(StatusCode::OK).json(body))
}

/// A well-formed request, by its `grant_type`.
enum Grant {
    AuthorizationCode(CodeGrant),
    RefreshToken(RefreshGrant),
}

struct CodeGrant {
    code_hash: String,
    redirect_uri: String,
    code_verifier: String,
}

struct RefreshGrant {
    token_hash: String,
    scope: Option<String>,
}

impl Grant {
    fn read(client: &Client, parameters: &Parameters) -> std::result::Result<Self, OAuthError> {
        use OAuthError::InvalidRequest;

        let get = |name: &str| parameters.get(name).map(str::to_owned);
        match parameters.get("grant_type") {
            Some("authorization_code") => {}
            Some("refresh_token") if client.is_registered => {
                let token = get("refresh_token").ok_or(InvalidRequest("refresh_token is missing"))?;
                return Ok(Self::RefreshToken(RefreshGrant { token_hash: secret::hash(&token), scope: get("scope") }));
            }
            Some(_) => return Err(OAuthError::UnsupportedGrantType),
            None => return Err(InvalidRequest("grant_type is missing")),
        }
        let code_verifier = get("code_verifier").ok_or(InvalidRequest("code_verifier is missing (PKCE)"))?;
        let is_unreserved = |byte: u8| is_base64url(byte) || byte == b'.' || byte == b'~';
        if !(43..=128).contains(&code_verifier.len()) || !code_verifier.bytes().all(is_unreserved) {
            return Err(InvalidRequest("code_verifier must be 43 to 128 unreserved characters"));
        }
        Ok(Self::AuthorizationCode(CodeGrant {
            code_hash: secret::hash(&get("code").ok_or(InvalidRequest("code is missing"))?),
            redirect_uri: get("redirect_uri").ok_or(InvalidRequest("redirect_uri is missing"))?,
            code_verifier,
        }))
    }
}

/// Hashes of the tokens to issue.
struct Hashes {
    access: String,
    refresh: String,
}

struct Issued {
    authentication: Authentication,
    scope: String,
    is_refreshable: bool,
}

type Exchange = Result<std::result::Result<Issued, OAuthError>>;

/// Exchanges an authorization code. It is consumed even where it is then refused: who has it without its verifier has
/// stolen it. One that is used again revokes the tokens that it was exchanged for, since one of the two users is a thief.
fn exchange_code(
    connection: &mut AnyConnection,
    client: Client,
    grant: &CodeGrant,
    hashes: Hashes,
    now: NaiveDateTime,
) -> Exchange {
    let Some(code) = authorization_code::consume(connection, &grant.code_hash, &client.id, now)? else {
        let revoked = refresh_token::revoke_family(connection, &grant.code_hash, now)?;
        if revoked > 0 {
            tracing::warn!(revoked, client = client.id, "an authorization code was used twice");
        }
        return Ok(Err(OAuthError::InvalidGrant));
    };
    if code.expires_at <= now
        || code.redirect_uri != grant.redirect_uri
        || code.code_challenge != secret::hash(&grant.code_verifier)
    {
        return Ok(Err(OAuthError::InvalidGrant));
    }
    let is_refreshable = code.scope.split(' ').any(|scope| scope == OFFLINE_ACCESS);
    if is_refreshable {
        let token = NewRefreshToken {
            token_hash: hashes.refresh,
            code_hash: grant.code_hash.clone(),
            client_id: client.id.clone(),
            account_id: code.account_id,
            scope: code.scope.clone(),
            siret: code.siret.clone(),
            authenticated_at: code.authenticated_at,
            second_factor: code.second_factor,
            expires_at: now + REFRESH_LIFETIME,
        };
        refresh_token::insert(connection, &token, now)?;
    }
    let token = NewAccessToken {
        token_hash: hashes.access,
        code_hash: grant.code_hash.clone(),
        client_id: client.id.clone(),
        account_id: code.account_id,
        scope: code.scope.clone(),
        siret: code.siret,
        expires_at: now + TOKEN_LIFETIME,
    };
    access_token::insert(connection, &token, now)?;
    let authentication = Authentication {
        sub: account::find(connection, code.account_id)?.sub,
        client_id: client.id,
        nonce: code.nonce,
        authenticated_at: code.authenticated_at,
        second_factor: code.second_factor,
    };
    Ok(Ok(Issued { authentication, scope: code.scope, is_refreshable }))
}

/// Consumes a refresh token and issues the next one (RFC 9700 § 4.14.2). One that is used again revokes the whole family,
/// since one of the two users is a thief. The next one expires when this one would have.
fn refresh(
    connection: &mut AnyConnection,
    client: &Client,
    grant: RefreshGrant,
    hashes: Hashes,
    now: NaiveDateTime,
) -> Exchange {
    // A request for too much does not consume the token.
    if let (Some(wanted), Some((_, has, _))) =
        (&grant.scope, refresh_token::find(connection, &grant.token_hash, &client.id, now)?)
        && !wanted.split(' ').all(|scope| has.split(' ').any(|known| known == scope))
    {
        return Ok(Err(OAuthError::InvalidScope));
    }
    let Some(used) = refresh_token::consume(connection, &grant.token_hash, &client.id, now)? else {
        if let Some(family) = refresh_token::family(connection, &grant.token_hash, &client.id)? {
            let revoked = refresh_token::revoke_family(connection, &family, now)?;
            tracing::warn!(revoked, client = client.id, "a refresh token was used twice");
        }
        return Ok(Err(OAuthError::InvalidGrant));
    };
    if client.granted(OFFLINE_ACCESS).is_empty() {
        return Ok(Err(OAuthError::InvalidGrant));
    }
    // Scopes that the client has lost meanwhile are not granted any more.
    let scope = client.granted(grant.scope.as_deref().unwrap_or(&used.scope));
    let next = NewRefreshToken {
        token_hash: hashes.refresh,
        code_hash: used.code_hash.clone(),
        client_id: client.id.clone(),
        account_id: used.account_id,
        scope: used.scope,
        siret: used.siret.clone(),
        authenticated_at: used.authenticated_at,
        second_factor: used.second_factor,
        expires_at: used.expires_at,
    };
    refresh_token::insert(connection, &next, now)?;
    let token = NewAccessToken {
        token_hash: hashes.access,
        code_hash: used.code_hash,
        client_id: client.id.clone(),
        account_id: used.account_id,
        scope: scope.clone(),
        siret: used.siret,
        expires_at: now + TOKEN_LIFETIME,
    };
    access_token::insert(connection, &token, now)?;
    let authentication = Authentication {
        sub: account::find(connection, used.account_id)?.sub,
        client_id: client.id.clone(),
        nonce: String::new(),
        authenticated_at: used.authenticated_at,
        second_factor: used.second_factor,
    };
    Ok(Ok(Issued { authentication, scope, is_refreshable: true }))
}
