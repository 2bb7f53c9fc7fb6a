//! The configuration: the only reader of the environment. `.env.example` explains each variable.

mod clamd;
mod dns;
mod legal;
mod mails;
mod managers;
mod quotas;

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use ipnet::{IpNet, Ipv4Net};
use openidconnect::url::form_urlencoded;
use shared::client::AuthMethod;
use shared::validation::formats::is_email;

pub use self::clamd::Clamd;
pub use self::dns::Dns;
pub use self::legal::Legal;
pub use self::mails::{Mailjet, Mails};
pub use self::managers::{ClientAccount, KeyAccount, Managers};
pub use self::quotas::Quotas;

/// Issuer under which the users of the embedded provider are stored. Its URL would not do: it is ours, and changes with
/// the port or the domain name, which must not make new users of everybody.
pub const EMBEDDED_ISSUER: &str = "embedded";

/// The claims that we read, as we call them: an issuer may call them otherwise (`OIDC_CLAIMS`).
pub const CLAIMS: &[&str] =
    &["email", "email_verified", "family_name", "given_name", "job", "label", "organizations", "phone_number", "siret"];

/// Everything that can be configured. `Config::default()` is what runs when nothing is.
#[derive(Clone, Debug)]
pub struct Config {
    /// `HOST`: the address to listen on.
    pub host: String,
    /// `PORT`: the port to listen on; 0 takes a free one.
    pub port: u16,
    /// `DATA_DIR`: where the SQLite file and, without a `DOCUMENTS_URL`, the documents are.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`: `sqlite://PATH` or `postgres://…`; a SQLite file in the data directory when unset.
    pub database_url: Option<String>,
    /// An S3-compatible store of documents; a directory in the data directory when none.
    pub documents: Option<Bucket>,
    /// `CLAMAV_URL`: the antivirus that looks at documents; they are not looked at when unset.
    pub antivirus: Option<Clamd>,
    /// `PUBLIC_URL`: where browsers reach us, without a slash at the end; `http://localhost:PORT` when unset.
    pub public_url: Option<String>,
    /// `MAIL_FROM`: sender of the mails.
    pub mail_from: String,
    /// How mails leave; where nothing is said of it, they are kept in the mailbox.
    pub mails: Mails,
    /// `MAILJET_EVENTS_SECRET`: what Mailjet shows when it tells what became of mails; it cannot, when unset.
    pub mailjet_events_secret: Option<String>,
    /// `TEAM_EMAIL`: the mailbox of those who run the platform; nobody is told of what concerns them when unset.
    pub team_email: Option<String>,
    /// Who runs the platform.
    pub legal: Legal,
    /// An OpenID provider other than the embedded one.
    pub oidc: Option<Oidc>,
    /// The Sirene register; the embedded directory when none.
    pub sirene: Option<Sirene>,
    /// The API managers that are connected.
    pub managers: Managers,
    /// `WEBHOOK_ALLOWED_NETWORKS`: networks that webhooks may lie in though they are not public.
    pub webhook_allowed_networks: Vec<IpNet>,
    /// `TRUSTED_PROXIES`: the proxies that may say for whom they speak.
    pub trusted_proxies: Vec<IpNet>,
    /// `DNS_SERVERS`: who is asked whether the domain of an address takes mail.
    pub dns: Dns,
    /// How much one person may do.
    pub quotas: Quotas,
    /// `SECRET_KEY`: seals the private keys in the database; they are kept as they are when unset.
    pub secret_key: Option<String>,
    /// `REQUIRE_MFA`: who instructs, manages roles or administers must have a second factor at the embedded provider.
    pub require_mfa: bool,
    /// `POLICIES_DIR`: policy files that add to, and replace, those of the program.
    pub policies_dir: Option<PathBuf>,
    /// `RUST_LOG`: what is logged, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// Sample accounts and requests; set by `--demo` alone, never by the environment.
    pub demo: bool,
}

/// Where documents are in an S3-compatible store.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The bucket that `DOCUMENTS_URL` names.
    pub name: String,
    /// What the names of documents begin with in it; often empty.
    pub prefix: String,
    /// `AWS_ENDPOINT_URL`: address of the store; Amazon's for the region when unset.
    pub endpoint: Option<String>,
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
}

impl Bucket {
    fn from_env(url: &str) -> Result<Self> {
        let (name, prefix) = url
            .strip_prefix("s3://")
            .map(|path| path.split_once('/').unwrap_or((path, "")))
            .filter(|(name, _)| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
            })
            .with_context(|| {
                format!("DOCUMENTS_URL doit être de la forme s3://SEAU/PRÉFIXE, pas «\u{a0}{url}\u{a0}»")
            })?;
        let endpoint = web_address("AWS_ENDPOINT_URL")?;
        let required = |name| variable(name).with_context(|| format!("DOCUMENTS_URL est renseignée sans {name}"));
        Ok(Self {
            name: name.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint,
            region: variable("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
        })
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

/// How to reach an external OpenID provider.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// `OIDC_ISSUER`.
    pub issuer: String,
    /// `OIDC_CLIENT_ID`.
    pub client_id: String,
    /// `OIDC_CLIENT_SECRET`.
    pub client_secret: String,
    /// `OIDC_SCOPES`: what to ask for; what we can use of what the issuer says that it knows, when unset.
    pub scopes: Option<Vec<String>>,
    /// `OIDC_AUTH_METHOD`: where to show the secret; as the issuer says, when unset.
    pub auth_method: Option<AuthMethod>,
    /// `OIDC_PKCE`.
    pub pkce: bool,
    /// `OIDC_SIGNED_USERINFO`: userinfo must be signed; else it may be.
    pub signed_userinfo: bool,
    /// `OIDC_CLAIMS`: what the issuer calls a claim, by what we call it.
    pub claims: BTreeMap<String, String>,
    /// `OIDC_EXTRA_PARAMS`: what else goes into the authorization request.
    pub extra_params: Vec<(String, String)>,
}

/// What the authorization request says anyway, and nobody else may say.
const OUR_PARAMS: &[&str] = &[
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

impl Oidc {
    fn from_env(issuer: String) -> Result<Self> {
        let auth_method = match variable("OIDC_AUTH_METHOD").as_deref() {
            None => None,
            Some("basic") => Some(AuthMethod::Basic),
            Some("post") => Some(AuthMethod::Post),
            Some(other) => bail!("OIDC_AUTH_METHOD doit être basic ou post, pas «\u{a0}{other}\u{a0}»"),
        };
        let mut claims = BTreeMap::new();
        for pair in variable("OIDC_CLAIMS").unwrap_or_default().split_whitespace() {
            let Some((ours, theirs)) = pair.split_once('=').filter(|(ours, _)| CLAIMS.contains(ours)) else {
                let known = CLAIMS.join(", ");
                bail!(
                    "OIDC_CLAIMS doit être de la forme «\u{a0}family_name=usual_name\u{a0}», avec à gauche un de {known}"
                );
            };
            claims.insert(ours.to_owned(), theirs.to_owned());
        }
        let extra = variable("OIDC_EXTRA_PARAMS").unwrap_or_default();
        let extra_params: Vec<(String, String)> = form_urlencoded::parse(extra.as_bytes()).into_owned().collect();
        if let Some((name, _)) = extra_params.iter().find(|(name, _)| OUR_PARAMS.contains(&name.as_str())) {
            bail!("OIDC_EXTRA_PARAMS ne peut pas fixer {name}, que DataPass choisit lui-même");
        }
        Ok(Self {
            issuer,
            client_id: variable("OIDC_CLIENT_ID").context("OIDC_ISSUER est renseignée sans OIDC_CLIENT_ID")?,
            client_secret: variable("OIDC_CLIENT_SECRET")
                .context("OIDC_ISSUER est renseignée sans OIDC_CLIENT_SECRET")?,
            scopes: variable("OIDC_SCOPES").map(|text| text.split_whitespace().map(str::to_owned).collect()),
            auth_method,
            pkce: switch("OIDC_PKCE", true)?,
            signed_userinfo: switch("OIDC_SIGNED_USERINFO", false)?,
            claims,
            extra_params,
        })
    }
}

/// Which service gives out the Sirene register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SireneService {
    /// The State's search engine of companies, without a key.
    RechercheEntreprises,
    /// INSEE's own API.
    Insee,
}

/// How to ask the Sirene register.
#[derive(Clone, Debug)]
pub struct Sirene {
    /// `SIRENE`: `recherche-entreprises` or `insee`.
    pub service: SireneService,
    /// `SIRENE_URL`: base of its API; the public one when unset.
    pub url: String,
    /// `SIRENE_API_KEY`: the key that INSEE asks for.
    pub api_key: String,
}

impl Sirene {
    fn from_env(name: &str) -> Result<Option<Self>> {
        let (service, public) = match name {
            "embedded" => return Ok(None),
            "recherche-entreprises" => {
                (SireneService::RechercheEntreprises, "https://recherche-entreprises.api.gouv.fr")
            }
            "insee" => (SireneService::Insee, "https://api.insee.fr/api-sirene/3.11"),
            _ => bail!("SIRENE doit être embedded, recherche-entreprises ou insee, pas «\u{a0}{name}\u{a0}»"),
        };
        let api_key = variable("SIRENE_API_KEY").unwrap_or_default();
        if service == SireneService::Insee && api_key.is_empty() {
            bail!("SIRENE=insee demande SIRENE_API_KEY, la clef que délivre portail-api.insee.fr");
        }
        Ok(Some(Self { service, url: web_address("SIRENE_URL")?.unwrap_or_else(|| public.to_owned()), api_key }))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8080,
            data_dir: PathBuf::from("data"),
            database_url: None,
            documents: None,
            antivirus: None,
            public_url: None,
            mail_from: "DataPass <ne-pas-repondre@datapass.localhost>".to_owned(),
            mails: Mails::Kept,
            mailjet_events_secret: None,
            team_email: None,
            legal: Legal::default(),
            oidc: None,
            sirene: None,
            managers: Managers::default(),
            webhook_allowed_networks: Vec::new(),
            trusted_proxies: loopback(),
            dns: Dns::System,
            quotas: Quotas::default(),
            secret_key: None,
            require_mfa: false,
            policies_dir: None,
            log: "info,actix_server=warn,object_store=warn".to_owned(),
            demo: false,
        }
    }
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// A variable whose value cannot be used, by name.
    pub fn from_env() -> Result<Self> {
        let default = Self::default();
        let port = match variable("PORT") {
            None => default.port,
            Some(text) => text
                .parse()
                .with_context(|| format!("PORT doit être un nombre de 0 à 65535, pas «\u{a0}{text}\u{a0}»"))?,
        };
        let public_url = web_address("PUBLIC_URL")?;
        let oidc = match variable("OIDC_ISSUER") {
            None => None,
            Some(issuer) => Some(Oidc::from_env(issuer)?),
        };
        Ok(Self {
            host: variable("HOST").unwrap_or(default.host),
            port,
            data_dir: variable("DATA_DIR").map_or(default.data_dir, PathBuf::from),
            database_url: variable("DATABASE_URL"),
            documents: variable("DOCUMENTS_URL").map(|url| Bucket::from_env(&url)).transpose()?,
            antivirus: Clamd::from_env()?,
            public_url,
            mail_from: variable("MAIL_FROM").unwrap_or(default.mail_from),
            mails: Mails::from_env()?,
            mailjet_events_secret: secret("MAILJET_EVENTS_SECRET")?,
            team_email: team_email()?,
            legal: Legal::from_env()?,
            oidc,
            sirene: variable("SIRENE").map_or(Ok(None), |name| Sirene::from_env(&name))?,
            managers: Managers::from_env()?,
            webhook_allowed_networks: networks("WEBHOOK_ALLOWED_NETWORKS")?,
            trusted_proxies: Some(networks("TRUSTED_PROXIES")?).filter(|all| !all.is_empty()).unwrap_or_else(loopback),
            dns: Dns::from_env()?,
            quotas: Quotas::from_env()?,
            secret_key: secret("SECRET_KEY")?,
            require_mfa: switch("REQUIRE_MFA", default.require_mfa)?,
            policies_dir: variable("POLICIES_DIR").map(PathBuf::from),
            log: variable("RUST_LOG").unwrap_or(default.log),
            demo: false,
        })
    }

    /// The database that this configuration names.
    pub fn database_url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("datapass.sqlite").display()))
    }
}

fn team_email() -> Result<Option<String>> {
    let address = variable("TEAM_EMAIL");
    if let Some(address) = address.as_ref().filter(|address| !is_email(address)) {
        bail!("TEAM_EMAIL doit être une adresse électronique, pas «\u{a0}{address}\u{a0}»");
    }
    Ok(address)
}

/// The fewest characters of a secret: what `openssl rand -base64 32` writes has more.
const MIN_SECRET: usize = 32;

/// A variable that holds a secret.
fn secret(name: &str) -> Result<Option<String>> {
    let secret = variable(name);
    if secret.as_ref().is_some_and(|secret| secret.chars().count() < MIN_SECRET) {
        bail!(
            "{name} doit avoir au moins {MIN_SECRET} caractères\u{a0}: «\u{a0}openssl rand -hex 32\u{a0}» en écrit un"
        );
    }
    Ok(secret)
}

/// A variable that holds the address of a site, without a slash at the end.
fn web_address(name: &str) -> Result<Option<String>> {
    let Some(url) = variable(name) else { return Ok(None) };
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        bail!("{name} doit commencer par http:// ou https://, pas «\u{a0}{url}\u{a0}»");
    }
    Ok(Some(url.trim_end_matches('/').to_owned()))
}

/// The networks of this machine itself.
fn loopback() -> Vec<IpNet> {
    vec![Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8).into(), IpNet::from(IpAddr::from(Ipv6Addr::LOCALHOST))]
}

/// A variable that holds addresses and networks, with commas or spaces between.
fn networks(name: &str) -> Result<Vec<IpNet>> {
    let read = |text: &str| {
        text.parse()
            .or_else(|_| text.parse().map(|address: IpAddr| IpNet::from(address)))
            .with_context(|| format!("{name} doit contenir des réseaux comme 10.1.0.0/16, pas «\u{a0}{text}\u{a0}»"))
    };
    let is_between = |c: char| c == ',' || c.is_whitespace();
    variable(name).unwrap_or_default().split(is_between).filter(|text| !text.is_empty()).map(read).collect()
}

/// A variable that is on or off.
fn switch(name: &str, default: bool) -> Result<bool> {
    match variable(name).as_deref() {
        None => Ok(default),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => bail!("{name} doit être on ou off, pas «\u{a0}{other}\u{a0}»"),
    }
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
