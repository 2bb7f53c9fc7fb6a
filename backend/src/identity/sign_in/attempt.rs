//! An attempt to sign in, to give a code or to have a mail sent, as the throttle ([`crate::throttle`]) counts it: by account
//! and by the caller's address.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;

use crate::email_address::EmailAddress;
use crate::identity::form::Rejection;
use crate::secret;
use crate::state::AppState;
use crate::throttle::{self, Throttle};

/// What an attempt is counted under: hashes, so that memory holds no addresses.
#[derive(Clone)]
pub struct Attempt {
    throttle: Arc<Throttle>,
    account: String,
    address: String,
}

impl Attempt {
    /// A password of that account.
    pub fn sign_in(request: &HttpRequest, state: &AppState, email: &EmailAddress) -> Self {
        Self::of("", request, state, email)
    }

    /// A code of that account's second factor: counted apart, since the right password must not clear it.
    pub fn second_factor(request: &HttpRequest, state: &AppState, email: &EmailAddress) -> Self {
        Self::of("code ", request, state, email)
    }

    /// A mail to that address.
    fn mail(request: &HttpRequest, state: &AppState, email: &EmailAddress) -> Self {
        Self::of("mail ", request, state, email)
    }

    /// A secret of that tool.
    pub fn tool(request: &HttpRequest, state: &AppState, client_id: &str) -> Self {
        Self::of("tool ", request, state, client_id)
    }

    /// The secret of the mail service. Wrong ones from elsewhere do not hold it up: each address counts for itself.
    pub fn mail_events(request: &HttpRequest, state: &AppState) -> Self {
        Self::of("mail events ", request, state, &address(request))
    }

    /// A number that a visitor looks up in the register, which answers us only so often: by their address alone.
    pub fn lookup(request: &HttpRequest, state: &AppState) -> Self {
        Self { account: String::new(), ..Self::of("lookup ", request, state, "") }
    }

    fn of(what: &str, request: &HttpRequest, state: &AppState, account: &str) -> Self {
        let key = |kind: &str, value: &str| secret::hash(&format!("{} {what}{kind} {value}", state.public_url));
        Self {
            throttle: state.throttle.clone(),
            account: key("account", account),
            address: key("address", &address(request)),
        }
    }

    /// Counts the attempt as failed, until it is known not to be: many at once must not slip through.
    ///
    /// # Errors
    /// One must wait, that long.
    pub fn begin(&self) -> Result<(), Duration> {
        self.throttle.begin(self.keys())
    }

    /// The same for a page, which shows the wait at that field.
    pub fn check(&self, field: &'static str) -> Result<(), Rejection> {
        self.begin().map_err(|wait| Rejection::too_many(field, "Trop d’essais ont échoué.", wait))
    }

    /// The password or the code was right.
    pub fn succeeded(&self) {
        self.throttle.succeeded(self.keys());
    }

    fn keys(&self) -> throttle::Attempt<'_> {
        throttle::Attempt { account: &self.account, address: &self.address }
    }
}

/// Counts a mail to that address, so that nobody's mailbox is filled up through us; the wait is shown at that field.
pub fn check_mail(
    request: &HttpRequest,
    state: &AppState,
    email: &EmailAddress,
    field: &'static str,
) -> Result<(), Rejection> {
    let text = "Trop de messages ont été demandés pour cette adresse.";
    Attempt::mail(request, state, email).begin().map_err(|wait| Rejection::too_many(field, text, wait))
}

/// What the caller's address counts as; empty where there is none.
fn address(request: &HttpRequest) -> String {
    caller(request).map(|address| network(address).to_string()).unwrap_or_default()
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

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
