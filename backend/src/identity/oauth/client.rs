//! OpenID clients (relying parties): DataPass itself, and the services that administrators register; and how they
//! authenticate.

use actix_web::HttpRequest;
use actix_web::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openidconnect::url::form_urlencoded;
use shared::client::{AuthMethod, SCOPES, Userinfo};

use super::parameters::Parameters;
use crate::error::Result;
use crate::models::client::{self, ClientRow};
use crate::outbound::oidc::{CALLBACK_PATH, CLIENT_ID, SIGNED_OUT_PATH};
use crate::secret;
use crate::state::AppState;

/// A client of the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// Its redirect URIs: compared as strings (RFC 9700 § 2.1).
    pub redirect_uris: Vec<String>,
    /// Its post-logout redirect URIs: likewise.
    pub post_logout_redirect_uris: Vec<String>,
    /// The scopes that it may ask for.
    pub scopes: Vec<String>,
    /// Whether it gets userinfo signed.
    pub signs_userinfo: bool,
    /// Whether an administrator registered it: it has a secret then. DataPass itself has none, and relies on PKCE.
    pub is_registered: bool,
}

impl Client {
    /// The scopes that it is granted, of those that it asks for. A scope that is unknown, or not for it, is ignored (OpenID Connect Core
    /// § 3.1.2.1).
    pub fn granted(&self, scope: &str) -> String {
        let granted: Vec<&str> =
            scope.split(' ').filter(|scope| self.scopes.iter().any(|known| known == scope)).collect();
        granted.join(" ")
    }
}

/// DataPass as a client of its own provider, which is at `issuer`.
pub fn built_in(issuer: &str) -> Client {
    Client {
        id: CLIENT_ID.to_owned(),
        redirect_uris: vec![format!("{issuer}{CALLBACK_PATH}")],
        post_logout_redirect_uris: vec![format!("{issuer}{SIGNED_OUT_PATH}")],
        scopes: SCOPES.iter().filter(|scope| **scope != "offline_access").map(|scope| (*scope).to_owned()).collect(),
        signs_userinfo: false,
        is_registered: false,
    }
}

/// The client of that id.
pub async fn find(state: &AppState, id: &str) -> Result<Option<Client>> {
    if id == CLIENT_ID {
        return Ok(Some(built_in(&state.public_url)));
    }
    Ok(row(state, id).await?.map(from_row))
}

/// Why a client is not authenticated.
#[derive(Clone, Copy, Debug)]
pub enum InvalidCredentials {
    /// There are two sets of credentials (RFC 6749 § 2.3).
    Ambiguous,
    /// The client is unknown, or its secret is wrong or sent in the wrong way.
    Wrong,
}

/// Authenticates the client that sends a request.
pub async fn authenticate(
    request: &HttpRequest,
    parameters: &Parameters,
    state: &AppState,
) -> Result<std::result::Result<Client, InvalidCredentials>> {
    let credentials = match credentials(request, parameters) {
        Ok(credentials) => credentials,
        Err(invalid) => return Ok(Err(invalid)),
    };
    let client = match credentials {
        (Some(id), None) if id == CLIENT_ID => Some(built_in(&state.public_url)),
        // No row has the id of DataPass: with a secret it is unknown.
        (Some(id), Some((method, secret))) => {
            let row = row(state, &id).await?;
            let known = |row: &ClientRow| {
                let known = [Some(row.secret_hash.as_str()), row.previous_secret_hash.as_deref()];
                row.auth_method.0 == method && secret::is_one_of(&secret, known)
            };
            row.filter(known).map(from_row)
        }
        _ => None,
    };
    Ok(client.ok_or(InvalidCredentials::Wrong))
}

/// The `client_id`, and the secret with the way in which it was sent.
type Credentials = (Option<String>, Option<(AuthMethod, String)>);

/// The credentials of a request, unchecked.
pub fn credentials(
    request: &HttpRequest,
    parameters: &Parameters,
) -> std::result::Result<Credentials, InvalidCredentials> {
    match (basic(request), parameters.get("client_secret")) {
        (Some(_), Some(_)) => Err(InvalidCredentials::Ambiguous),
        (Some(None), None) => Err(InvalidCredentials::Wrong),
        (Some(Some((id, secret))), None) => {
            if parameters.get("client_id").is_some_and(|other| other != id) {
                return Err(InvalidCredentials::Ambiguous);
            }
            Ok((Some(id), Some((AuthMethod::Basic, secret))))
        }
        (None, secret) => {
            let secret = secret.map(|secret| (AuthMethod::Post, secret.to_owned()));
            Ok((parameters.get("client_id").map(str::to_owned), secret))
        }
    }
}

async fn row(state: &AppState, id: &str) -> Result<Option<ClientRow>> {
    let id = id.to_owned();
    state.db.read(move |connection| Ok(client::find(connection, &id)?)).await
}

fn from_row(row: ClientRow) -> Client {
    Client {
        id: row.id,
        redirect_uris: row.redirect_uris.0,
        post_logout_redirect_uris: row.post_logout_redirect_uris.0,
        scopes: row.scopes.0,
        signs_userinfo: row.userinfo.0 == Userinfo::Signed,
        is_registered: true,
    }
}

/// Name and secret of an `Authorization: Basic` header, each form-encoded (RFC 6749 § 2.3.1); `Some(None)` where there is
/// a header that is not one.
fn basic(request: &HttpRequest) -> Option<Option<(String, String)>> {
    let read = |value: &str| {
        let (scheme, credentials) = value.split_once(' ')?;
        let credentials = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(credentials.trim()).ok())??;
        let credentials = String::from_utf8(credentials).ok()?;
        let (id, secret) = credentials.split_once(':')?;
        Some((form_decoded(id)?, form_decoded(secret)?))
    };
    let header = request.headers().get(header::AUTHORIZATION)?;
    Some(header.to_str().ok().and_then(read))
}

/// PostgreSQL stores no null character, and no client has one in its name.
fn form_decoded(text: &str) -> Option<String> {
    let (name, value) = form_urlencoded::parse(text.as_bytes()).next()?;
    (value.is_empty() && !name.chars().any(char::is_control)).then(|| name.into_owned())
}
