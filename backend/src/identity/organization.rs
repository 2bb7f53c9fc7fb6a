//! The organisations that an account speaks for: joining, leaving, choosing one, and moderation by administrators.

mod join;
mod moderation;
mod pages;
pub(super) mod select;
mod webmail;

use actix_web::web::ServiceConfig;

/// The page of the organisations.
pub const PATH: &str = "/users/organizations";

/// Where an organisation is joined.
pub const JOIN_PATH: &str = "/users/join-organization";

/// Where an organisation is left.
pub const LEAVE_PATH: &str = "/users/leave-organization";

/// Where the organisation to speak for is chosen.
pub const SELECT_PATH: &str = "/users/select-organization";

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
