//! Signing in, signing up, and resetting a forgotten password.

pub(crate) mod attempt;
pub(super) mod email_code;
mod first_step;
mod password_reset;
mod second_step;
mod sign_up;

use actix_web::web::ServiceConfig;

/// Registers the pages.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(first_step::pages::show_form)
        .service(first_step::pages::submit)
        .service(second_step::pages::show_form)
        .service(second_step::pages::submit)
        .service(sign_up::pages::show_form)
        .service(sign_up::pages::submit)
        .service(email_code::pages::show_form)
        .service(email_code::pages::show_message)
        .service(email_code::pages::submit)
        .service(email_code::pages::resend)
        .service(password_reset::pages::show_form)
        .service(password_reset::pages::submit)
        .service(password_reset::pages::show_password_form)
        .service(password_reset::pages::submit_password);
}
