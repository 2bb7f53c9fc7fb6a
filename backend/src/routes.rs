//! Every endpoint, one line each: the table of contents of the API.
//!
//! A handler extracts, calls one thing and answers. `.service(…)` is what puts an endpoint into the OpenAPI document.

pub mod administration;
pub mod admission;
pub mod api_clients;
pub mod assets;
pub mod audit;
pub mod authorisations;
mod body_places;
mod body_rate;
pub mod caching;
pub mod characters;
pub mod clients;
pub mod contacts;
pub mod decision_messages;
pub mod documents;
pub mod enrollments;
pub mod health;
pub mod impersonation;
pub mod input;
pub mod log;
pub mod mailbox;
pub mod mailjet;
pub mod mails;
pub mod messages;
pub mod methods;
pub mod opinions;
pub mod organizations;
pub mod outbox;
pub mod points;
pub mod policies;
pub mod policy_files;
pub mod problems;
pub mod provisionings;
pub mod queue;
pub mod rate_limits;
pub mod role_requests;
pub mod sessions;
pub mod sign_in;
pub mod statistics;
pub mod status;
pub mod tokens;
pub mod trail;
pub mod transfers;
pub mod uploads;
pub mod users;
mod validators;
pub mod versions;
pub mod webhooks;

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;

use crate::identity;
use crate::state::AppState;

/// The documented API.
pub fn api() -> utoipa_actix_web::scope::Scope<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    utoipa_actix_web::scope("/api")
        .configure(sign_in_routes)
        .configure(catalogue_routes)
        .configure(enrollment_routes)
        .configure(own_routes)
        .configure(developer_routes)
        .configure(administration_routes)
}

/// Whether the server is there, signing in and out.
fn sign_in_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(status::ping)
        .service(health::live)
        .service(health::ready)
        .service(sign_in::session)
        .service(sign_in::start)
        .service(sign_in::callback)
        .service(sign_in::end)
        .service(sign_in::signed_out)
        .service(status::openapi);
}

/// What can be asked for, what the form needs to know, and the public figures.
fn catalogue_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(policies::list)
        .service(policies::reload)
        .service(policies::show)
        .service(policies::revision)
        .service(queue::instructors)
        .service(queue::waiting)
        .service(decision_messages::list)
        .service(decision_messages::create)
        .service(decision_messages::update)
        .service(decision_messages::remove)
        .service(statistics::show)
        .service(statistics::table)
        .service(contacts::list)
        .service(organizations::show)
        .service(organizations::enrollments)
        .service(organizations::granted_scopes);
}

/// The webhooks of an API, for its developers.
fn developer_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(webhooks::list)
        .service(webhooks::create)
        .service(webhooks::show)
        .service(webhooks::update)
        .service(webhooks::remove)
        .service(webhooks::rotate)
        .service(webhooks::forget_previous_secret)
        .service(webhooks::test)
        .service(webhooks::deliveries)
        .service(webhooks::replay);
}

/// Requests and what they have given right to.
fn enrollment_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(enrollments::list)
        .service(enrollments::total)
        .service(enrollments::export_list)
        .service(enrollments::create)
        .service(queue::count)
        .service(queue::assign_all)
        .service(queue::assign)
        .service(authorisations::public_list)
        .service(authorisations::public_csv)
        .service(authorisations::public_json)
        .service(authorisations::public_schema)
        .service(authorisations::public_feed)
        .service(authorisations::show)
        .service(enrollments::show)
        .service(enrollments::update)
        .service(enrollments::change_state)
        .service(enrollments::mail_preview)
        .service(decision_messages::offered)
        .service(enrollments::copy)
        .service(enrollments::events)
        .service(enrollments::correct)
        .service(enrollments::correct_contacts)
        .service(enrollments::previous)
        .service(provisionings::retry)
        .service(points::answer)
        .service(transfers::show)
        .service(transfers::begin)
        .service(transfers::answer)
        .service(transfers::withdraw)
        .service(versions::list)
        .service(versions::compare)
        .service(messages::list)
        .service(messages::write)
        .service(messages::mark_read)
        .service(opinions::list)
        .service(opinions::ask)
        .service(opinions::candidates)
        .service(opinions::answer)
        .service(opinions::cancel)
        .service(opinions::expected)
        .service(documents::download)
        .service(documents::download_granted)
        .service(documents::upload)
        .service(documents::remove);
}

/// What concerns the caller alone: absence, saved filters, roles that one asks for, transfers to answer, mails, sessions, tools.
fn own_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(queue::read_absence)
        .service(queue::be_absent)
        .service(queue::list_filters)
        .service(queue::save_filter)
        .service(queue::update_filter)
        .service(queue::forget_filter)
        .service(role_requests::own)
        .service(role_requests::ask)
        .service(role_requests::withdraw)
        .service(transfers::awaited)
        .service(mails::preferences)
        .service(mails::choose)
        .service(mails::confirm_unsubscription)
        .service(mails::unsubscribe)
        .service(sessions::list)
        .service(sessions::end)
        .service(sessions::end_others)
        .service(sessions::second_factor)
        .service(api_clients::list)
        .service(api_clients::create)
        .service(api_clients::rotate)
        .service(api_clients::forget_previous)
        .service(api_clients::revoke)
        .service(tokens::exchange);
}

/// People, OpenID clients, policy files, the audit log, what waits and what could not be delivered, the mailbox of a demonstration.
fn administration_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(users::list)
        .service(users::change)
        .service(users::change_provider_role)
        .service(users::changes)
        .service(role_requests::waiting)
        .service(role_requests::answer)
        .service(users::ban)
        .service(users::account_changes)
        .service(impersonation::begin)
        .service(impersonation::end)
        .service(clients::list)
        .service(clients::create)
        .service(clients::rotate)
        .service(clients::remove)
        .service(mails::templates)
        .service(policy_files::list)
        .service(policy_files::show)
        .service(policy_files::publish)
        .service(policy_files::check_one)
        .service(policy_files::former)
        .service(audit::list)
        .service(audit::export_list)
        .service(administration::summary)
        .service(outbox::list)
        .service(outbox::senders)
        .service(outbox::retry_all)
        .service(outbox::retry)
        .service(provisionings::issues)
        .service(mailbox::list)
        .service(mailjet::events);
}

/// What is not the API: the embedded provider's pages, those that anybody may read, the front end.
pub fn pages(config: &mut web::ServiceConfig, state: &AppState) {
    if state.config.oidc.is_none() {
        config.configure(identity::routes);
    }
    config.configure(assets::routes);
}

/// The page on errors, and Swagger UI from files that the binary carries. It styles its elements itself, hence its own
/// policy.
pub fn documentation() -> impl HttpServiceFactory {
    web::scope("/api/docs")
        .wrap(actix_web::middleware::DefaultHeaders::new().add((
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
             connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        )))
        .service(problems::show)
        .service(web::redirect("", "/api/docs/"))
        .service(SwaggerUi::new("/{_:.*}").config(utoipa_swagger_ui::Config::from("/api/openapi.json")))
}
