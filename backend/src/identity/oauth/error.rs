//! Errors of the endpoints that clients call themselves (RFC 6749 § 5.2).

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::client::InvalidCredentials;
use super::endpoint::uncached;

/// The body of an error (RFC 6749, 5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthProblem {
    /// `invalid_request`, `invalid_client`, `invalid_scope`, `unsupported_grant_type` or `temporarily_unavailable`.
    error: &'static str,
    /// For the developer of the client, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'static str>,
}

impl OAuthProblem {
    /// One that has a name and is explained.
    pub const fn new(error: &'static str, why: &'static str) -> Self {
        Self { error, error_description: Some(why) }
    }

    const fn named(error: &'static str) -> Self {
        Self { error, error_description: None }
    }
}

/// An error, as RFC 6749 names it.
#[derive(Clone, Copy, Debug)]
pub enum OAuthError {
    /// Something is missing or malformed; the text is for the developer of the client.
    InvalidRequest(&'static str),
    /// The client is unknown, or its credentials are wrong.
    InvalidClient,
    /// The code or the refresh token is invalid, expired or revoked.
    InvalidGrant,
    /// The scope exceeds the one that was granted.
    InvalidScope,
    /// The grant type is not supported.
    UnsupportedGrantType,
}

impl OAuthError {
    /// The response.
    pub fn response(self) -> HttpResponse {
        let (status, body) = match self {
            Self::InvalidRequest(why) => (StatusCode::BAD_REQUEST, OAuthProblem::new("invalid_request", why)),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, OAuthProblem::named("invalid_client")),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, OAuthProblem::named("invalid_grant")),
            Self::InvalidScope => (StatusCode::BAD_REQUEST, OAuthProblem::named("invalid_scope")),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, OAuthProblem::named("unsupported_grant_type")),
        };
        let mut response = uncached(status);
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"datapass\""));
        }
        response.json(body)
    }
}

impl From<InvalidCredentials> for OAuthError {
    fn from(invalid: InvalidCredentials) -> Self {
        match invalid {
            InvalidCredentials::Ambiguous => Self::InvalidRequest("a client authenticates in one way"),
            InvalidCredentials::Wrong => Self::InvalidClient,
        }
    }
}
