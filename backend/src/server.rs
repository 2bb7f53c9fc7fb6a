//! The running server: routes, middleware and workers, put together. What handlers share is in [`crate::state`].

use std::net::TcpListener;

use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;
use rustix::process::{Resource, Rlimit};
use utoipa_actix_web::AppExt as _;

use crate::config::Config;
use crate::state::AppState;
use crate::{
    audit, auth, delivery, identity, openapi, page, policies, problem, rate_limits, routes, schedule, signing,
};

/// A server that listens, not yet running.
pub struct Server {
    /// What the handlers share.
    pub state: web::Data<AppState>,
    listener: TcpListener,
}

impl Server {
    /// Listens on the configured address and opens the state.
    ///
    /// # Errors
    /// What cannot be opened, and why.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        let address = (config.host.as_str(), config.port);
        let listener = TcpListener::bind(address)
            .with_context(|| format!("impossible d’écouter sur {}:{} (HOST, PORT)", config.host, config.port))?;
        let port = listener.local_addr()?.port();
        let state = AppState::open(config, port).await?;
        warn_of_open_secrets(&state.config);
        identity::maintain_keys(&state).await?;
        if state.config.oidc.is_none() {
            let wrong = "SECRET_KEY n’est pas celle qui a chiffré les clefs de cette base\u{a0}: remettez l’ancienne\u{a0}; si elle est \
                         perdue, «\u{a0}datapass keys rotate --now\u{a0}» refait les clefs de signature, et les seconds facteurs comme les \
                         secrets des webhooks sont à refaire";
            signing::all(&state).await.context(wrong)?;
        }
        Ok(Self { state: web::Data::new(state), listener })
    }

    /// Serves until the process is asked to stop.
    ///
    /// # Errors
    /// The system's.
    pub fn run(self) -> std::io::Result<actix_web::dev::Server> {
        let state = self.state;
        start_workers(&state);
        if !state.db.is_embedded() {
            let limited = state.clone();
            tokio::spawn(async move { rate_limits::work(&limited.rate_limits, &limited.db).await });
        }
        reload_on_hangup(state.clone())?;
        let document = web::Data::new(openapi::document());
        let admission = web::Data::new(routes::admission::Admission::default());
        let readiness = web::Data::new(routes::health::LastReadiness::default());
        let uploads = web::Data::new(routes::uploads::Uploads::default());
        let secure = state.public_url.starts_with("https://");
        let server = HttpServer::new(move || {
            let (app, _) = App::new()
                .service(routes::documentation())
                .into_utoipa_app()
                .app_data(state.clone())
                .app_data(document.clone())
                .app_data(admission.clone())
                .app_data(uploads.clone())
                .app_data(readiness.clone())
                .app_data(routes::input::path_config())
                .service(routes::api())
                .split_for_parts();
            app.configure(|config| routes::pages(config, &state))
                .wrap(from_fn(routes::admission::admit))
                .wrap(from_fn(routes::rate_limits::limit))
                .wrap(headers(secure))
                .wrap(from_fn(routes::caching::private))
                .wrap(from_fn(auth::session::give_renewed))
                .wrap(from_fn(routes::characters::refuse))
                .wrap(from_fn(routes::trail::leave))
                .wrap(from_fn(problem::identify))
                .wrap(from_fn(routes::methods::head))
                .wrap(tracing_actix_web::TracingLogger::<routes::log::Line>::new())
        });
        let workers = std::thread::available_parallelism()?.get();
        let server = server.workers(workers).max_connections(max_connections(descriptors()) / workers);
        Ok(server.listen(self.listener)?.shutdown_timeout(10).run())
    }
}

/// Descriptors that are no connection of a caller's: the database, documents, outgoing calls.
const RESERVED_DESCRIPTORS: usize = 256;

/// The most connections, however many descriptors there are.
const MOST_CONNECTIONS: usize = 50_000;

/// As many descriptors as the system grants.
fn descriptors() -> usize {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raised = rustix::process::setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let granted = if raised.is_ok() { limit.maximum } else { limit.current };
    granted.and_then(|granted| granted.try_into().ok()).unwrap_or(usize::MAX)
}

/// How many connections are accepted at once: the others wait in the system's queue, so that no file and no database is ever
/// refused a descriptor.
fn max_connections(descriptors: usize) -> usize {
    descriptors.saturating_sub(RESERVED_DESCRIPTORS).max(descriptors / 2).min(MOST_CONNECTIONS)
}

/// The workers of every process that serves or works.
fn start_workers(state: &web::Data<AppState>) {
    tokio::spawn(delivery::work(state.delivery_context()));
    let scheduled = state.clone();
    tokio::spawn(async move { schedule::work(&scheduled).await });
    let audited = state.clone();
    tokio::spawn(async move { audit::work(&audited.audit, &audited.db).await });
    if !state.db.is_embedded() {
        let followed = state.clone();
        tokio::spawn(async move { policies::work(&followed.policies, &followed.db).await });
    }
}

/// Runs the workers alone, until the process is asked to stop: beside processes that serve, on PostgreSQL.
///
/// # Errors
/// The database is a file of one process; what cannot be opened, and why.
pub async fn work(config: Config) -> anyhow::Result<()> {
    let state = web::Data::new(AppState::open(config, 0).await?);
    warn_of_open_secrets(&state.config);
    anyhow::ensure!(
        !state.db.is_embedded(),
        "avec SQLite, « datapass serve » remet lui-même ses messages ; « datapass work » demande PostgreSQL (DATABASE_URL)"
    );
    start_workers(&state);
    reload_on_hangup(state.clone())?;
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    Ok(state.audit.flush(&state.db).await?)
}

/// Says what follows from a missing `SECRET_KEY`, unless everything is a sample.
fn warn_of_open_secrets(config: &Config) {
    if config.secret_key.is_none() && !config.demo {
        tracing::warn!(
            "SECRET_KEY is not set: signing keys, keys of second factors and secrets of webhooks are kept unsealed, and whoever \
             reads the database or a backup of it can sign in as anybody. Set it (openssl rand -base64 32) and start again: \
             they are sealed then."
        );
    }
}

/// SIGHUP, by custom, asks a server to read its files again.
fn reload_on_hangup(state: web::Data<AppState>) -> std::io::Result<()> {
    let mut hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            match state.policies.reload(&state.db, None).await {
                Ok(policies) => tracing::info!("{} policies are in force", policies.len()),
                Err(error) => tracing::error!("the policies are those of before: {error}"),
            }
        }
    });
    Ok(())
}

/// Headers of every answer (OWASP Secure Headers).
fn headers(secure: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add(("content-security-policy", page::CONTENT_SECURITY_POLICY))
        .add(("x-content-type-options", "nosniff"))
        .add(("x-frame-options", "DENY"))
        .add(("referrer-policy", "strict-origin-when-cross-origin"))
        .add(("permissions-policy", "camera=(), microphone=(), geolocation=()"))
        .add(("cross-origin-opener-policy", "same-origin"));
    if secure { headers.add(("strict-transport-security", "max-age=31536000; includeSubDomains")) } else { headers }
}
