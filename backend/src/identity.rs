//! The embedded OpenID provider, used when no other issuer is configured.
//!
//! Its endpoints, its pages, its accounts' passwords. [`crate::clients::oidc`] signs people in with it as with any
//! other, and other services may too.
//!
//! OpenID Connect Core 1.0 with the authorization code flow alone, as RFC 9700 wants it: PKCE S256 always, exact
//! redirect URIs, `iss` in the answer (RFC 9207), codes that serve once. Everything is in the database but the count of
//! failed passwords, so any number of processes may serve.

pub mod account;
mod authorization;
mod authorize;
mod client;
mod discovery;
mod form;
mod id_token;
mod introspection;
pub mod keys;
mod logout;
mod oauth_error;
mod parameters;
mod session;
mod sign_in;
mod throttle;
mod token;
mod userinfo;

use actix_web::web::ServiceConfig;

/// Registers the provider's endpoints and pages.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(discovery::configuration)
        .service(discovery::jwks)
        .service(authorize::authorize)
        .service(sign_in::show_form)
        .service(sign_in::submit)
        .service(token::exchange)
        .service(introspection::introspect)
        .service(introspection::revoke)
        .service(userinfo::userinfo)
        .service(logout::logout)
        .service(logout::confirm);
}
