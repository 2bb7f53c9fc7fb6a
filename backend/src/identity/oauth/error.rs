//! Errors of the endpoints that clients call themselves (RFC 6749 § 5.2).

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde_json::json;

use super::client::InvalidCredentials;
use super::endpoint::uncached;

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
            Self::InvalidRequest(why) => {
                (StatusCode::BAD_REQUEST, json!({ "error": "invalid_request", "error_description": why }))
            }
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, json!({ "error": "invalid_client" })),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })),
            Self::InvalidScope => (StatusCode::BAD_REQUEST, json!({ "error": "invalid_scope" })),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, json!({ "error": "unsupported_grant_type" })),
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
