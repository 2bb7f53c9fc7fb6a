//! How often one may call: counted for each person, and for each address of visitors, in windows of fixed length.
//!
//! What is frequent is counted in memory, so that a call costs no statement; processes that share a database add up what
//! each has counted every second ([`RateLimits::share`]). What is rare is counted in the database at once ([`count_stored`]).
//! What one may send and keep is in `transition/quotas.rs`, failed attempts to sign in are in [`crate::throttle`].

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lru::LruCache;

use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::db::Db;
use crate::error::Result;
use crate::ids::UserId;
use crate::logging;
use crate::models::rate_count::{self, RateCount};
use crate::secret;

/// How many callers and credentials are remembered: a flood must not eat the memory. The ones not seen for the longest time
/// are forgotten.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

/// How often processes tell one another what they have counted.
const SHARED_EVERY: Duration = Duration::from_secs(1);

/// How many counts they tell at once: a flood from many addresses must not become one of statements.
const SHARED_AT_ONCE: usize = 1_000;

/// How many calls in how many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What the header `RateLimit-Policy` calls it.
    pub name: &'static str,
    pub most: i64,
    /// The length of its windows, in seconds.
    pub seconds: i64,
}

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A person, with all their sessions and tools.
    Person(UserId),
    /// Visitors from that address.
    Visitors(IpAddr),
    /// Sessions and tokens from that address of which nobody knows yet whose they are.
    Unidentified(IpAddr),
}

/// How a count stands against its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub limit: Limit,
    /// Calls in this window, that one included.
    pub calls: i64,
    /// Seconds until the next window.
    pub resets_in: i64,
}

impl Standing {
    /// Whether it is one call too many.
    pub const fn is_exceeded(&self) -> bool {
        self.calls > self.limit.most
    }

    /// How many calls are left in this window.
    pub fn left(&self) -> i64 {
        (self.limit.most - self.calls).max(0)
    }

    /// When to call again.
    pub fn wait(&self) -> Duration {
        Duration::from_secs(self.resets_in.unsigned_abs())
    }
}

/// What this process has counted.
pub struct RateLimits {
    counts: Mutex<Counts>,
    /// Whose a session or a token was when it was last looked up, by a hash that only this process can make.
    owners: Mutex<LruCache<u64, UserId>>,
    hasher: RandomState,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    name: &'static str,
    subject: Subject,
}

#[derive(Clone, Copy)]
struct Count {
    window: i64,
    /// As far as this process knows, those of other processes included.
    calls: i64,
    /// Of these, those that no other process knows of yet.
    unshared: i64,
    ends_at: i64,
}

struct Counts {
    latest: LruCache<Key, Count>,
    /// Those with calls that no other process knows of; `None` where there are no other processes.
    unshared: Option<HashSet<Key>>,
}

impl RateLimits {
    /// `is_shared`: there may be other processes.
    pub fn new(is_shared: bool) -> Self {
        let latest = LruCache::sparse(CAPACITY);
        Self {
            counts: Mutex::new(Counts { latest, unshared: is_shared.then(HashSet::new) }),
            owners: Mutex::new(LruCache::sparse(CAPACITY)),
            hasher: RandomState::new(),
        }
    }

    /// Counts a call.
    pub fn count(&self, limit: Limit, subject: Subject) -> Standing {
        locked(&self.counts).add(limit, subject, 1, now().timestamp())
    }

    /// How a count stands before the next call.
    pub fn standing(&self, limit: Limit, subject: Subject) -> Standing {
        locked(&self.counts).add(limit, subject, 0, now().timestamp())
    }

    /// Whose a session or a token was when it was last looked up.
    pub fn owner(&self, credential: &str) -> Option<UserId> {
        locked(&self.owners).get(&self.hasher.hash_one(credential)).copied()
    }

    /// Remembers whose a session or a token is.
    pub fn remember_owner(&self, credential: &str, user_id: UserId) {
        locked(&self.owners).put(self.hasher.hash_one(credential), user_id);
    }

    /// Tells other processes what this one has counted, and learns what they have.
    ///
    /// # Errors
    /// The database's; what was not shared is shared the next time.
    pub async fn share(&self, db: &Db) -> Result<()> {
        let at = now().timestamp();
        let shared = locked(&self.counts).unshared(at);
        if shared.is_empty() {
            return Ok(());
        }
        let rows: Vec<RateCount> = shared.iter().map(|(key, count)| key.row(count)).collect();
        let added = db.remember(move |connection| {
            rate_count::delete_ended(connection, at)?;
            let totals: diesel::QueryResult<Vec<i64>> =
                rows.iter().map(|row| rate_count::add(connection, row)).collect();
            Ok(totals?)
        });
        let totals = added.await?;
        locked(&self.counts).apply(&shared, &totals);
        Ok(())
    }
}

/// Shares counts with other processes, for ever.
pub async fn work(limits: &RateLimits, db: &Db) {
    let mut ticks = tokio::time::interval(SHARED_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = limits.share(db).await {
            tracing::error!(error = logging::told(&error), "rate limits");
        }
    }
}

/// Counts something rare where every process sees it at once. `subject` is hashed, so that the table names nobody.
///
/// # Errors
/// The database's.
pub fn count_stored(connection: &mut AnyConnection, limit: Limit, subject: &str) -> Result<Standing> {
    let at = now().timestamp();
    rate_count::delete_ended(connection, at)?;
    let window = window(limit, at);
    let ends_at = window + limit.seconds;
    let row = RateCount { key_hash: key_hash(limit.name, subject), window_start: window, calls: 1, ends_at };
    Ok(Standing { limit, calls: rate_count::add(connection, &row)?, resets_in: ends_at - at })
}

impl Key {
    fn row(&self, count: &Count) -> RateCount {
        let subject = match self.subject {
            Subject::Person(id) => format!("person {id}"),
            Subject::Visitors(address) => format!("visitors {address}"),
            Subject::Unidentified(address) => format!("unidentified {address}"),
        };
        RateCount {
            key_hash: key_hash(self.name, &subject),
            window_start: count.window,
            calls: count.unshared,
            ends_at: count.ends_at,
        }
    }
}

impl Counts {
    fn add(&mut self, limit: Limit, subject: Subject, calls: i64, at: i64) -> Standing {
        let window = window(limit, at);
        let fresh = Count { window, calls: 0, unshared: 0, ends_at: window + limit.seconds };
        let key = Key { name: limit.name, subject };
        let count = self.latest.get_or_insert_mut(key, || fresh);
        if count.window != window {
            *count = fresh;
        }
        count.calls += calls;
        if let Some(unshared) = &mut self.unshared {
            count.unshared += calls;
            if count.unshared > 0 {
                unshared.insert(key);
            }
        }
        Standing { limit, calls: count.calls, resets_in: count.ends_at - at }
    }

    /// What no other process knows of yet, in windows that are not over.
    fn unshared(&mut self, at: i64) -> Vec<(Key, Count)> {
        let Self { latest, unshared: Some(unshared) } = self else { return Vec::new() };
        let current = |key: &Key| latest.peek(key).copied().filter(|count| count.unshared > 0 && count.ends_at > at);
        unshared.retain(|key| current(key).is_some());
        unshared.iter().filter_map(|key| Some((*key, current(key)?))).take(SHARED_AT_ONCE).collect()
    }

    /// Those were shared; the totals of all processes are these.
    fn apply(&mut self, shared: &[(Key, Count)], totals: &[i64]) {
        for ((key, shared), total) in shared.iter().zip(totals) {
            if let Some(count) = self.latest.peek_mut(key).filter(|count| count.window == shared.window) {
                count.unshared -= shared.unshared;
                count.calls = total + count.unshared;
            }
        }
        if let Self { latest, unshared: Some(unshared) } = self {
            unshared.retain(|key| latest.peek(key).is_some_and(|count| count.unshared > 0));
        }
    }
}

const fn window(limit: Limit, at: i64) -> i64 {
    at - at % limit.seconds
}

fn key_hash(name: &str, subject: &str) -> String {
    secret::hash(&format!("{name} {subject}"))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { name: "calls", most: 3, seconds: 60 };
    const SOMEBODY: Subject = Subject::Person(UserId(1));
    const ANOTHER: Subject = Subject::Person(UserId(2));

    fn counts(is_shared: bool) -> Counts {
        Counts { latest: LruCache::sparse(CAPACITY), unshared: is_shared.then(HashSet::new) }
    }

    #[test]
    fn one_has_so_many_calls_in_each_window() {
        let mut counts = counts(false);
        for (at, left, exceeded, resets_in) in
            [(120, 2, false, 60), (125, 1, false, 55), (130, 0, false, 50), (179, 0, true, 1)]
        {
            let standing = counts.add(LIMIT, SOMEBODY, 1, at);
            assert_eq!((standing.left(), standing.is_exceeded(), standing.resets_in), (left, exceeded, resets_in));
        }
        assert!(!counts.add(LIMIT, ANOTHER, 1, 179).is_exceeded());
        assert!(!counts.add(LIMIT, SOMEBODY, 1, 180).is_exceeded());
    }

    #[test]
    fn looking_at_a_count_does_not_count() {
        let mut counts = counts(false);
        for _ in 0..10 {
            assert_eq!(counts.add(LIMIT, SOMEBODY, 0, 120).left(), 3);
        }
    }

    #[test]
    fn what_others_have_counted_is_added() {
        let mut counts = counts(true);
        counts.add(LIMIT, SOMEBODY, 1, 120);
        let shared = counts.unshared(121);
        assert_eq!(shared.len(), 1);
        // One more while it is shared, and two by another process.
        counts.add(LIMIT, SOMEBODY, 1, 121);
        counts.apply(&shared, &[3]);
        assert!(counts.add(LIMIT, SOMEBODY, 0, 121).is_exceeded());
        assert_eq!(counts.unshared(122).first().unwrap().1.unshared, 1);
        // What was counted in a window that is over is shared with nobody.
        assert!(counts.unshared(180).is_empty());
        counts.add(LIMIT, SOMEBODY, 1, 181);
        assert_eq!(counts.unshared(181).first().unwrap().1.unshared, 1);
    }
}
