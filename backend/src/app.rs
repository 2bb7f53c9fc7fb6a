//! What the handlers share, and the actix application: middleware, routes, static front end.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;
use tokio::sync::Notify;
use utoipa_actix_web::AppExt as _;

use crate::auth::seal::Seal;
use crate::config::Config;
use crate::db::Db;
use crate::db::types::now;
use crate::directory::Directory;
use crate::email::Mailer;
use crate::policies::Policies;
use crate::storage::Storage;
use crate::transition::Context;
use crate::{audit, auth, clients, identity, openapi, outbox, page, routes, schedule};

/// What the handlers share.
pub struct State {
    /// The database.
    pub db: Db,
    /// The configuration.
    pub config: Config,
    /// Where browsers reach us, without a slash at the end.
    pub public_url: String,
    /// The policies in force.
    pub policies: Arc<Policies>,
    /// The documents.
    pub storage: Storage,
    /// How mails leave.
    pub mailer: Mailer,
    /// The way to the OpenID provider.
    pub oidc: clients::oidc::Provider,
    /// Seals what must be read again.
    pub seal: Seal,
    /// What is known of organisations.
    pub directory: Directory,
    /// The audit log's entries that wait to be stored.
    pub audit: audit::Queue,
    /// Rung when there is something to deliver.
    pub bell: Notify,
}

impl State {
    /// What a change of an enrollment needs to know, as of now.
    pub fn context(&self) -> Context {
        Context {
            policies: self.policies.clone(),
            public_url: self.public_url.clone(),
            mail_from: self.config.mail_from.clone(),
            now: now(),
        }
    }

    /// Opens everything that `config` names: directory, database with its tables, policies. `port` is the one that is
    /// listened on.
    ///
    /// # Errors
    /// What cannot be opened, and why.
    pub async fn open(config: Config, port: u16) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data_dir).with_context(|| {
            format!("le répertoire DATA_DIR «\u{a0}{}\u{a0}» ne peut être créé", config.data_dir.display())
        })?;
        let url = config.database_url();
        let db = tokio::task::spawn_blocking(move || {
            let db = Db::open(&url)?;
            db.migrate()?;
            anyhow::Ok(db)
        })
        .await??;
        let policies = Arc::new(Policies::open(config.policies_dir.clone())?);
        policies.remember(&db).await?;
        let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://localhost:{port}"));
        Ok(Self {
            storage: Storage::open(&config).await?,
            mailer: Mailer::new(&config, db.clone())?,
            oidc: clients::oidc::Provider::new(&config, &public_url, port)?,
            seal: Seal::new(config.secret_key.as_deref()),
            directory: Directory::new(&config)?,
            audit: audit::Queue::default(),
            bell: Notify::new(),
            db,
            public_url,
            policies,
            config,
        })
    }
}

/// A server that listens, not yet running.
pub struct Server {
    /// What the handlers share.
    pub state: web::Data<State>,
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
        let state = State::open(config, port).await?;
        identity::keys::tend(&state).await?;
        if state.config.oidc.is_none() {
            let wrong = "SECRET_KEY n’est pas celle avec laquelle les clefs de signature ont été chiffrées";
            identity::keys::all(&state).await.context(wrong)?;
        }
        Ok(Self { state: web::Data::new(state), listener })
    }

    /// Serves until the process is asked to stop.
    ///
    /// # Errors
    /// The system's.
    pub fn run(self) -> std::io::Result<actix_web::dev::Server> {
        let state = self.state;
        let worker = state.clone();
        tokio::spawn(async move { outbox::work(&worker).await });
        let scheduled = state.clone();
        tokio::spawn(async move { schedule::work(&scheduled).await });
        let audited = state.clone();
        tokio::spawn(async move { audit::work(&audited).await });
        reload_on_hangup(state.clone())?;
        let document = web::Data::new(openapi::document());
        let secure = state.public_url.starts_with("https://");
        let server = HttpServer::new(move || {
            let (app, _) = App::new()
                .service(routes::documentation())
                .into_utoipa_app()
                .app_data(state.clone())
                .app_data(document.clone())
                .app_data(routes::input::query_config())
                .app_data(routes::input::path_config())
                .service(routes::api())
                .split_for_parts();
            app.configure(|config| routes::pages(config, &state))
                .wrap(headers(secure))
                .wrap(from_fn(auth::session::give_renewed))
                .wrap(from_fn(routes::trail::leave))
                .wrap(tracing_actix_web::TracingLogger::<routes::log::Line>::new())
        });
        Ok(server.listen(self.listener)?.shutdown_timeout(10).run())
    }
}

/// SIGHUP, by custom, asks a server to read its files again.
fn reload_on_hangup(state: web::Data<State>) -> std::io::Result<()> {
    let mut hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            match state.policies.reload(&state.db).await {
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
    if secure { headers.add(("strict-transport-security", "max-age=31536000")) } else { headers }
}
