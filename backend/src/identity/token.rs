//! `/oauth/token`: a client exchanges a code for tokens.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{Duration, NaiveDateTime};
use serde_json::json;

use super::authorization::is_base64url;
use super::client::{self, Client};
use super::id_token::{self, Subject};
use super::parameters::Parameters;
use crate::app::State;
use crate::auth::secret;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account;
use crate::models::provider::{self, NewToken};

/// How long an access token may be used.
const TOKEN_LIFETIME: Duration = Duration::minutes(10);

/// Why no token is given (RFC 6749 § 5.2).
#[derive(Clone, Copy)]
enum Refusal {
    InvalidRequest(&'static str),
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
}

#[post("/oauth/token")]
pub async fn exchange(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> Result<HttpResponse> {
    let asked = match Asked::read(&request, &body, &state.public_url) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refused(refusal)),
    };
    let access_token = secret::new()?;
    let token_hash = secret::hash(&access_token);
    let now = now().naive_utc();
    let granted = state.db.write(move |connection| grant(connection, &asked, token_hash, now)).await?;
    let Some(Granted { subject, scope }) = granted else { return Ok(refused(Refusal::InvalidGrant)) };
    let id_token = id_token::sign(&state, subject, &access_token, now).await?;
    Ok(uncached(StatusCode::OK).json(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME.num_seconds(),
        "scope": scope,
        "id_token": id_token,
    })))
}

/// A well-formed request.
struct Asked {
    client: Client,
    code_hash: String,
    redirect_uri: String,
    code_verifier: String,
}

impl Asked {
    fn read(request: &HttpRequest, body: &[u8], issuer: &str) -> std::result::Result<Self, Refusal> {
        use Refusal::InvalidRequest;

        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(InvalidRequest("the body must be application/x-www-form-urlencoded"));
        }
        let parameters = Parameters::parse(body);
        if parameters.has_bad() {
            return Err(InvalidRequest("a parameter is there twice or holds a control character"));
        }
        // No client has a secret; one that shows one takes itself for another.
        if request.headers().contains_key(header::AUTHORIZATION) || parameters.get("client_secret").is_some() {
            return Err(Refusal::InvalidClient);
        }
        let client =
            parameters.get("client_id").and_then(|id| client::find(issuer, id)).ok_or(Refusal::InvalidClient)?;
        match parameters.get("grant_type") {
            Some("authorization_code") => {}
            Some(_) => return Err(Refusal::UnsupportedGrantType),
            None => return Err(InvalidRequest("grant_type is missing")),
        }
        let get = |name: &str| parameters.get(name).map(str::to_owned);
        let code_verifier = get("code_verifier").ok_or(InvalidRequest("code_verifier is missing (PKCE)"))?;
        let is_unreserved = |byte: u8| is_base64url(byte) || byte == b'.' || byte == b'~';
        if !(43..=128).contains(&code_verifier.len()) || !code_verifier.bytes().all(is_unreserved) {
            return Err(InvalidRequest("code_verifier must be 43 to 128 unreserved characters"));
        }
        Ok(Self {
            client,
            code_hash: secret::hash(&get("code").ok_or(InvalidRequest("code is missing"))?),
            redirect_uri: get("redirect_uri").ok_or(InvalidRequest("redirect_uri is missing"))?,
            code_verifier,
        })
    }
}

struct Granted {
    subject: Subject,
    scope: String,
}

/// Uses the code up, whether or not it then proves good: who has it without its verifier has stolen it. A code that
/// comes back revokes what it gave, since one of the two who had it is a thief.
fn grant(
    connection: &mut AnyConnection,
    asked: &Asked,
    token_hash: String,
    now: NaiveDateTime,
) -> Result<Option<Granted>> {
    let Some(code) = provider::consume_code(connection, &asked.code_hash, &asked.client.id, now)? else {
        let revoked = provider::revoke_tokens(connection, &asked.code_hash, now)?;
        if revoked > 0 {
            tracing::warn!(revoked, client = asked.client.id, "an authorization code was used twice");
        }
        return Ok(None);
    };
    if code.expires_at <= now
        || code.redirect_uri != asked.redirect_uri
        || code.code_challenge != secret::hash(&asked.code_verifier)
    {
        return Ok(None);
    }
    let token = NewToken {
        token_hash,
        code_hash: asked.code_hash.clone(),
        client_id: asked.client.id.clone(),
        account_id: code.account_id,
        scope: code.scope.clone(),
        expires_at: now + TOKEN_LIFETIME,
    };
    provider::insert_token(connection, &token, now)?;
    let subject = Subject {
        sub: account::find(connection, code.account_id)?.sub,
        client_id: asked.client.id.clone(),
        nonce: code.nonce,
        authenticated_at: code.authenticated_at,
    };
    Ok(Some(Granted { subject, scope: code.scope }))
}

fn refused(refusal: Refusal) -> HttpResponse {
    let (status, body) = match refusal {
        Refusal::InvalidRequest(why) => {
            (StatusCode::BAD_REQUEST, json!({ "error": "invalid_request", "error_description": why }))
        }
        Refusal::InvalidClient => (StatusCode::UNAUTHORIZED, json!({ "error": "invalid_client" })),
        Refusal::InvalidGrant => (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })),
        Refusal::UnsupportedGrantType => (StatusCode::BAD_REQUEST, json!({ "error": "unsupported_grant_type" })),
    };
    let mut response = uncached(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"datapass\""));
    }
    response.json(body)
}

fn uncached(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::PRAGMA, "no-cache"));
    response
}
