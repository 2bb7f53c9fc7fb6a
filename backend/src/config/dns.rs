//! Who is asked about the domains of addresses.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, Result};

use super::variable;

/// Who is asked about the domains of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dns {
    /// The servers of the system.
    System,
    /// These.
    Servers(Vec<SocketAddr>),
    /// Nobody.
    Off,
}

impl Dns {
    pub(super) fn from_env() -> Result<Self> {
        match variable("DNS_SERVERS").as_deref() {
            None => Ok(Self::System),
            Some("off") => Ok(Self::Off),
            Some(list) => list.split_whitespace().map(server).collect::<Result<_>>().map(Self::Servers),
        }
    }
}

/// An IP address, with the port where it is not the usual one.
fn server(text: &str) -> Result<SocketAddr> {
    let address = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)).or_else(|_| text.parse());
    address.with_context(|| {
        format!("DNS_SERVERS doit être off ou des adresses comme 192.0.2.53 ou [2001:db8::53]:5353, pas «\u{a0}{text}\u{a0}»")
    })
}
