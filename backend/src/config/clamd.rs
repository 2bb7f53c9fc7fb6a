//! Where the antivirus listens.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::variable;

/// Where `clamd` listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clamd {
    /// A host and its port.
    Tcp(String),
    /// A socket of this machine.
    Unix(PathBuf),
}

impl Clamd {
    pub(super) fn from_env() -> Result<Option<Self>> {
        variable("CLAMAV_URL").map(|url| Self::of(&url)).transpose()
    }

    fn of(url: &str) -> Result<Self> {
        let has_port = |address: &str| {
            address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        if let Some(address) = url.strip_prefix("tcp://").filter(|address| has_port(address)) {
            return Ok(Self::Tcp(address.to_owned()));
        }
        match url.strip_prefix("unix:").filter(|path| path.starts_with('/')) {
            Some(path) => Ok(Self::Unix(PathBuf::from(path))),
            None => {
                bail!("CLAMAV_URL doit être de la forme tcp://HÔTE:3310 ou unix:/CHEMIN, pas «\u{a0}{url}\u{a0}»")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_its_port_or_a_socket_is_read_and_nothing_else() {
        assert_eq!(Clamd::of("tcp://clamav:3310").unwrap(), Clamd::Tcp("clamav:3310".to_owned()));
        assert_eq!(Clamd::of("tcp://[::1]:3310").unwrap(), Clamd::Tcp("[::1]:3310".to_owned()));
        let socket = PathBuf::from("/run/clamav/clamd.ctl");
        assert_eq!(Clamd::of("unix:/run/clamav/clamd.ctl").unwrap(), Clamd::Unix(socket));
        for wrong in ["clamav:3310", "tcp://clamav", "tcp://:3310", "tcp://clamav:http", "unix:clamd.ctl", "http://a:1"]
        {
            assert!(Clamd::of(wrong).is_err(), "{wrong}");
        }
    }
}
