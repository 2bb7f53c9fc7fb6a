//! The Sirene register.
//!
//! Through the two services that give it out: INSEE's API, and the State's search engine of companies, which needs no
//! key. One call; keeping answers is [`crate::directory`]'s business.

mod insee;
mod labels;
mod recherche;

use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::{StatusCode, header};
use shared::organization::{DirectorySource, Establishment, NOT_DIFFUSED, Siret};
use thiserror::Error;

pub use self::labels::{activities, activity, legal_category};
use super::Unread;
use crate::config::{Sirene, SireneService};

/// Somebody waits before a form: after so long they had better be told.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest wait for our turn to call.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long nobody calls after « 429 » without a `Retry-After`, and the longest that one is believed.
const REST: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));

/// Why nothing is known of an establishment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// The register has no such number, or does not show it.
    #[error("unknown")]
    Unknown,
    /// The service cannot say now; the detail is for the log and holds nothing personal.
    #[error("{0}")]
    Unavailable(String),
}

/// What a service says of an establishment, in its own words.
#[derive(Debug, Default)]
struct Found {
    name: String,
    address: String,
    commune_code: String,
    activity: String,
    legal_category: String,
    is_open: bool,
    closed_on: Option<NaiveDate>,
    is_public: bool,
}

/// The way to one of the services.
pub struct Client {
    http: reqwest::Client,
    config: Sirene,
    limiter: DefaultDirectRateLimiter,
    /// Not before this moment, as the service has asked.
    rests_until: Mutex<Option<Instant>>,
}

impl Client {
    /// A client of that service.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(config: Sirene) -> anyhow::Result<Self> {
        // Recherche d'entreprises takes 7 calls a second from one address, INSEE's public plan 30 a minute.
        let quota = match config.service {
            SireneService::RechercheEntreprises => Quota::per_second(at_most(6)),
            SireneService::Insee => Quota::per_minute(at_most(30)),
        };
        Ok(Self { http: super::http()?, config, limiter: RateLimiter::direct(quota), rests_until: Mutex::default() })
    }

    /// What the service says of that establishment now.
    ///
    /// # Errors
    /// It is unknown, or the service cannot say.
    pub async fn find(&self, siret: &Siret, now: DateTime<Utc>) -> Result<Establishment, Failure> {
        self.turn().await?;
        let (found, source) = match self.config.service {
            SireneService::RechercheEntreprises => {
                let url = recherche::url(&self.config.url, siret);
                let body = self.get(self.http.get(url)).await?;
                (recherche::read(&body, siret)?, DirectorySource::RechercheEntreprises)
            }
            SireneService::Insee => {
                let url = insee::url(&self.config.url, siret);
                let request = self.http.get(url).header("X-INSEE-Api-Key-Integration", &self.config.api_key);
                (insee::read(&self.get(request).await?)?, DirectorySource::Insee)
            }
        };
        Ok(establishment(siret.clone(), found, source, now))
    }

    /// Whether the service finds organisations by name.
    pub fn can_search(&self) -> bool {
        self.config.service == SireneService::RechercheEntreprises
    }

    /// The head offices that are open whose name and address hold these words, the best match first, ten at most.
    ///
    /// # Errors
    /// The service does not search, or cannot say.
    pub async fn search(&self, words: &str, now: DateTime<Utc>) -> Result<Vec<Establishment>, Failure> {
        if !self.can_search() {
            return Err(Failure::Unknown);
        }
        self.turn().await?;
        let url = recherche::search_url(&self.config.url);
        let body = self.get(self.http.get(url).query(&[("q", words)])).await?;
        let source = DirectorySource::RechercheEntreprises;
        let found = recherche::read_all(&body)?.into_iter().filter(|(_, found)| found.is_open && found.is_public);
        Ok(found.map(|(siret, found)| establishment(siret, found, source, now)).collect())
    }

    /// Waits for our turn to call.
    async fn turn(&self) -> Result<(), Failure> {
        let unavailable = |what: &str| Failure::Unavailable(what.to_owned());
        if self.rests() {
            return Err(unavailable("the service has asked for a pause"));
        }
        if tokio::time::timeout(PATIENCE, self.limiter.until_ready()).await.is_err() {
            return Err(unavailable("too many look-ups at once"));
        }
        Ok(())
    }

    async fn get(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, Failure> {
        let unavailable = |error: reqwest::Error| Failure::Unavailable(error.without_url().to_string());
        let request = request.timeout(TIMEOUT).header(header::ACCEPT, "application/json");
        let answer = request.send().await.map_err(unavailable)?;
        match answer.status() {
            StatusCode::OK => {}
            // INSEE answers 403 for those whom it may not show.
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN if self.config.service == SireneService::Insee => {
                return Err(Failure::Unknown);
            }
            StatusCode::TOO_MANY_REQUESTS => {
                self.rest(answer.headers());
                return Err(Failure::Unavailable("the service answers 429".to_owned()));
            }
            status => return Err(Failure::Unavailable(format!("the service answers {status}"))),
        }
        super::body(answer).await.map_err(|unread| match unread {
            Unread::Interrupted(error) => unavailable(error),
            Unread::TooLong => Failure::Unavailable("the answer is too long".to_owned()),
        })
    }

    fn rests(&self) -> bool {
        self.rests_until.lock().is_ok_and(|until| until.is_some_and(|until| Instant::now() < until))
    }

    fn rest(&self, headers: &header::HeaderMap) {
        let (shortest, longest) = REST;
        let pause = super::retry_after(headers).unwrap_or(shortest).min(longest);
        if let Ok(mut until) = self.rests_until.lock() {
            *until = Some(Instant::now() + pause);
        }
    }
}

fn establishment(siret: Siret, found: Found, source: DirectorySource, now: DateTime<Utc>) -> Establishment {
    Establishment {
        siret,
        name: if found.is_public { found.name } else { NOT_DIFFUSED.to_owned() },
        address: if found.is_public { found.address } else { String::new() },
        commune_code: if found.is_public { found.commune_code } else { String::new() },
        activity_label: activity(&found.activity).to_owned(),
        activity: found.activity,
        legal_category_label: legal_category(&found.legal_category).to_owned(),
        legal_category: found.legal_category,
        is_open: found.is_open,
        closed_on: found.closed_on,
        source,
        is_sample: false,
        fetched_at: now,
        is_stale: false,
        is_public: found.is_public,
    }
}

fn at_most(calls: u32) -> NonZeroU32 {
    NonZeroU32::new(calls).unwrap_or(NonZeroU32::MIN)
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::Unavailable(format!("the answer is unreadable at line {}, column {}", error.line(), error.column()))
}

/// What is said of it, in one line.
fn line<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let said = parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty() && *part != "[ND]");
    said.collect::<Vec<_>>().join(" ")
}
