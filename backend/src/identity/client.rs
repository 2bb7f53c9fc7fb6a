//! The services that may sign people in with the provider: DataPass itself, and those that administrators let in; and how
//! a service shows that it is who it says.

use actix_web::HttpRequest;
use actix_web::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openidconnect::url::form_urlencoded;
use shared::client::{AuthMethod, SCOPES, Userinfo};

use super::parameters::Parameters;
use crate::app::State;
use crate::auth::secret;
use crate::clients::oidc::{CALLBACK_PATH, CLIENT_ID, SIGNED_OUT_PATH};
use crate::error::Result;
use crate::models::client::{self, Row};

/// A service that may sign people in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name in requests.
    pub id: String,
    /// Where codes may be sent: compared as strings (RFC 9700 § 2.1).
    pub redirect_uris: Vec<String>,
    /// Where one may go after signing out: likewise.
    pub post_logout_redirect_uris: Vec<String>,
    /// What it may be told.
    pub scopes: Vec<String>,
    /// Whether it wants userinfo signed.
    pub signs_userinfo: bool,
    /// Whether an administrator let it in: it has a secret then. DataPass itself has none, PKCE stands for it.
    pub is_registered: bool,
}

impl Client {
    /// What it gets of what it asks for. A scope that is unknown, or not for it, is passed over (OpenID Connect Core
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

/// The client of that name.
pub async fn find(state: &State, id: &str) -> Result<Option<Client>> {
    if id == CLIENT_ID {
        return Ok(Some(built_in(&state.public_url)));
    }
    Ok(row(state, id).await?.map(described))
}

/// Why a client is not believed.
#[derive(Clone, Copy, Debug)]
pub enum Doubt {
    /// It shows who it is in two ways (RFC 6749 § 2.3).
    TwoWays,
    /// It is unknown, or its secret is wrong, or stands where it does not belong.
    Unproven,
}

/// The client that sends a request to an endpoint of its own.
pub async fn authenticate(
    request: &HttpRequest,
    parameters: &Parameters,
    state: &State,
) -> Result<std::result::Result<Client, Doubt>> {
    let (id, shown) = match shown(request, parameters) {
        Ok(shown) => shown,
        Err(doubt) => return Ok(Err(doubt)),
    };
    let client = match (id, shown) {
        (Some(id), None) if id == CLIENT_ID => Some(built_in(&state.public_url)),
        // No row has that name: DataPass with a secret takes itself for another.
        (Some(id), Some((method, secret))) => {
            let row = row(state, &id).await?;
            let known = |row: &Row| {
                let known = [Some(row.secret_hash.as_str()), row.previous_secret_hash.as_deref()];
                row.auth_method.0 == method && secret::is_one_of(&secret, known)
            };
            row.filter(known).map(described)
        }
        _ => None,
    };
    Ok(client.ok_or(Doubt::Unproven))
}

/// Who a client says it is, and the secret that it shows, with the way in which it does.
type Shown = (Option<String>, Option<(AuthMethod, String)>);

/// What a request shows of its client, unread.
pub fn shown(request: &HttpRequest, parameters: &Parameters) -> std::result::Result<Shown, Doubt> {
    match (basic(request), parameters.get("client_secret")) {
        (Some(_), Some(_)) => Err(Doubt::TwoWays),
        (Some(None), None) => Err(Doubt::Unproven),
        (Some(Some((id, secret))), None) => {
            if parameters.get("client_id").is_some_and(|other| other != id) {
                return Err(Doubt::TwoWays);
            }
            Ok((Some(id), Some((AuthMethod::Basic, secret))))
        }
        (None, shown) => {
            let shown = shown.map(|secret| (AuthMethod::Post, secret.to_owned()));
            Ok((parameters.get("client_id").map(str::to_owned), shown))
        }
    }
}

async fn row(state: &State, id: &str) -> Result<Option<Row>> {
    let id = id.to_owned();
    state.db.read(move |connection| Ok(client::find(connection, &id)?)).await
}

fn described(row: Row) -> Client {
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
