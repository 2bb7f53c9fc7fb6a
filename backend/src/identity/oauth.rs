//! The endpoints of OAuth 2.0 and OpenID Connect. What DataPass itself grants is called an authorisation, with an s: see
//! [`crate::models::authorisation`].
//!
//! OpenID Connect Core 1.0 with the authorization code flow alone, as RFC 9700 wants it: PKCE S256 always, exact
//! redirect URIs, `iss` in the answer (RFC 9207), codes that serve once.

pub(super) mod authorization_request;
pub(super) mod authorize;
pub(crate) mod client;
mod discovery;
pub(crate) mod endpoint;
pub(crate) mod error;
mod id_token;
mod introspection;
mod logout;
pub(super) mod parameters;
mod token;
mod userinfo;

use actix_web::web::ServiceConfig;

/// Registers the endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(discovery::configuration)
        .service(discovery::jwks)
        .service(authorize::authorize)
        .service(token::exchange)
        .service(introspection::introspect)
        .service(introspection::revoke)
        .service(userinfo::userinfo)
        .service(logout::logout)
        .service(logout::confirm);
}
