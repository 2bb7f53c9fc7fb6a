//! Signing in and out with the OpenID provider, and who is signed in.

use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::http::header;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, get, post, web};
use chrono::TimeDelta;
use openidconnect::url::{Position, Url};
use serde::{Deserialize, Serialize};
use shared::api::Session;
use shared::organization::MembershipSource;
use utoipa::{IntoParams, ToSchema};

use super::input::Query;
use crate::auth::cookie;
use crate::auth::session::Opened;
use crate::auth::sign_in::{self, SignIn};
use crate::auth::{self, OptionalActor};
use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::identity;
use crate::ids::UserId;
use crate::models::user::{self, Profile};
use crate::models::{account, ban, membership};
use crate::outbound::oidc::claims::Identity;
use crate::outbound::oidc::{Expected, Failure};
use crate::page::see_other;
use crate::secret;
use crate::state::AppState;
use crate::trail;

/// What a provider may refuse with (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6).
const REFUSALS: [&str; 11] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
];

/// How long somebody may take to sign out at the provider.
const SIGN_OUT_LIFETIME: Duration = Duration::minutes(60);

/// Hash of the `state` that a sign-out at the provider brings back.
const SIGN_OUT_COOKIE: &str = "datapass_sign_out";

/// Query of `GET /api/sign_in`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Start {
    /// Page to come back to: a path of DataPass.
    #[serde(default)]
    return_to: String,
    /// How many seconds ago, at most, they may have shown who they are: else they must once more.
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_i64)]
    max_age: Option<u32>,
    /// The browser was already sent to the public address once.
    #[serde(default)]
    #[param(ignore)]
    moved: bool,
}

/// Starts to sign in: to be opened by the browser, not called by a script.
#[utoipa::path(
    summary = "Se connecter\u{a0}: adresse à ouvrir dans le navigateur",
    operation_id = "sign_in",
    tag = "Connexion",
    params(Start),
    responses((status = 303, description = "To the identity provider"))
)]
#[get("/sign_in")]
pub async fn start(
    request: HttpRequest,
    Query(query): Query<Start>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    if !query.moved
        && let Some(url) = public_address(&request, &state)
    {
        return Ok(see_other(&url));
    }
    let departure = match state.oidc.departure(query.max_age).await {
        Ok(departure) => departure,
        Err(failure) => return Ok(failed(&state, &failure)),
    };
    let sign_in = SignIn {
        nonce: departure.nonce,
        pkce_verifier: departure.pkce_verifier,
        return_to: local_path(&query.return_to).to_owned(),
        left_at: now(),
        max_age: query.max_age,
    };
    let mut response = see_other(&departure.url);
    for cookie in sign_in::keep(&request, &state, &departure.state, &sign_in)? {
        set_cookie(&mut response, &cookie)?;
    }
    Ok(response)
}

/// Query of `GET /api/sign_in/callback`: what the provider sends back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Callback {
    /// The code to exchange.
    code: Option<String>,
    /// What was sent.
    #[serde(default)]
    state: String,
    /// Who answers (RFC 9207).
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Where the identity provider sends the browser back.
#[utoipa::path(
    summary = "Retour du fournisseur d’identité",
    operation_id = "sign_in_callback",
    tag = "Connexion",
    params(Callback),
    responses((status = 303, description = "To the page that one was coming from, signed in; or home, with an error"))
)]
#[get("/sign_in/callback")]
pub async fn callback(
    request: HttpRequest,
    Query(query): Query<Callback>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let over = sign_in::over(&state, &query.state);
    let mut response = match sign_in::returned(&request, &state, &query.state, now()) {
        Some(sign_in) => come_back(&request, &state, query, sign_in).await?,
        // Back to the sign-in page and once more, perhaps: there is nothing left to do.
        None if is_signed_in(&request, &state).await? => return Ok(see_other(&absolute(&state, "/"))),
        None => return Ok(failed(&state, &Failure("unknown state, or another browser, or too late".to_owned()))),
    };
    set_cookie(&mut response, &over)?;
    Ok(response)
}

/// Signs in whoever comes back.
async fn come_back(request: &HttpRequest, state: &AppState, answer: Callback, sign_in: SignIn) -> Result<HttpResponse> {
    let return_to = sign_in.return_to.clone();
    let identity = match identity(state, answer, sign_in).await {
        Ok(identity) => identity,
        Err(failure) => return Ok(failed(state, &failure)),
    };
    let (id_token, second_factor) = (identity.id_token.clone(), identity.second_factor);
    let authenticated_at = identity.authenticated_at.map(|at| at.naive_utc());
    let user_id = remember(state, identity).await?;
    if let Some(old) = auth::session::id_of(request, state) {
        auth::session::close(state, &old).await?;
    }
    trail::by(user_id, None);
    trail::about(user_id);
    if state.db.read(move |connection| Ok(ban::is_banned(connection, user_id)?)).await? {
        trail::name("session.refused");
        trail::denied();
        return suspended(request, state, user_id).await;
    }
    let mut response = see_other(&absolute(state, &return_to));
    let device = auth::session::device_of(request);
    let opened = Opened { id_token: &id_token, second_factor, authenticated_at, device };
    set_cookie(&mut response, &auth::session::open(state, user_id, opened).await?)?;
    Ok(response)
}

/// Sends somebody who is kept out to the page that says why: it knows by a session that has ended before it began.
async fn suspended(request: &HttpRequest, state: &AppState, user_id: UserId) -> Result<HttpResponse> {
    let device = auth::session::device_of(request);
    let cookie = auth::session::open(state, user_id, Opened { device, ..Opened::default() }).await?;
    state.db.write(move |connection| Ok(ban::end_sessions(connection, &[user_id], now().naive_utc())?)).await?;
    let mut response = see_other(&absolute(state, "/compte-suspendu"));
    set_cookie(&mut response, &cookie)?;
    Ok(response)
}

/// Where to go to be signed out everywhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedOut {
    /// Address for the browser: the provider's, which ends its own session and sends back here.
    location: String,
}

/// Signs out, and says where to sign out at the provider too.
#[utoipa::path(
    summary = "Se déconnecter",
    tag = "Connexion",
    responses(
        (status = 200, body = SignedOut),
        (status = 303, description = "Pour le formulaire d’une page\u{a0}: vers cette adresse")
    )
)]
#[post("/sign_out")]
pub async fn end(
    request: HttpRequest,
    OptionalActor(signed): OptionalActor,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    if let Some(signed) = signed {
        trail::about(signed.user.id);
    }
    let home = absolute(&state, "/");
    let Some(id) = auth::session::id_of(&request, &state) else {
        return Ok(left_to(&request, home));
    };
    let (id_token, cookie) = auth::session::close(&state, &id).await?;
    let location = match id_token {
        None => None,
        Some(id_token) => state.oidc.end_session_url(&id_token).await.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "signed out here, but not at the provider");
            None
        }),
    };
    let (location, returned) = location.unzip();
    let mut response = left_to(&request, location.unwrap_or(home));
    set_cookie(&mut response, &cookie)?;
    if let Some(returned) = returned {
        let returned = secret::hash(&returned);
        set_cookie(&mut response, &cookie::new(&state, SIGN_OUT_COOKIE, returned, Some(SIGN_OUT_LIFETIME)))?;
    }
    Ok(response)
}

/// Tells where to go: the application in JSON, the form of a page by sending the browser there. The form cannot remove the
/// drafts that the application kept in the browser as the application does, hence the header.
fn left_to(request: &HttpRequest, location: String) -> HttpResponse {
    if request.content_type() != "application/x-www-form-urlencoded" {
        return HttpResponse::Ok().json(SignedOut { location });
    }
    let mut response = see_other(&location);
    let storage = header::HeaderValue::from_static("\"storage\"");
    response.headers_mut().insert(header::HeaderName::from_static("clear-site-data"), storage);
    response
}

/// Query of `GET /api/sign_out/callback`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SignedOutCallback {
    /// What was sent.
    #[serde(default)]
    state: String,
}

/// Where the identity provider sends the browser back once its session has ended.
#[utoipa::path(
    summary = "Retour du fournisseur d’identité après la déconnexion",
    operation_id = "sign_out_callback",
    tag = "Connexion",
    params(SignedOutCallback),
    responses((status = 303, description = "Home"))
)]
#[get("/sign_out/callback")]
pub async fn signed_out(
    request: HttpRequest,
    Query(query): Query<SignedOutCallback>,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    // Nothing hangs on it: who is still signed in stays so.
    if cookie::read(&request, &state, SIGN_OUT_COOKIE).is_none_or(|sent| sent != secret::hash(&query.state)) {
        tracing::warn!("the provider’s sign-out came back with a state that was not sent");
    }
    let mut response = see_other(&absolute(&state, "/"));
    set_cookie(&mut response, &cookie::expired(&state, SIGN_OUT_COOKIE))?;
    Ok(response)
}

/// Who is signed in.
#[utoipa::path(
    summary = "Savoir qui est connecté",
    tag = "Connexion", responses((status = 200, body = Session))
)]
#[get("/session")]
pub async fn session(
    request: HttpRequest,
    OptionalActor(signed): OptionalActor,
    state: web::Data<AppState>,
) -> Result<HttpResponse> {
    let suspension = if signed.is_none() { suspension(&request, &state).await? } else { None };
    Ok(HttpResponse::Ok().json(Session { suspension, ..identity::describe_session(&state, signed).await? }))
}

/// Why the session that the browser shows has ended, where its owner was suspended.
async fn suspension(request: &HttpRequest, state: &AppState) -> Result<Option<String>> {
    let Some(id) = auth::session::id_of(request, state) else { return Ok(None) };
    state.db.read(move |connection| Ok(ban::reason_in(connection, &secret::hash(&id))?)).await
}

async fn is_signed_in(request: &HttpRequest, state: &AppState) -> Result<bool> {
    match auth::session::id_of(request, state) {
        Some(id) => Ok(auth::session::find(state, &id).await?.is_some()),
        None => Ok(false),
    }
}

/// Who the provider says it is.
async fn identity(state: &AppState, answer: Callback, sign_in: SignIn) -> std::result::Result<Identity, Failure> {
    state.oidc.check_issuer(answer.iss.as_deref())?;
    match (answer.code, answer.error) {
        (Some(code), None) => {
            let SignIn { nonce, pkce_verifier, left_at, max_age, .. } = sign_in;
            let not_before = max_age.map(|seconds| left_at - TimeDelta::seconds(i64::from(seconds)));
            state.oidc.identity(code, Expected { nonce, pkce_verifier, not_before }).await
        }
        (_, Some(error)) => {
            // Anybody can write this address: only what the standard names goes to the log.
            let known = REFUSALS.into_iter().find(|known| *known == error);
            let code = known.unwrap_or("an error of its own");
            Err(Failure(format!("the provider answers {code}")))
        }
        (None, None) => Err(Failure("the provider answers without a code".to_owned())),
    }
}

/// Stores what the provider says of them; returns our number for them.
async fn remember(state: &AppState, identity: Identity) -> Result<UserId> {
    let profile = Profile {
        issuer: identity.issuer,
        sub: identity.sub,
        email: identity.email,
        email_verified: identity.email_verified,
        given_name: identity.given_name,
        family_name: identity.family_name,
        phone_number: identity.phone_number,
        job: identity.job,
    };
    let mut organizations = identity.organizations;
    let remember = move |connection: &mut AnyConnection| {
        if profile.issuer == EMBEDDED_ISSUER
            && let Some(account) = account::find_by_sub(connection, &profile.sub)?
        {
            // What waits for a decision is told to no service but this one.
            let known = membership::organizations(connection, account.id)?;
            organizations.extend(known.into_iter().filter(|one| one.source == MembershipSource::Pending));
        }
        Ok(user::upsert(connection, &profile, &organizations, now().naive_utc())?)
    };
    state.db.write(remember).await
}

/// Sends home, where the page says that signing in failed. Why is for the log.
fn failed(state: &AppState, failure: &Failure) -> HttpResponse {
    tracing::warn!(%failure, "somebody could not sign in");
    see_other(&absolute(state, "/?erreur=connexion"))
}

/// The same address at the public name, for who came by another: cookies would not match. Once: behind a proxy that
/// hides the name, it would never end.
fn public_address(request: &HttpRequest, state: &AppState) -> Option<String> {
    let mut url = Url::parse(&state.public_url).ok()?;
    let info = request.connection_info();
    let host = info.host();
    let public = &url[Position::BeforeHost..Position::AfterPort];
    let with_port = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
    if host.eq_ignore_ascii_case(public) || host.eq_ignore_ascii_case(&with_port) {
        return None;
    }
    url.set_path(request.path());
    url.set_query(Some(request.query_string()).filter(|query| !query.is_empty()));
    url.query_pairs_mut().append_pair("moved", "true");
    Some(url.into())
}

/// A path of ours, or home. Browsers take `//host` and `/\host` for other sites, and skip tabs and line breaks; they write no
/// quotation mark, which would take more place in the cookie.
fn local_path(text: &str) -> &str {
    let is_plain = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(['\\', '"'])
        && !text.chars().any(char::is_control)
        && text.len() <= 2_000;
    if is_plain { text } else { "/" }
}

/// The address of a path of ours. Never a bare path: the browser would have to be trusted to read it as we do.
fn absolute(state: &AppState, path: &str) -> String {
    let home = || format!("{}/", state.public_url);
    match (Url::parse(&state.public_url), Url::parse(&format!("{}{path}", state.public_url))) {
        (Ok(public), Ok(url)) if url.origin() == public.origin() => url.into(),
        _ => home(),
    }
}

/// Lets the browser keep a cookie.
///
/// # Errors
/// It cannot be written.
pub fn set_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<()> {
    response.add_cookie(cookie).map_err(|error| Error::Internal(format!("a cookie cannot be set: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_our_own_pages_only() {
        for path in ["/", "/demandes/42?onglet=historique#messages", "/a//b"] {
            assert_eq!(local_path(path), path);
        }
        for path in [
            "",
            "demandes",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\"",
        ] {
            assert_eq!(local_path(path), "/", "{path}");
        }
    }
}
