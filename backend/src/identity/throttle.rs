//! Slows down who tries passwords: after some failures on one account, or from one address, the next tries must wait,
//! twice as long each time. Nothing is locked for good, which would let anybody lock anybody out.
//!
//! Kept in memory: with several processes each counts on its own, which allows that many times more tries.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;

use crate::app::State;
use crate::auth::secret;
use crate::models::account;

/// Failures on one account before one must wait.
const FREE_ON_ACCOUNT: u32 = 5;
/// Failures from one address before one must wait: more, because a whole administration may share one.
const FREE_FROM_ADDRESS: u32 = 20;
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// Failures that old are forgotten.
const MEMORY: Duration = Duration::from_secs(60 * 60);
/// How many accounts and addresses are remembered at most: a flood must not eat the memory. Those that come when it is
/// full go uncounted.
const CAPACITY: usize = 100_000;

static THROTTLE: LazyLock<Mutex<Throttle>> = LazyLock::new(Mutex::default);

/// What a try to sign in is counted under: hashes, so that memory holds no addresses.
#[derive(Clone, Debug)]
pub struct Attempt {
    account: String,
    address: String,
}

impl Attempt {
    /// A try to sign in to that account by who sends `request`.
    pub fn new(request: &HttpRequest, state: &State, email: &str) -> Self {
        Self::of("", request, state, email)
    }

    /// A code of that account's second factor: counted apart, since the right password must not clear it.
    pub fn of_code(request: &HttpRequest, state: &State, email: &str) -> Self {
        Self::of("code ", request, state, email)
    }

    /// A mail to that address because of `request`: so that nobody's mailbox is filled up through us.
    pub fn of_mail(request: &HttpRequest, state: &State, email: &str) -> Self {
        Self::of("mail ", request, state, email)
    }

    /// A try to get a token for that tool.
    pub fn of_tool(request: &HttpRequest, state: &State, client_id: &str) -> Self {
        Self::of("tool ", request, state, client_id)
    }

    fn of(what: &str, request: &HttpRequest, state: &State, email: &str) -> Self {
        let key = |kind: &str, value: &str| secret::hash(&format!("{} {what}{kind} {value}", state.public_url));
        let address = caller(request).map(|address| network(address).to_string());
        Self {
            account: key("account", &account::normal_email(email)),
            address: key("address", &address.unwrap_or_default()),
        }
    }

    /// Counts the try as failed, until it is known not to be: many at once must not slip through.
    ///
    /// # Errors
    /// One must wait, that long.
    pub fn begin(&self) -> Result<(), Duration> {
        lock().begin(self, Instant::now())
    }

    /// The password was right.
    pub fn succeeded(&self) {
        lock().succeeded(self);
    }
}

fn lock() -> std::sync::MutexGuard<'static, Throttle> {
    THROTTLE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
struct Throttle {
    failures: HashMap<String, Failures>,
    last_tidied: Option<Instant>,
}

struct Failures {
    count: u32,
    last: Instant,
    wait_until: Instant,
}

impl Throttle {
    fn begin(&mut self, attempt: &Attempt, now: Instant) -> Result<(), Duration> {
        self.tidy(now);
        let wait = [&attempt.account, &attempt.address]
            .into_iter()
            .filter_map(|key| self.failures.get(key))
            .map(|failures| failures.wait_until.saturating_duration_since(now))
            .max()
            .unwrap_or_default();
        if wait > Duration::ZERO {
            return Err(wait);
        }
        self.count(&attempt.account, FREE_ON_ACCOUNT, now);
        self.count(&attempt.address, FREE_FROM_ADDRESS, now);
        Ok(())
    }

    fn count(&mut self, key: &str, free: u32, now: Instant) {
        if self.failures.len() >= CAPACITY && !self.failures.contains_key(key) {
            return;
        }
        let fresh = Failures { count: 0, last: now, wait_until: now };
        let failures = self.failures.entry(key.to_owned()).or_insert(fresh);
        failures.count += 1;
        failures.last = now;
        if failures.count >= free {
            let doublings = (failures.count - free).min(10);
            failures.wait_until = now + (FIRST_WAIT * 2_u32.pow(doublings)).min(LONGEST_WAIT);
        }
    }

    fn tidy(&mut self, now: Instant) {
        if self.last_tidied.is_none_or(|last| now.duration_since(last) >= Duration::from_secs(60)) {
            self.failures.retain(|_, failures| now.duration_since(failures.last) < MEMORY);
            self.last_tidied = Some(now);
        }
    }

    /// The account starts afresh. The address does not: an attacker with an account of their own must not clear it.
    fn succeeded(&mut self, attempt: &Attempt) {
        self.failures.remove(&attempt.account);
        if let Some(failures) = self.failures.get_mut(&attempt.address) {
            failures.count = failures.count.saturating_sub(1);
            failures.wait_until = failures.last;
        }
    }
}

/// The address of the caller. `X-Forwarded-For` is believed from a neighbour only, a reverse proxy, and only what that
/// one added: the last.
fn caller(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let is_neighbour = match peer {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    };
    if !is_neighbour {
        return Some(peer);
    }
    let forwarded = request
        .headers()
        .get_all(HeaderName::from_static("x-forwarded-for"))
        .last()
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|address| address.trim().parse().ok());
    Some(forwarded.unwrap_or(peer))
}

/// Whoever has one IPv6 address has its whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(account: &str, address: &str) -> Attempt {
        Attempt { account: account.to_owned(), address: address.to_owned() }
    }

    #[test]
    fn five_failures_on_an_account_make_everybody_wait_longer_and_longer() {
        let mut throttle = Throttle::default();
        let mut now = Instant::now();
        for n in 0..5 {
            assert_eq!(throttle.begin(&attempt("jean", &format!("address {n}")), now), Ok(()));
        }
        for seconds in [30, 60, 120, 240, 480, 900, 900] {
            let wait = Duration::from_secs(seconds);
            assert_eq!(throttle.begin(&attempt("jean", "elsewhere"), now), Err(wait));
            assert_eq!(throttle.begin(&attempt("marie", "elsewhere again"), now), Ok(()));
            throttle.succeeded(&attempt("marie", "elsewhere again"));
            now += wait;
            assert_eq!(throttle.begin(&attempt("jean", &format!("address {seconds}")), now), Ok(()));
        }
    }

    #[test]
    fn the_right_password_makes_the_account_start_afresh() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..4 {
            assert_eq!(throttle.begin(&attempt("jean", "address"), now), Ok(()));
        }
        assert_eq!(throttle.begin(&attempt("jean", "address"), now), Ok(()));
        throttle.succeeded(&attempt("jean", "address"));
        for _ in 0..5 {
            assert_eq!(throttle.begin(&attempt("jean", "address"), now), Ok(()));
        }
        assert!(throttle.begin(&attempt("jean", "address"), now).is_err());
    }

    #[test]
    fn one_address_may_not_try_every_account() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        for n in 0..20 {
            assert_eq!(throttle.begin(&attempt(&format!("account {n}"), "address"), now), Ok(()));
        }
        assert_eq!(throttle.begin(&attempt("another", "address"), now), Err(FIRST_WAIT));
        assert_eq!(throttle.begin(&attempt("another", "address"), now + MEMORY), Ok(()));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
