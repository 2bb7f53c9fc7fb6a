//! Whether domains take mail, as the DNS says.
//!
//! Asked before a transaction, read inside of it. What nobody knows is never held against anybody.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::config::Dns;

/// How long all of them may take: somebody waits for their submission.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it is believed that a domain takes mail, and that it does not: a new one may begin to any minute.
const MEMORY: Duration = Duration::from_secs(60 * 60);
const SHORT_MEMORY: Duration = Duration::from_secs(5 * 60);

/// How many domains are remembered at most.
const CAPACITY: usize = 10_000;

/// What is known of domains.
pub struct Domains {
    /// Whom to ask; nobody where there is none.
    resolver: Option<TokioResolver>,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone, Copy)]
struct Known {
    is_mailless: bool,
    until: Instant,
}

impl Domains {
    /// Asks whom `dns` names. Where that cannot be made use of, the log says so and nobody is asked.
    pub fn new(dns: &Dns) -> Self {
        let resolver = resolver(dns).unwrap_or_else(|error| {
            tracing::warn!(%error, "no DNS server: the domains of addresses are not looked up");
            None
        });
        Self { resolver, known: Mutex::default() }
    }

    /// Asks about those of these domains of which nothing is known, side by side, for two seconds at most.
    pub async fn look_up(&self, domains: BTreeSet<String>) {
        let Some(resolver) = &self.resolver else { return };
        let end = Instant::now() + PATIENCE;
        let mut asked = JoinSet::new();
        for domain in domains.into_iter().filter(|domain| self.known(domain).is_none()) {
            let resolver = resolver.clone();
            asked.spawn(async move { (is_mailless(&resolver, &domain).await, domain) });
        }
        // What is still asked then is dropped.
        while let Ok(Some(answer)) = timeout_at(end, asked.join_next()).await {
            if let Ok((Some(is_mailless), domain)) = answer {
                self.remember(domain, is_mailless);
            }
        }
    }

    /// Whether that domain is known to take no mail.
    pub fn is_mailless(&self, domain: &str) -> bool {
        self.known(domain).unwrap_or(false)
    }

    fn known(&self, domain: &str) -> Option<bool> {
        let now = Instant::now();
        self.lock().get(domain).filter(|known| now < known.until).map(|known| known.is_mailless)
    }

    fn remember(&self, domain: String, is_mailless: bool) {
        let now = Instant::now();
        let until = now + if is_mailless { SHORT_MEMORY } else { MEMORY };
        let mut known = self.lock();
        if known.len() >= CAPACITY {
            known.retain(|_, known| now < known.until);
        }
        if known.len() < CAPACITY {
            known.insert(domain, Known { is_mailless, until });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Domains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domains").finish_non_exhaustive()
    }
}

fn resolver(dns: &Dns) -> Result<Option<TokioResolver>, NetError> {
    let mut builder = match dns {
        Dns::Off => return Ok(None),
        Dns::System => TokioResolver::builder_tokio()?,
        Dns::Servers(servers) => {
            let servers = servers.iter().copied().map(server).collect();
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    let options = builder.options_mut();
    // A second try must fit into our patience. What is known is kept here, and names of this machine are nobody's.
    (options.timeout, options.attempts) = (PATIENCE / 2, 1);
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build().map(Some)
}

fn server(address: SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    let ports = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    server.connections = server.connections.into_iter().map(ports).collect();
    server
}

/// Why there is nothing of that type.
enum Nothing {
    /// There is no such domain.
    Domain,
    /// It has nothing of that type.
    Record,
    /// Nobody says.
    Unknown,
}

impl From<NetError> for Nothing {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code: ResponseCode::NXDomain, .. })) => {
                Self::Domain
            }
            NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code: ResponseCode::NoError, .. })) => {
                Self::Record
            }
            _ => Self::Unknown,
        }
    }
}

/// Whether a domain takes no mail (RFC 5321 § 5.1): it has neither a mail server nor an address, or says so by a mail server
/// without a name (RFC 7505). `None` where nobody says.
async fn is_mailless(resolver: &TokioResolver, domain: &str) -> Option<bool> {
    // With a dot: names of this network are nobody's domain.
    let name = Name::from_ascii(format!("{domain}.")).ok()?;
    for kind in [RecordType::MX, RecordType::A, RecordType::AAAA] {
        match resolver.lookup(name.clone(), kind).await.map_err(Nothing::from) {
            Ok(found) => {
                let is_nameless = |data: &RData| matches!(data, RData::MX(server) if server.exchange.is_root());
                return Some(found.answers().iter().all(|record| is_nameless(&record.data)));
            }
            Err(Nothing::Domain) => return Some(true),
            Err(Nothing::Record) => {}
            Err(Nothing::Unknown) => return None,
        }
    }
    Some(true)
}
