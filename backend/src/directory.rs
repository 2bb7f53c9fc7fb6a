//! The directory of organisations: what the Sirene register says of an establishment, kept for a day.
//!
//! Looking up is a call to others, hence never inside a transaction: handlers ask before, and what changes an
//! enrollment reads what was kept ([`crate::models::establishment`]). Nothing is ever refused because the register does
//! not answer.

mod embedded;

use chrono::{DateTime, Duration, Utc};
use shared::organization::{Establishment, Siret};

use crate::config::Config;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::logging;
use crate::models::{authorisation, establishment};
use crate::outbound::sirene::{Client, Failure};

/// How long an answer is believed: the register itself changes once a day.
const LIFETIME_HOURS: i64 = 24;
/// How long a number is not asked for again after the register did not know it.
const UNKNOWN_LIFETIME_HOURS: i64 = 1;
/// How many are looked up again in one round of the schedule: what remains waits for the next.
const ROUND: i64 = 500;

/// The directory.
pub struct Directory(Option<Client>);

impl Directory {
    /// The one that is configured; the embedded one without any.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        Ok(Self(config.sirene.clone().map(Client::new).transpose()?))
    }

    /// Whether it is the embedded one, which asks nobody.
    pub const fn is_embedded(&self) -> bool {
        self.0.is_none()
    }

    /// What is known of an establishment: what was kept, if it is of today; else what the register says; else, where it
    /// does not answer, what was kept.
    ///
    /// # Errors
    /// 404: no register knows it. 502: the register does not answer, and nothing was kept.
    pub async fn find(&self, db: &Db, siret: &Siret) -> Result<Establishment> {
        let now = now();
        let asked = siret.clone();
        let kept = db.read(move |connection| Ok(establishment::find(connection, &asked)?)).await?;
        if let Some(kept) = kept.as_ref().filter(|kept| is_fresh(kept.fetched_at, kept.content.is_some(), now)) {
            return kept.content.clone().ok_or(Error::NotFound);
        }
        let found = match &self.0 {
            None => Ok(embedded::find(siret, now)),
            Some(client) => client.find(siret, now).await,
        };
        match found {
            Ok(found) => {
                let (siret, content) = (siret.clone(), found.clone());
                db.remember(move |connection| keep(connection, &siret, &content, now)).await?;
                Ok(found)
            }
            Err(Failure::Unknown) => {
                let siret = siret.clone();
                db.remember(move |connection| Ok(establishment::keep(connection, &siret, None, now)?)).await?;
                Err(Error::NotFound)
            }
            Err(Failure::Unavailable(why)) => match kept.and_then(|kept| kept.content) {
                Some(kept) => {
                    tracing::warn!("the register does not answer, what it said before is used: {why}");
                    Ok(Establishment { is_stale: true, ..kept })
                }
                None => Err(Error::BadGateway(format!("the register: {why}"))),
            },
        }
    }

    /// Whether organisations can be found by name: INSEE's API is asked for numbers alone.
    pub fn can_search(&self) -> bool {
        self.0.as_ref().is_none_or(Client::can_search)
    }

    /// The head offices that are open whose name and address hold these words, the best match first, ten at most.
    ///
    /// # Errors
    /// 502: the register does not answer.
    pub async fn search(&self, words: &str) -> Result<Vec<Establishment>> {
        match &self.0 {
            None => Ok(embedded::search(words, now())),
            Some(client) => match client.search(words, now()).await {
                Ok(found) => Ok(found),
                Err(Failure::Unknown) => Ok(Vec::new()),
                Err(Failure::Unavailable(why)) => Err(Error::BadGateway(format!("the register: {why}"))),
            },
        }
    }

    /// Looks an establishment up before something is done that depends on it. What goes wrong is for the log alone.
    pub async fn prepare(&self, db: &Db, siret: Option<&Siret>) {
        let Some(siret) = siret else { return };
        match self.find(db, siret).await {
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => tracing::warn!(error = logging::told(&error), "nothing is known of the establishment"),
        }
    }

    /// Looks up again those of requests that are alive, where what was kept is of another day. How many.
    ///
    /// # Errors
    /// The database's.
    pub async fn refresh(&self, db: &Db) -> Result<usize> {
        let before = (now() - Duration::hours(LIFETIME_HOURS)).naive_utc();
        let old = db.read(move |connection| Ok(establishment::of_live_requests(connection, before, ROUND)?)).await?;
        let mut count = 0;
        for siret in &old {
            match self.find(db, siret).await {
                Ok(found) => count += usize::from(!found.is_stale),
                Err(Error::BadGateway(_)) => break,
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }
}

/// Keeps what the register says, and takes it over into the public register.
fn keep(connection: &mut AnyConnection, siret: &Siret, found: &Establishment, now: DateTime<Utc>) -> Result<()> {
    establishment::keep(connection, siret, Some(found.clone()), now)?;
    Ok(authorisation::describe_organization(connection, found, now.naive_utc())?)
}

fn is_fresh(fetched_at: DateTime<Utc>, is_known: bool, now: DateTime<Utc>) -> bool {
    now - fetched_at < Duration::hours(if is_known { LIFETIME_HOURS } else { UNKNOWN_LIFETIME_HOURS })
}
