//! What the handlers share: database, configuration, and the ways out. How it is served is in [`crate::server`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use anyhow::Context as _;
use ipnet::IpNet;

use crate::config::{Config, Dns};
use crate::connection::lock;
use crate::connection::types::now;
use crate::db::Db;
use crate::delivery::DeliveryContext;
use crate::directory::Directory;
use crate::email::Mailer;
use crate::models::server_secret;
use crate::outbound::antivirus::Antivirus;
use crate::outbound::dns::Domains;
use crate::outbound::managers::Managers;
use crate::outbound::networks::Networks;
use crate::policies::Policies;
use crate::rate_limits::RateLimits;
use crate::seal::{Seal, SealingKey};
use crate::storage::{self, Storage};
use crate::streaming::Exports;
use crate::throttle::Throttle;
use crate::transition::{Context, demarches, registered, searched};
use crate::{audit, outbound, secret, statistics};

/// The name of the key that seals cookies, among the secrets of the server.
const COOKIE_KEY: &str = "cookies";

/// Taken while that key is looked up and made. Any constant would do.
const COOKIE_KEY_LOCK: i64 = 0x6461_7461_636f_6f6b;

/// What the handlers share.
pub struct AppState {
    pub db: Db,
    pub config: Config,
    /// Where browsers reach us, without a slash at the end.
    pub public_url: String,
    /// The policies in force.
    pub policies: Arc<Policies>,
    pub storage: Storage,
    /// The antivirus that looks at documents, where there is one.
    pub antivirus: Option<Antivirus>,
    /// How mails leave.
    pub mailer: Arc<Mailer>,
    /// The way to the OpenID provider.
    pub oidc: outbound::oidc::Provider,
    /// Seals what must be read again.
    pub seal: Arc<Seal>,
    /// Seals what browsers keep for us.
    pub cookie_key: SealingKey,
    /// How webhooks are called.
    pub webhooks: outbound::webhook::Client,
    /// How API managers are asked.
    pub managers: Managers,
    /// What is known of organisations.
    pub directory: Directory,
    /// What is known of the domains of addresses.
    pub domains: Arc<Domains>,
    /// The files that are being written for their readers.
    pub exports: Exports,
    /// Failed attempts to sign in.
    pub throttle: Arc<Throttle>,
    /// How often people and visitors have called lately.
    pub rate_limits: RateLimits,
    /// The audit log's entries that wait to be stored.
    pub audit: audit::Queue,
}

impl AppState {
    /// What a change of an enrollment needs to know, as of now.
    pub fn context(&self) -> Context {
        Context {
            policies: self.policies.clone(),
            public_url: self.public_url.clone(),
            mail_from: self.config.mail_from.clone(),
            managers: self.managers.clone(),
            domains: self.domains.clone(),
            team_email: self.config.team_email.clone().unwrap_or_default(),
            seal: self.seal.clone(),
            quotas: self.config.quotas,
            now: now(),
        }
    }

    /// Whether this is a demonstration that keeps its mails, for whoever tries it to read.
    pub fn keeps_mails(&self) -> bool {
        self.config.demo && matches!(*self.mailer, Mailer::Mailbox(_))
    }

    /// What deliveries need.
    pub fn delivery_context(&self) -> DeliveryContext {
        DeliveryContext {
            db: self.db.clone(),
            mailer: self.mailer.clone(),
            webhooks: self.webhooks.clone(),
            managers: self.managers.clone(),
            antivirus: self.antivirus.clone(),
            storage: self.storage.clone(),
            seal: self.seal.clone(),
            public_url: self.public_url.clone(),
            mail_from: self.config.mail_from.clone(),
        }
    }

    /// Opens everything that `config` names: directory, database with its tables, policies. `port` is the one that is
    /// listened on.
    ///
    /// # Errors
    /// What cannot be opened, and why.
    pub async fn open(config: Config, port: u16) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data_dir)
            .with_context(|| storage::not_writable("le répertoire DATA_DIR", &config.data_dir))?;
        let url = config.database_url();
        let db = tokio::task::spawn_blocking(move || {
            let db = Db::open(&url)?;
            db.migrate()?;
            anyhow::Ok(db)
        })
        .await??;
        let policies = Arc::new(Policies::open(config.policies_dir.clone())?);
        policies.remember(&db).await?;
        fill_in(&db, &policies).await?;
        let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://localhost:{port}"));
        let storage = Storage::open(&config).await?;
        Storage::check_directory(&config)?;
        let seal = Arc::new(Seal::new(config.secret_key.as_deref()));
        Ok(Self {
            storage,
            antivirus: config.antivirus.clone().map(Antivirus::new),
            mailer: Arc::new(Mailer::new(&config, db.clone())?),
            oidc: outbound::oidc::Provider::new(&config, &public_url, port)?,
            cookie_key: cookie_key(&db, seal.clone()).await?,
            seal,
            webhooks: webhooks(&config)?,
            managers: Managers::new(config.managers.clone())?,
            directory: Directory::new(&config)?,
            // The people of the samples are nobody's.
            domains: Arc::new(Domains::new(if config.demo { &Dns::Off } else { &config.dns })),
            exports: Exports::default(),
            throttle: Arc::default(),
            rate_limits: RateLimits::new(!db.is_embedded()),
            audit: audit::Queue::default(),
            db,
            public_url,
            policies,
            config,
        })
    }
}

/// The key that seals cookies: made at the first start, and once more where another `SECRET_KEY` sealed it. All processes share
/// it.
async fn cookie_key(db: &Db, seal: Arc<Seal>) -> anyhow::Result<SealingKey> {
    let secret = db.write(move |connection| {
        lock(connection, COOKIE_KEY_LOCK)?;
        let stored = server_secret::find(connection, COOKIE_KEY)?;
        let known = stored.as_deref().and_then(|stored| seal.open(stored, COOKIE_KEY).ok());
        let is_kept_well = known.is_some() && !stored.is_some_and(|stored| seal.wants(&stored));
        let secret = known.map_or_else(secret::new, Ok)?;
        if !is_kept_well {
            server_secret::set(connection, COOKIE_KEY, &seal.seal(&secret, COOKIE_KEY)?)?;
        }
        Ok(secret)
    });
    Ok(SealingKey::new(&secret.await?))
}

/// In a demonstration webhooks may lie on the machine itself, to try things with.
fn webhooks(config: &Config) -> anyhow::Result<outbound::webhook::Client> {
    let mut allowed = config.webhook_allowed_networks.clone();
    if config.demo {
        allowed
            .extend([IpNet::from(IpAddr::from(Ipv4Addr::LOCALHOST)), IpNet::from(IpAddr::from(Ipv6Addr::LOCALHOST))]);
    }
    outbound::webhook::Client::new(Networks::new(allowed))
}

/// Works out what rows from before an update lack, some at a time: what a writer may wait for.
async fn fill_in(db: &Db, policies: &Arc<Policies>) -> anyhow::Result<()> {
    for work in [demarches::fill_in, registered::fill_in] {
        loop {
            let policies = policies.clone();
            if db.write_without_timeout(move |connection| work(connection, &policies)).await? == 0 {
                break;
            }
        }
    }
    while db.write_without_timeout(searched::fill_in).await? > 0 {}
    Ok(statistics::count_missing(db).await?)
}
