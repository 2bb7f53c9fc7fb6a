//! From which address a request comes. Only the proxies that `TRUSTED_PROXIES` names may say for whom they speak.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Once;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use ipnet::IpNet;

use crate::outbound::networks;
use crate::state::AppState;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What the caller counts as: an IPv4 address or an IPv6 network. `None` where a proxy does not say for whom it speaks: then
/// everybody would count as one.
pub fn caller(request: &HttpRequest, state: &AppState) -> Option<IpAddr> {
    let peer = peer(request)?;
    let trusted = &state.config.trusted_proxies;
    let headers = request.headers().get_all(X_FORWARDED_FOR);
    let forwarded: Vec<&str> =
        headers.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).collect();
    if !forwarded.is_empty() && !is_among(trusted, peer) {
        static WARNED: Once = Once::new();
        WARNED.call_once(
            || tracing::warn!(%peer, "X-Forwarded-For is not read: TRUSTED_PROXIES does not name who sends it"),
        );
    }
    client(peer, &forwarded, trusted).map(network)
}

/// What a visitor counts as where calls are counted, and not failures: none behind a proxy that `TRUSTED_PROXIES` does not name,
/// since everybody would count as one.
pub fn visitor(request: &HttpRequest, state: &AppState) -> Option<IpAddr> {
    let peer = peer(request)?;
    let is_behind_unknown_proxy = request.headers().contains_key(X_FORWARDED_FOR)
        && !is_among(&state.config.trusted_proxies, peer)
        && !networks::is_public(peer);
    if is_behind_unknown_proxy { None } else { caller(request, state) }
}

/// The address at the other end of the connection, a proxy’s where there is one.
pub fn peer(request: &HttpRequest) -> Option<IpAddr> {
    Some(request.peer_addr()?.ip().to_canonical())
}

/// Each proxy adds at the end whom it has heard: read from there, the first that is not a proxy of ours is the client.
fn client(peer: IpAddr, forwarded: &[&str], trusted: &[IpNet]) -> Option<IpAddr> {
    if !is_among(trusted, peer) {
        return Some(peer);
    }
    let mut farthest = None;
    for text in forwarded.iter().rev() {
        let address = read(text.trim())?;
        farthest = Some(address);
        if !is_among(trusted, address) {
            break;
        }
    }
    farthest
}

fn is_among(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// Some proxies add the port.
fn read(text: &str) -> Option<IpAddr> {
    let address = text.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
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

    #[test]
    fn only_trusted_proxies_say_for_whom_they_speak() {
        let trusted: Vec<IpNet> = ["127.0.0.0/8", "10.1.0.0/16"].map(|network| network.parse().unwrap()).to_vec();
        for (peer, forwarded, expected) in [
            // A neighbour that nobody named forges what it likes.
            ("192.168.0.9", &["203.0.113.1"][..], Some("192.168.0.9")),
            ("198.51.100.7", &["203.0.113.1"], Some("198.51.100.7")),
            // What the client itself wrote stands in front.
            ("127.0.0.1", &["203.0.113.1", " 198.51.100.7"], Some("198.51.100.7")),
            ("127.0.0.1", &["203.0.113.1", "198.51.100.7", "10.1.2.3"], Some("198.51.100.7")),
            // Somebody who works on the same network as the proxies.
            ("10.1.0.1", &["10.1.2.4", "10.1.2.3"], Some("10.1.2.4")),
            ("127.0.0.1", &["198.51.100.7:4711"], Some("198.51.100.7")),
            ("127.0.0.1", &["[2001:db8::1]:4711"], Some("2001:db8::1")),
            ("127.0.0.1", &["::ffff:198.51.100.7"], Some("198.51.100.7")),
            // It names nobody.
            ("127.0.0.1", &[], None),
            ("127.0.0.1", &["203.0.113.1", "unknown"], None),
        ] {
            let found = client(peer.parse().unwrap(), forwarded, &trusted).map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{peer} {forwarded:?}");
        }
    }
}
