//! The way to the OpenID provider that signs people in: we are its relying party. The authorization code flow with
//! PKCE, `state` and `nonce`; nothing of it ever reaches the front end.
//!
//! The embedded provider ([`crate::identity`]) is reached like any other: one path to audit.

pub mod claims;
mod http;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope,
    SignatureVerificationError, TokenResponse,
};
use shared::client::AuthMethod;
use thiserror::Error;
use tokio::sync::Mutex;

use self::claims::Identity;
use self::http::Http;
use crate::config::{Config, EMBEDDED_ISSUER};

/// What we are to the embedded provider: a client that needs no registration.
pub const CLIENT_ID: &str = "datapass";

/// Where a provider sends people back, under the public URL.
pub const CALLBACK_PATH: &str = "/api/sign_in/callback";

/// Where a provider sends people back once they are signed out.
pub const SIGNED_OUT_PATH: &str = "/api/sign_out/callback";

/// How much later or earlier it may be at the provider.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// How long what the provider says of itself is believed.
const DISCOVERY_LIFETIME: Duration = Duration::from_secs(3600);
/// How often an unknown signing key makes us ask again.
const KEYS_MIN_INTERVAL: Duration = Duration::from_secs(60);
/// How long it is not asked again after it did not answer: those who wait for the answer must not wait in turn.
const FAILURE_LIFETIME: Duration = Duration::from_secs(5);

/// Why signing in with the provider failed, for the log: nothing personal, no token.
#[derive(Clone, Debug, Error)]
#[error("{0}")]
pub struct Failure(pub String);

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The OpenID provider.
pub struct Provider {
    issuer: IssuerUrl,
    is_embedded: bool,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    redirect_uri: RedirectUrl,
    after_sign_out: PostLogoutRedirectUrl,
    scopes: Option<Vec<String>>,
    auth_method: Option<AuthMethod>,
    pkce: bool,
    signed_userinfo: bool,
    claim_names: BTreeMap<String, String>,
    extra_params: Vec<(String, String)>,
    http: Http,
    known: Mutex<Known>,
}

/// What is known of the provider.
#[derive(Default)]
struct Known {
    discovered: Option<Discovered>,
    failed: Option<(Instant, Failure)>,
}

#[derive(Clone)]
struct Discovered {
    metadata: Arc<ProviderMetadataWithLogout>,
    at: Instant,
}

/// Where to send a browser to sign in, and what must be remembered until it comes back.
pub struct Departure {
    /// The provider's address, with everything that it must know.
    pub url: String,
    /// What comes back in the address.
    pub state: String,
    /// What the ID token must repeat.
    pub nonce: String,
    /// What proves that the code comes from who asked for it.
    pub pkce_verifier: String,
}

/// What an answer of the provider must go with.
pub struct Expected {
    /// What the ID token must repeat.
    pub nonce: String,
    /// What proves that the code comes from who asked for it.
    pub pkce_verifier: String,
    /// Since when the person must have shown who they are, where that was asked for.
    pub not_before: Option<DateTime<Utc>>,
}

impl Provider {
    /// The provider that `config` names; the embedded one, which listens on `port`, where it names none. Nothing is
    /// asked of it yet.
    ///
    /// # Errors
    /// An address that is none.
    pub fn new(config: &Config, public_url: &str, port: u16) -> anyhow::Result<Self> {
        let (issuer, client_id, client_secret) = match &config.oidc {
            Some(oidc) => (oidc.issuer.as_str(), oidc.client_id.as_str(), Some(oidc.client_secret.clone())),
            None => (public_url, CLIENT_ID, None),
        };
        let is_embedded = config.oidc.is_none();
        Ok(Self {
            issuer: IssuerUrl::new(issuer.to_owned())
                .with_context(|| format!("OIDC_ISSUER «\u{a0}{issuer}\u{a0}» n’est pas une adresse"))?,
            is_embedded,
            client_id: ClientId::new(client_id.to_owned()),
            client_secret: client_secret.map(ClientSecret::new),
            redirect_uri: RedirectUrl::new(format!("{public_url}{CALLBACK_PATH}"))
                .with_context(|| format!("PUBLIC_URL «\u{a0}{public_url}\u{a0}» n’est pas une adresse"))?,
            after_sign_out: PostLogoutRedirectUrl::new(format!("{public_url}{SIGNED_OUT_PATH}"))?,
            scopes: config.oidc.as_ref().and_then(|oidc| oidc.scopes.clone()),
            auth_method: config.oidc.as_ref().and_then(|oidc| oidc.auth_method),
            pkce: config.oidc.as_ref().is_none_or(|oidc| oidc.pkce),
            signed_userinfo: config.oidc.as_ref().is_some_and(|oidc| oidc.signed_userinfo),
            claim_names: config.oidc.as_ref().map(|oidc| oidc.claims.clone()).unwrap_or_default(),
            extra_params: config.oidc.as_ref().map(|oidc| oidc.extra_params.clone()).unwrap_or_default(),
            http: if is_embedded { Http::to_ourselves(public_url, &config.host, port)? } else { Http::outwards()? },
            known: Mutex::default(),
        })
    }

    /// Starts a sign-in. Who showed who they are more than `max_age` seconds ago must once more.
    ///
    /// # Errors
    /// The provider does not say how it wants to be asked.
    pub async fn departure(&self, max_age: Option<u32>) -> Result<Departure, Failure> {
        let metadata = self.discovered().await?.metadata;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(&metadata);
        // 256 bits each; ProConnect wants at least 32 characters.
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new_random_len(32),
                || Nonce::new_random_len(32),
            )
            .add_scopes(self.scopes(&metadata).into_iter().map(Scope::new));
        if self.pkce {
            request = request.set_pkce_challenge(challenge);
        }
        if let Some(seconds) = max_age {
            request = request.set_max_age(Duration::from_secs(seconds.into()));
        }
        for (name, value) in self.extra_params.iter().filter(|(name, _)| max_age.is_none() || name != "max_age") {
            request = request.add_extra_param(name, value);
        }
        let (url, state, nonce) = request.url();
        Ok(Departure {
            url: url.into(),
            state: state.into_secret(),
            nonce: nonce.secret().to_owned(),
            pkce_verifier: verifier.into_secret(),
        })
    }

    /// Checks the `iss` that comes back with a code, where there is one (RFC 9207).
    ///
    /// # Errors
    /// It is another provider's.
    pub fn check_issuer(&self, iss: Option<&str>) -> Result<(), Failure> {
        match iss {
            Some(iss) if iss != self.issuer.as_str() => {
                Err(Failure("the answer comes from another issuer than the one that was asked".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Exchanges a code for who signed in: the ID token is verified, then the provider is asked what it knows of them.
    ///
    /// # Errors
    /// The provider refuses the code, or what it says cannot be believed.
    pub async fn identity(&self, code: String, expected: Expected) -> Result<Identity, Failure> {
        let discovered = self.discovered().await?;
        let client = self.client(&discovered.metadata);
        let call = |request| self.http.call(request);
        let mut request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| Failure("the provider has no token endpoint".to_owned()))?;
        if self.pkce {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(expected.pkce_verifier));
        }
        let tokens = request.request_async(&call).await.map_err(|error| http::token_failure(&error))?;
        let id_token = tokens.id_token().ok_or_else(|| Failure("the provider gave no ID token".to_owned()))?;
        let nonce = Nonce::new(expected.nonce);
        let verified = match verify(&client, id_token, tokens.access_token(), &nonce) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let client = self.client(&self.rediscovered(&discovered).await?.metadata);
                verify(&client, id_token, tokens.access_token(), &nonce)
            }
            verified => verified,
        }
        .map_err(|error| http::chain("the ID token is not acceptable", &error))?;
        // RFC 8176.
        let showed = |method: &str| matches!(method, "otp" | "mfa" | "hwk" | "swk");
        let second_factor = verified.auth_method_refs().into_iter().flatten().any(|method| showed(method.as_str()));
        let authenticated_at = authenticated_at(verified, expected.not_before)?;
        let subject = verified.subject().clone();
        let claims = client
            .user_info(tokens.access_token().clone(), Some(subject))
            .map_err(|_| Failure("the provider has no userinfo endpoint".to_owned()))?
            .require_signed_response(self.signed_userinfo)
            .request_async(&call)
            .await
            .map_err(|error| http::userinfo_failure(&error))?;
        let issuer = if self.is_embedded { EMBEDDED_ISSUER } else { self.issuer.as_str() };
        let identity = claims::identity(issuer, id_token.to_string(), &claims, &self.claim_names)?;
        Ok(Identity { second_factor, authenticated_at, ..identity })
    }

    /// Where to send a browser so that the session at the provider ends too, if the provider offers that; and the `state`
    /// that comes back.
    ///
    /// # Errors
    /// The provider does not say how it wants to be asked, or the ID token is unreadable.
    pub async fn end_session_url(&self, id_token: &str) -> Result<Option<(String, String)>, Failure> {
        let metadata = self.discovered().await?.metadata;
        let Some(endpoint) = metadata.additional_metadata().end_session_endpoint.clone() else { return Ok(None) };
        let id_token: CoreIdToken =
            id_token.parse().map_err(|_| Failure("the ID token of the session is unreadable".to_owned()))?;
        // ProConnect wants at least 32 characters.
        let state = CsrfToken::new_random_len(32);
        let url = LogoutRequest::from(endpoint)
            .set_id_token_hint(&id_token)
            .set_client_id(self.client_id.clone())
            .set_post_logout_redirect_uri(self.after_sign_out.clone())
            .set_state(state.clone())
            .http_get_url();
        Ok(Some((url.into(), state.into_secret())))
    }

    /// What to ask for, beside `openid`.
    fn scopes(&self, metadata: &ProviderMetadataWithLogout) -> Vec<String> {
        if let Some(scopes) = &self.scopes {
            return scopes.iter().filter(|scope| *scope != "openid").cloned().collect();
        }
        let supported = metadata.scopes_supported().map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect());
        claims::scopes(supported).into_iter().map(str::to_owned).collect()
    }

    fn client(&self, metadata: &ProviderMetadataWithLogout) -> Client {
        let auth_type = match (self.auth_method, metadata.token_endpoint_auth_methods_supported()) {
            (Some(AuthMethod::Post), _) => AuthType::RequestBody,
            (None, Some(methods))
                if !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                    && methods.contains(&CoreClientAuthMethod::ClientSecretPost) =>
            {
                AuthType::RequestBody
            }
            _ => AuthType::BasicAuth,
        };
        CoreClient::from_provider_metadata(metadata.clone(), self.client_id.clone(), self.client_secret.clone())
            .set_auth_type(auth_type)
            .set_redirect_uri(self.redirect_uri.clone())
    }

    /// What the provider says of itself. One caller asks, the others wait for the answer.
    async fn discovered(&self) -> Result<Discovered, Failure> {
        let mut known = self.known.lock().await;
        match &known.discovered {
            Some(discovered) if discovered.at.elapsed() < DISCOVERY_LIFETIME => return Ok(discovered.clone()),
            _ => {}
        }
        let failure = match &known.failed {
            Some((at, failure)) if at.elapsed() < FAILURE_LIFETIME => failure.clone(),
            _ => match self.discover().await {
                Ok(discovered) => return Ok(known.discovered.insert(discovered).clone()),
                Err(failure) => {
                    tracing::warn!(%failure, "the OpenID provider does not say how it wants to be asked");
                    known.failed = Some((Instant::now(), failure.clone()));
                    failure
                }
            },
        };
        // What it said an hour ago is better than nothing.
        known.discovered.clone().ok_or(failure)
    }

    /// Asks again because a signing key is unknown, unless that was done a moment ago.
    async fn rediscovered(&self, seen: &Discovered) -> Result<Discovered, Failure> {
        let mut known = self.known.lock().await;
        match &known.discovered {
            Some(newer) if newer.at > seen.at => Ok(newer.clone()),
            Some(recent) if recent.at.elapsed() < KEYS_MIN_INTERVAL => Ok(recent.clone()),
            _ => Ok(known.discovered.insert(self.discover().await?).clone()),
        }
    }

    async fn discover(&self) -> Result<Discovered, Failure> {
        let call = |request| self.http.call(request);
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &call)
            .await
            .map_err(|error| http::discovery_failure(&error))?;
        Ok(Discovered { metadata: Arc::new(metadata), at: Instant::now() })
    }
}

/// When the person showed who they are, if the provider says so; it must where it was asked for (OpenID Connect Core 1.0,
/// 3.1.2.1).
fn authenticated_at(
    claims: &CoreIdTokenClaims,
    not_before: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>, Failure> {
    let failure = |text: &str| Err(Failure(text.to_owned()));
    match (claims.auth_time(), not_before) {
        (Some(at), _) if at > Utc::now() + SKEW => failure("auth_time comes from the future"),
        (Some(at), Some(not_before)) if at < not_before - SKEW => failure("auth_time is older than was asked for"),
        (None, Some(_)) => failure("the ID token has no auth_time, though max_age asked for it"),
        (at, _) => Ok(at),
    }
}

/// Signature, issuer, audience, times and nonce of the ID token; and that the access token is the one that it was given
/// with.
fn verify<'a>(
    client: &Client,
    id_token: &'a CoreIdToken,
    access_token: &AccessToken,
    nonce: &Nonce,
) -> Result<&'a CoreIdTokenClaims, ClaimsVerificationError> {
    let other = |error: &dyn std::error::Error| ClaimsVerificationError::Other(error.to_string());
    let verifier: CoreIdTokenVerifier<'_> = client
        .id_token_verifier()
        // Keys that only the provider has: with a shared secret (HS256), we could forge what we verify.
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256])
        .set_issue_time_verifier_fn(|issued_at| {
            let latest = Utc::now() + SKEW;
            if issued_at <= latest { Ok(()) } else { Err("it comes from the future".to_owned()) }
        });
    let claims = id_token.claims(&verifier, nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = id_token.signing_alg().map_err(|error| other(&error))?;
        let key = id_token.signing_key(&verifier).map_err(|error| other(&error))?;
        let actual = AccessTokenHash::from_token(access_token, algorithm, key).map_err(|error| other(&error))?;
        if actual != *expected {
            return Err(ClaimsVerificationError::Other("the access token is another one's".to_owned()));
        }
    }
    Ok(claims)
}
