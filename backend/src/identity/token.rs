//! `/oauth/token`: a client exchanges a code, or a refresh token, for tokens.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{Duration, NaiveDateTime};
use serde_json::json;

use super::authorization::is_base64url;
use super::client::Client;
use super::id_token::{self, Subject};
use super::oauth_error::{self, Refusal};
use super::parameters::Parameters;
use crate::app::State;
use crate::auth::secret;
use crate::db::AnyConnection;
use crate::db::types::now;
use crate::error::Result;
use crate::models::account;
use crate::models::provider::{self, NewToken};
use crate::models::refresh_token::{self, NewRefreshToken};

/// How long an access token may be used.
const TOKEN_LIFETIME: Duration = Duration::minutes(10);

/// How long after a sign-in tokens may be refreshed, however often.
const REFRESH_LIFETIME: Duration = Duration::days(30);

/// The scope that lets a client come back without the person.
const OFFLINE: &str = "offline_access";

#[post("/oauth/token")]
pub async fn exchange(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> Result<HttpResponse> {
    let (client, parameters) = match oauth_error::read(&request, &body, &state).await? {
        Ok(read) => read,
        Err(refusal) => return Ok(refusal.answer()),
    };
    let asked = match Asked::read(&client, &parameters) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal.answer()),
    };
    let (access_token, refresh_token) = (secret::new()?, secret::new()?);
    let hashes = Hashes { access: secret::hash(&access_token), refresh: secret::hash(&refresh_token) };
    let now = now().naive_utc();
    let granted = state.db.write(move |connection| match asked {
        Asked::Code(asked) => for_code(connection, client, &asked, hashes, now),
        Asked::Refresh(asked) => for_refresh_token(connection, &client, asked, hashes, now),
    });
    let granted = match granted.await? {
        Ok(granted) => granted,
        Err(refusal) => return Ok(refusal.answer()),
    };
    let id_token = id_token::sign(&state, granted.subject, &access_token, now).await?;
    let mut answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME.num_seconds(),
        "scope": granted.scope,
        "id_token": id_token,
    });
    if let Some(answer) = answer.as_object_mut().filter(|_| granted.is_refreshable) {
        answer.insert("refresh_token".to_owned(), refresh_token.into());
    }
    Ok(oauth_error::uncached(StatusCode::OK).json(answer))
}

/// A well-formed request.
enum Asked {
    Code(AskedByCode),
    Refresh(AskedByRefresh),
}

struct AskedByCode {
    code_hash: String,
    redirect_uri: String,
    code_verifier: String,
}

struct AskedByRefresh {
    token_hash: String,
    scope: Option<String>,
}

impl Asked {
    fn read(client: &Client, parameters: &Parameters) -> std::result::Result<Self, Refusal> {
        use Refusal::InvalidRequest;

        let get = |name: &str| parameters.get(name).map(str::to_owned);
        match parameters.get("grant_type") {
            Some("authorization_code") => {}
            Some("refresh_token") if client.is_registered => {
                let token = get("refresh_token").ok_or(InvalidRequest("refresh_token is missing"))?;
                return Ok(Self::Refresh(AskedByRefresh { token_hash: secret::hash(&token), scope: get("scope") }));
            }
            Some(_) => return Err(Refusal::UnsupportedGrantType),
            None => return Err(InvalidRequest("grant_type is missing")),
        }
        let code_verifier = get("code_verifier").ok_or(InvalidRequest("code_verifier is missing (PKCE)"))?;
        let is_unreserved = |byte: u8| is_base64url(byte) || byte == b'.' || byte == b'~';
        if !(43..=128).contains(&code_verifier.len()) || !code_verifier.bytes().all(is_unreserved) {
            return Err(InvalidRequest("code_verifier must be 43 to 128 unreserved characters"));
        }
        Ok(Self::Code(AskedByCode {
            code_hash: secret::hash(&get("code").ok_or(InvalidRequest("code is missing"))?),
            redirect_uri: get("redirect_uri").ok_or(InvalidRequest("redirect_uri is missing"))?,
            code_verifier,
        }))
    }
}

/// Hashes of the tokens to give.
struct Hashes {
    access: String,
    refresh: String,
}

struct Granted {
    subject: Subject,
    scope: String,
    is_refreshable: bool,
}

type Answer = Result<std::result::Result<Granted, Refusal>>;

/// Uses the code up, whether or not it then proves good: who has it without its verifier has stolen it. A code that
/// comes back revokes what it gave, since one of the two who had it is a thief.
fn for_code(
    connection: &mut AnyConnection,
    client: Client,
    asked: &AskedByCode,
    hashes: Hashes,
    now: NaiveDateTime,
) -> Answer {
    let Some(code) = provider::consume_code(connection, &asked.code_hash, &client.id, now)? else {
        let revoked = refresh_token::revoke_family(connection, &asked.code_hash, now)?;
        if revoked > 0 {
            tracing::warn!(revoked, client = client.id, "an authorization code was used twice");
        }
        return Ok(Err(Refusal::InvalidGrant));
    };
    if code.expires_at <= now
        || code.redirect_uri != asked.redirect_uri
        || code.code_challenge != secret::hash(&asked.code_verifier)
    {
        return Ok(Err(Refusal::InvalidGrant));
    }
    let is_refreshable = code.scope.split(' ').any(|scope| scope == OFFLINE);
    if is_refreshable {
        let token = NewRefreshToken {
            token_hash: hashes.refresh,
            code_hash: asked.code_hash.clone(),
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
    let token = NewToken {
        token_hash: hashes.access,
        code_hash: asked.code_hash.clone(),
        client_id: client.id.clone(),
        account_id: code.account_id,
        scope: code.scope.clone(),
        siret: code.siret,
        expires_at: now + TOKEN_LIFETIME,
    };
    provider::insert_token(connection, &token, now)?;
    let subject = Subject {
        sub: account::find(connection, code.account_id)?.sub,
        client_id: client.id,
        nonce: code.nonce,
        authenticated_at: code.authenticated_at,
        second_factor: code.second_factor,
    };
    Ok(Ok(Granted { subject, scope: code.scope, is_refreshable }))
}

/// Uses the refresh token up and gives the next one (RFC 9700 § 4.14.2): one that comes back revokes the whole family,
/// since one of the two who had it is a thief. The family ends when it would have ended anyway.
fn for_refresh_token(
    connection: &mut AnyConnection,
    client: &Client,
    asked: AskedByRefresh,
    hashes: Hashes,
    now: NaiveDateTime,
) -> Answer {
    // Whoever asks for too much keeps the token.
    if let (Some(wanted), Some((_, has, _))) =
        (&asked.scope, refresh_token::find(connection, &asked.token_hash, &client.id, now)?)
        && !wanted.split(' ').all(|scope| has.split(' ').any(|known| known == scope))
    {
        return Ok(Err(Refusal::InvalidScope));
    }
    let Some(used) = refresh_token::consume(connection, &asked.token_hash, &client.id, now)? else {
        if let Some(family) = refresh_token::family(connection, &asked.token_hash, &client.id)? {
            let revoked = refresh_token::revoke_family(connection, &family, now)?;
            tracing::warn!(revoked, client = client.id, "a refresh token was used twice");
        }
        return Ok(Err(Refusal::InvalidGrant));
    };
    if client.granted(OFFLINE).is_empty() {
        return Ok(Err(Refusal::InvalidGrant));
    }
    // What the client may no longer be told, it is no longer told.
    let scope = client.granted(asked.scope.as_deref().unwrap_or(&used.scope));
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
    let token = NewToken {
        token_hash: hashes.access,
        code_hash: used.code_hash,
        client_id: client.id.clone(),
        account_id: used.account_id,
        scope: scope.clone(),
        siret: used.siret,
        expires_at: now + TOKEN_LIFETIME,
    };
    provider::insert_token(connection, &token, now)?;
    let subject = Subject {
        sub: account::find(connection, used.account_id)?.sub,
        client_id: client.id.clone(),
        nonce: String::new(),
        authenticated_at: used.authenticated_at,
        second_factor: used.second_factor,
    };
    Ok(Ok(Granted { subject, scope, is_refreshable: true }))
}
