//! One's own account: personal information, e-mail address, password, second factor, sessions, deletion.

mod deletion;
pub(super) mod email;
mod pages;
pub(super) mod password;
pub mod password_hash;
pub(super) mod password_policy;
mod personal_information;
pub(super) mod reauthentication;
mod recovery_codes;
pub(super) mod second_factor;
pub(super) mod sessions;
mod totp;

use actix_web::web::ServiceConfig;

/// The page of the account: the application's, which leads to those of this module and where they lead back.
pub const PATH: &str = "/mon-compte";

/// The page of the personal information.
pub const PERSONAL_PATH: &str = "/users/personal-information";

/// The page of the second factor.
pub const SECOND_FACTOR_PATH: &str = "/users/account/second-factor";

/// Registers the pages.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(pages::show)
        .service(personal_information::pages::show_form)
        .service(personal_information::pages::submit)
        .service(email::pages::show_form)
        .service(email::pages::submit)
        .service(password::pages::show_form)
        .service(password::pages::submit)
        .service(second_factor::pages::show)
        .service(second_factor::pages::begin)
        .service(second_factor::pages::show_key)
        .service(second_factor::pages::confirm)
        .service(second_factor::pages::show_turn_off)
        .service(second_factor::pages::turn_off)
        .service(recovery_codes::pages::show_form)
        .service(recovery_codes::pages::submit)
        .service(deletion::pages::show_form)
        .service(deletion::pages::submit);
}
