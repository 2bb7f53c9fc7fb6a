//! OpenID Connect Discovery 1.0, and the keys that verify signatures (JWKS).

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde_json::json;

use crate::error::Result;
use crate::signing;
use crate::state::AppState;

/// Clients may cache both for five minutes.
const CACHED: &str = "public, max-age=300";

#[get("/.well-known/openid-configuration")]
pub async fn configuration(state: web::Data<AppState>) -> HttpResponse {
    let issuer = &state.public_url;
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "userinfo_endpoint": format!("{issuer}/oauth/userinfo"),
        "jwks_uri": format!("{issuer}/oauth/jwks"),
        "end_session_endpoint": format!("{issuer}/oauth/logout"),
        "introspection_endpoint": format!("{issuer}/oauth/token/introspection"),
        "revocation_endpoint": format!("{issuer}/oauth/token/revocation"),
        "scopes_supported": shared::client::SCOPES,
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "amr", "at_hash", "email", "email_verified",
            "given_name", "family_name", "job", "updated_at", "phone_number", "phone_number_verified", "organizations",
            "siret", "label", "is_external",
        ],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "userinfo_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": [
            "none", "login", "select_account", "create", "select_organization", "update_userinfo",
        ],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "ui_locales_supported": ["fr-FR"],
    });
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, CACHED)).json(document)
}

#[get("/oauth/jwks")]
pub async fn jwks(state: web::Data<AppState>) -> Result<HttpResponse> {
    let keys = signing::public(&signing::all(&state).await?)?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, CACHED)).json(keys))
}
