//! What the endpoints that clients call themselves share: how requests are read and answered.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::client::{self, Client};
use super::error::OAuthError;
use super::parameters::Parameters;
use crate::error::Result;
use crate::state::AppState;

/// Reads the form of a request.
pub fn read_form(request: &HttpRequest, body: &[u8]) -> std::result::Result<Parameters, OAuthError> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError::InvalidRequest("the body must be application/x-www-form-urlencoded"));
    }
    let parameters = Parameters::parse(body);
    if parameters.has_invalid() {
        return Err(OAuthError::InvalidRequest("a parameter is there twice or holds a control character"));
    }
    Ok(parameters)
}

/// Reads the form of a request, and authenticates the client.
pub async fn authenticate(
    request: &HttpRequest,
    body: &[u8],
    state: &AppState,
) -> Result<std::result::Result<(Client, Parameters), OAuthError>> {
    let parameters = match read_form(request, body) {
        Ok(parameters) => parameters,
        Err(error) => return Ok(Err(error)),
    };
    let client = client::authenticate(request, &parameters, state).await?;
    Ok(client.map(|client| (client, parameters)).map_err(OAuthError::from))
}

/// A response that not even caches of HTTP/1.0 keep, as RFC 6749, 5.1 wants it.
pub fn uncached(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::PRAGMA, "no-cache"));
    response
}
