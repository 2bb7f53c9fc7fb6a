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
mod challenge;
pub(crate) mod client;
mod deletion;
mod discovery;
mod form;
pub(crate) mod id_token;
mod introspection;
mod join;
pub mod keys;
mod logout;
mod moderation;
mod next;
pub(crate) mod oauth_error;
pub(crate) mod parameters;
mod password;
mod personal;
mod proof;
mod reset;
mod second_factor;
mod second_step;
mod select_organization;
mod session;
mod settings;
mod sign_in;
mod sign_up;
pub(crate) mod throttle;
mod token;
mod totp;
mod userinfo;
mod webmail;

use actix_web::web::ServiceConfig;

pub use self::join::PATH as JOIN_PATH;
pub use self::second_factor::remove as remove_second_factor;
pub use self::settings::PATH as ACCOUNT_PATH;

/// Registers the provider's endpoints and pages.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(discovery::configuration)
        .service(discovery::jwks)
        .service(authorize::authorize)
        .service(sign_in::show_form)
        .service(sign_in::submit)
        .service(second_step::show_form)
        .service(second_step::submit)
        .service(sign_up::show_form)
        .service(sign_up::submit)
        .service(sign_up::show_code_form)
        .service(sign_up::verify)
        .service(sign_up::send_again)
        .service(reset::show_form)
        .service(reset::submit)
        .service(reset::show_password_form)
        .service(reset::change)
        .service(personal::show_form)
        .service(personal::submit)
        .service(personal::show_email_form)
        .service(personal::change_email)
        .service(settings::show)
        .service(settings::end)
        .service(settings::show_password_form)
        .service(settings::change_password)
        .service(second_factor::show)
        .service(second_factor::begin)
        .service(second_factor::show_key)
        .service(second_factor::confirm)
        .service(second_factor::show_off)
        .service(second_factor::turn_off)
        .service(second_factor::show_renew)
        .service(second_factor::renew)
        .service(deletion::show_form)
        .service(deletion::submit)
        .service(join::show_form)
        .service(join::submit)
        .service(join::list)
        .service(join::leave)
        .service(select_organization::show_form)
        .service(select_organization::submit)
        .service(moderation::list)
        .service(moderation::decide)
        .service(token::exchange)
        .service(introspection::introspect)
        .service(introspection::revoke)
        .service(userinfo::userinfo)
        .service(logout::logout)
        .service(logout::confirm);
}
