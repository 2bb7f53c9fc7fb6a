//! Which networks may be called at addresses that others have chosen: public ones, and those that the operator allows.
//!
//! Else whoever writes an address has us call machines that only we reach (server-side request forgery).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Networks of the IANA special-purpose registries that are not public: private, shared, local, of documentation and tests,
/// for several receivers, reserved.
const NOT_PUBLIC: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

static NETWORKS: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| NOT_PUBLIC.iter().filter_map(|text| text.parse().ok()).collect());

/// The networks that may be called.
#[derive(Clone, Debug, Default)]
pub struct Networks {
    allowed: Vec<IpNet>,
}

impl Networks {
    /// Public ones, and those.
    pub const fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether that address may be called.
    pub fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|network| network.contains(&address)) || is_public(address)
    }

    /// Whether the operator allows that address by name, which need not be called by https then.
    pub fn allow_by_name(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

/// Whether that address is of the public Internet.
pub fn is_public(address: IpAddr) -> bool {
    let embedded = match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => embedded(address),
    };
    !NETWORKS.iter().any(|network| network.contains(&address)) && embedded.is_none_or(|v4| is_public(v4.into()))
}

/// The IPv4 address that an IPv6 address leads to: 6to4 (RFC 3056), NAT64 (RFC 6052).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0x2002, high, low, ..] => Some(bits(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(bits(high, low)),
        _ => None,
    }
}

/// Looks names up as the system does.
pub struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Leaves of what a name leads to only what may be called. The connection goes to what is left, so that a name which leads
/// elsewhere the second time gains nothing.
pub struct Guard {
    /// Who looks names up.
    pub resolver: Arc<dyn Resolve>,
    pub networks: Networks,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, networks) = (self.resolver.resolve(name), self.networks.clone());
        Box::pin(async move {
            let left: Vec<SocketAddr> = found.await?.filter(|address| networks.allow(address.ip())).collect();
            if left.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, NOT_ALLOWED).into());
            }
            Ok(Box::new(left.into_iter()) as Addrs)
        })
    }
}

/// Said of an address that may not be called.
pub const NOT_ALLOWED: &str = "l’adresse n’est pas sur un réseau public";

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(networks: &Networks, text: &str) -> bool {
        networks.allow(text.parse().unwrap())
    }

    #[test]
    fn every_network_of_the_list_is_read() {
        assert_eq!(NETWORKS.len(), NOT_PUBLIC.len());
    }

    #[test]
    fn only_public_addresses_are_called() {
        let networks = Networks::default();
        for address in ["93.184.216.34", "2606:2800:220:1::1", "2002:5db8:d822::1", "64:ff9b::93.184.216.34"] {
            assert!(allow(&networks, address), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.100.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "64:ff9b::10.0.0.1",
            "ff02::1",
        ] {
            assert!(!allow(&networks, address), "{address}");
        }
    }

    #[test]
    fn an_operator_allows_networks() {
        let networks = Networks::new(vec!["10.1.0.0/16".parse().unwrap(), "127.0.0.0/8".parse().unwrap()]);
        assert!(allow(&networks, "10.1.2.3") && allow(&networks, "::ffff:127.0.0.1") && allow(&networks, "1.1.1.1"));
        assert!(!allow(&networks, "10.2.2.3"));
    }
}
