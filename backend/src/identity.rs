//! The embedded OpenID provider, used when no other issuer is configured.
//!
//! [`crate::outbound::oidc`] signs people in with it as with any other issuer, and other services may too. One folder for
//! each thing that a person or a program comes for; in it a file `x.rs` decides, within a transaction, and `x/pages.rs`
//! shows. Everything is in the database but the count of failed passwords, so any number of processes may serve.

pub mod account;
mod context;
mod destination;
mod form;
mod known_browser;
pub(crate) mod oauth;
mod organization;
mod session;
pub(crate) mod sign_in;
mod signed_in;
mod validation;

use actix_web::web::ServiceConfig;
use shared::api::Session;

use crate::error::Result;
use crate::models::join_request;
use crate::models::session::Signed;
use crate::signing;
use crate::state::AppState;

pub use self::account::PERSONAL_PATH;
pub use self::account::second_factor::{remove as remove_second_factor, status_of as second_factor_of};
pub use self::account::sessions::{Here, end_one as end_session, end_others as end_other_sessions};
pub use self::organization::JOIN_PATH;

/// Does what the provider's keys need from time to time: seals the ones that are kept unsealed, makes the next signing key.
///
/// # Errors
/// A key cannot be opened; the database's.
pub async fn maintain_keys(state: &AppState) -> Result<()> {
    account::second_factor::seal_keys(state).await?;
    signing::tend(state).await
}

/// What a page needs to know of who is signed in, and of the place.
///
/// # Errors
/// The database's, for an administrator.
pub async fn describe_session(state: &AppState, signed: Option<Signed>) -> Result<Session> {
    let decides = state.config.oidc.is_none() && signed.as_ref().is_some_and(|one| one.user.is_administrator());
    let awaited_memberships =
        if decides { state.db.read(|connection| Ok(join_request::count_pending(connection)?)).await? } else { 0 };
    let embedded = |path: &str| state.config.oidc.is_none().then(|| path.to_owned());
    let lacks_second_factor = signed.as_ref().is_some_and(|signed| signed.lacks_second_factor);
    let (user, impersonation) = signed.map(|signed| (signed.user, signed.impersonation)).unzip();
    Ok(Session {
        user,
        impersonation: impersonation.flatten(),
        demo: state.config.demo,
        mailbox: state.keeps_mails(),
        account_url: embedded(PERSONAL_PATH),
        join_url: embedded(JOIN_PATH),
        lacks_second_factor,
        suspension: None,
        awaited_memberships,
    })
}

/// Registers the provider's endpoints and pages.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(oauth::routes)
        .configure(sign_in::routes)
        .configure(account::routes)
        .configure(organization::routes);
}
