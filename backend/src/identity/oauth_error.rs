//! What a client is told when an endpoint of its own refuses it (RFC 6749 § 5.2), and how its request is read.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::json;

use super::client::{self, Client, Doubt};
use super::parameters::Parameters;
use crate::app::State;
use crate::error::Result;

/// Why a client gets nothing.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    /// Something is missing or malformed: a word for its developer.
    InvalidRequest(&'static str),
    /// It is not who it says.
    InvalidClient,
    /// The code or the token is worth nothing.
    InvalidGrant,
    /// It asks for more than it was given.
    InvalidScope,
    /// There is no such grant.
    UnsupportedGrantType,
}

impl Refusal {
    /// The answer.
    pub fn answer(self) -> HttpResponse {
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

impl From<Doubt> for Refusal {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::TwoWays => Self::InvalidRequest("a client shows who it is in one way"),
            Doubt::Unproven => Self::InvalidClient,
        }
    }
}

/// A form that a client sends.
pub fn parameters(request: &HttpRequest, body: &[u8]) -> std::result::Result<Parameters, Refusal> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::InvalidRequest("the body must be application/x-www-form-urlencoded"));
    }
    let parameters = Parameters::parse(body);
    if parameters.has_bad() {
        return Err(Refusal::InvalidRequest("a parameter is there twice or holds a control character"));
    }
    Ok(parameters)
}

/// A form that a client sends, and which client it is.
pub async fn read(
    request: &HttpRequest,
    body: &[u8],
    state: &State,
) -> Result<std::result::Result<(Client, Parameters), Refusal>> {
    let parameters = match parameters(request, body) {
        Ok(parameters) => parameters,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let client = client::authenticate(request, &parameters, state).await?;
    Ok(client.map(|client| (client, parameters)).map_err(Refusal::from))
}

/// An answer that nobody keeps.
pub fn uncached(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::PRAGMA, "no-cache"));
    response
}
