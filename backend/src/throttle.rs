//! Slows down the guessing of passwords, codes and secrets.
//!
//! After some failures on one account, or from one address, the next attempts must wait, twice as long each time. Nothing
//! is locked for good, which would let anybody lock anybody out; the browsers of an account's owner are counted apart.
//!
//! Kept in memory: with several processes each counts on its own, which allows that many times more attempts.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

/// Failures on one account before one must wait.
const FREE_ON_ACCOUNT: u32 = 5;
/// Failures from one address before one must wait: more, because a whole administration may share one.
const FREE_FROM_ADDRESS: u32 = 20;
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// Failures that old are forgotten.
const MEMORY: Duration = Duration::from_secs(60 * 60);
/// How many accounts, browsers and addresses are remembered at most: a flood must not eat the memory. Where there is no more
/// room, those that failed the longest ago are forgotten.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

/// The failures of the last hour.
#[derive(Default)]
pub struct Throttle(Mutex<Counts>);

/// What an attempt is counted under: hashes, so that memory holds no addresses.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The account, or a browser of its owner's; empty for what is about no account.
    pub account: &'a str,
    /// The address that it comes from; empty where none counts.
    pub address: &'a str,
}

impl Throttle {
    /// Counts the attempt as failed, until it is known not to be: many at once must not slip through.
    ///
    /// # Errors
    /// One must wait, that long.
    pub fn begin(&self, attempt: Attempt<'_>) -> Result<(), Duration> {
        self.counts().begin(attempt, Instant::now())
    }

    /// It was not tried: it is as if it had never begun.
    pub fn withdraw(&self, attempt: Attempt<'_>) {
        self.counts().withdraw(attempt);
    }

    /// The password or the code was right.
    pub fn succeeded(&self, attempt: Attempt<'_>) {
        self.counts().succeeded(attempt);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Counts {
    /// The latest to fail comes first.
    failures: LruCache<String, Failures>,
}

struct Failures {
    count: u32,
    last: Instant,
    wait_until: Instant,
}

impl Default for Counts {
    fn default() -> Self {
        Self { failures: LruCache::sparse(CAPACITY) }
    }
}

impl Counts {
    fn begin(&mut self, attempt: Attempt<'_>, now: Instant) -> Result<(), Duration> {
        self.tidy(now);
        let wait = [attempt.account, attempt.address]
            .into_iter()
            .filter_map(|key| self.failures.peek(key))
            .map(|failures| failures.wait_until.saturating_duration_since(now))
            .max()
            .unwrap_or_default();
        if wait > Duration::ZERO {
            return Err(wait);
        }
        self.count(attempt.account, FREE_ON_ACCOUNT, now);
        self.count(attempt.address, FREE_FROM_ADDRESS, now);
        Ok(())
    }

    fn count(&mut self, key: &str, free: u32, now: Instant) {
        if key.is_empty() {
            return;
        }
        let fresh = || Failures { count: 0, last: now, wait_until: now };
        let failures = self.failures.get_or_insert_mut_ref(key, fresh);
        failures.count += 1;
        failures.last = now;
        if failures.count >= free {
            let doublings = (failures.count - free).min(10);
            failures.wait_until = now + (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT);
        }
    }

    fn tidy(&mut self, now: Instant) {
        while self.failures.peek_lru().is_some_and(|(_, failures)| now.duration_since(failures.last) >= MEMORY) {
            self.failures.pop_lru();
        }
    }

    /// The account starts afresh. The address does not: an attacker with an account of their own must not clear it.
    fn succeeded(&mut self, attempt: Attempt<'_>) {
        self.failures.pop(attempt.account);
        self.take_back(attempt.address);
    }

    fn withdraw(&mut self, attempt: Attempt<'_>) {
        self.take_back(attempt.account);
        self.take_back(attempt.address);
    }

    fn take_back(&mut self, key: &str) {
        if let Some(failures) = self.failures.peek_mut(key) {
            failures.count = failures.count.saturating_sub(1);
            failures.wait_until = failures.last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt<'a>(account: &'a str, address: &'a str) -> Attempt<'a> {
        Attempt { account, address }
    }

    #[test]
    fn five_failures_on_an_account_make_everybody_wait_longer_and_longer() {
        let mut throttle = Counts::default();
        let mut now = Instant::now();
        for n in 0..5 {
            assert_eq!(throttle.begin(attempt("jean", &format!("address {n}")), now), Ok(()));
        }
        for seconds in [30, 60, 120, 240, 480, 900, 900] {
            let wait = Duration::from_secs(seconds);
            assert_eq!(throttle.begin(attempt("jean", "elsewhere"), now), Err(wait));
            assert_eq!(throttle.begin(attempt("marie", "elsewhere again"), now), Ok(()));
            throttle.succeeded(attempt("marie", "elsewhere again"));
            now += wait;
            assert_eq!(throttle.begin(attempt("jean", &format!("address {seconds}")), now), Ok(()));
        }
    }

    #[test]
    fn the_right_password_makes_the_account_start_afresh() {
        let mut throttle = Counts::default();
        let now = Instant::now();
        for _ in 0..4 {
            assert_eq!(throttle.begin(attempt("jean", "address"), now), Ok(()));
        }
        assert_eq!(throttle.begin(attempt("jean", "address"), now), Ok(()));
        throttle.succeeded(attempt("jean", "address"));
        for _ in 0..5 {
            assert_eq!(throttle.begin(attempt("jean", "address"), now), Ok(()));
        }
        assert!(throttle.begin(attempt("jean", "address"), now).is_err());
    }

    #[test]
    fn one_address_may_not_try_every_account() {
        let mut throttle = Counts::default();
        let now = Instant::now();
        for n in 0..20 {
            assert_eq!(throttle.begin(attempt(&format!("account {n}"), "address"), now), Ok(()));
        }
        assert_eq!(throttle.begin(attempt("another", "address"), now), Err(FIRST_WAIT));
        assert_eq!(throttle.begin(attempt("another", "address"), now + MEMORY), Ok(()));
    }

    #[test]
    fn what_was_not_tried_does_not_count() {
        let mut throttle = Counts::default();
        let now = Instant::now();
        for _ in 0..4 {
            assert_eq!(throttle.begin(attempt("jean", "address"), now), Ok(()));
        }
        for _ in 0..20 {
            assert_eq!(throttle.begin(attempt("jean", "address"), now), Ok(()));
            throttle.withdraw(attempt("jean", "address"));
        }
        assert_eq!(throttle.begin(attempt("jean", "address"), now), Ok(()));
        assert_eq!(throttle.begin(attempt("jean", "address"), now), Err(FIRST_WAIT));
    }

    #[test]
    fn where_there_is_no_more_room_the_oldest_failures_are_forgotten() {
        let mut throttle = Counts { failures: LruCache::sparse(NonZeroUsize::MIN.saturating_add(9)) };
        let mut now = Instant::now();
        for n in 0..100 {
            now += Duration::from_secs(1);
            assert_eq!(throttle.begin(attempt(&format!("account {n}"), ""), now), Ok(()));
        }
        // The flood hides nobody: who comes now is counted.
        for _ in 0..5 {
            assert_eq!(throttle.begin(attempt("jean", ""), now), Ok(()));
        }
        assert_eq!(throttle.begin(attempt("jean", ""), now), Err(FIRST_WAIT));
        assert_eq!(throttle.failures.len(), 10);
        assert!(!throttle.failures.contains("account 90") && throttle.failures.contains("account 91"));
    }
}
