//! The organisations that an account speaks for: joining, leaving, choosing one, and moderation by administrators.

mod join;
mod moderation;
mod pages;
pub(super) mod select;
mod webmail;

use actix_web::web::ServiceConfig;

use crate::connection::AnyConnection;
use crate::error::Result;
use crate::ids::AccountId;
use crate::models::{account, membership, user};

/// The page of the organisations.
pub const PATH: &str = "/users/organizations";

/// Where an organisation is joined.
pub const JOIN_PATH: &str = "/users/join-organization";

/// Where an organisation is left.
pub const LEAVE_PATH: &str = "/users/leave-organization";

/// Where the organisation to speak for is chosen.
pub const SELECT_PATH: &str = "/users/select-organization";

/// Has DataPass know the organisations of an account at once, without another sign-in.
fn update_user(connection: &mut AnyConnection, account_id: AccountId) -> Result<()> {
    let Some(user_id) = account::user_of(connection, account_id)? else { return Ok(()) };
    let organizations = membership::organizations(connection, account_id)?;
    Ok(user::set_organizations(connection, user_id, &organizations)?)
}

/// Registers the pages.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(pages::show)
        .service(pages::leave)
        .service(join::pages::show_form)
        .service(join::pages::submit)
        .service(select::pages::show_form)
        .service(select::pages::submit)
        .service(moderation::pages::show_list)
        .service(moderation::pages::submit);
}
