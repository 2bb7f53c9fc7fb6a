//! Signed calls to the addresses of webhooks: v1's signature and that of Standard Webhooks 1.0.0, one beside the other.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use openidconnect::url::{Host, Url};
use reqwest::dns::Resolve;
use reqwest::header::CONTENT_TYPE;
use sha2::Sha256;

use super::networks::{Guard, NOT_ALLOWED, Networks, System};
use crate::error::{Error, Result};

/// How long a whole call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How much of an answer is read.
const MAX_ANSWER: usize = 64 * 1024;

/// What secrets begin with (Standard Webhooks).
const PREFIX: &str = "whsec_";

/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;

/// Calls webhooks.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    networks: Networks,
}

/// What to send.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    pub url: &'a str,
    /// Number of the delivery: the same in each call for it.
    pub id: &'a str,
    /// Time of this call, in Unix seconds.
    pub timestamp: i64,
    pub body: &'a str,
    /// The secret as it was shown.
    pub secret: &'a str,
    /// The one before, while its holder still goes by it.
    pub previous_secret: Option<&'a str>,
}

/// What the receiver answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// The beginning of it, as text.
    pub body: String,
    /// How long it asks us to wait.
    pub retry_after: Option<Duration>,
}

/// A new secret: `whsec_` and 32 random bytes in base64.
///
/// # Errors
/// The system gives no randomness.
pub fn new_secret() -> Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

impl Client {
    /// Calls what those networks have.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(networks: Networks) -> anyhow::Result<Self> {
        Self::with_resolver(networks, Arc::new(System))
    }

    /// The same, where another looks names up.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn with_resolver(networks: Networks, resolver: Arc<dyn Resolve>) -> anyhow::Result<Self> {
        let guard = Guard { resolver, networks: networks.clone() };
        // A proxy would look the name up in our place, and call what it leads to.
        let http = super::builder().timeout(TIMEOUT).no_proxy().dns_resolver(Arc::new(guard)).build()?;
        Ok(Self { http, networks })
    }

    /// Whether that address may be the one of a webhook: https, or http where the operator allows its network; no
    /// credentials, no fragment; not an address of a network that may not be called. Where its name leads is looked at by
    /// each call.
    ///
    /// # Errors
    /// What is wrong with it, for who wrote it.
    pub fn check(&self, url: &str) -> std::result::Result<(), String> {
        let url = Url::parse(url).map_err(|_| "Indiquez une adresse complète, comme https://exemple.fr/datapass.")?;
        let address: Option<IpAddr> = match url.host() {
            None => return Err("Indiquez une adresse complète, comme https://exemple.fr/datapass.".to_owned()),
            Some(Host::Domain("localhost")) => Some(IpAddr::from([127, 0, 0, 1])),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
        };
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err("L’adresse ne doit contenir ni identifiant, ni mot de passe, ni «\u{a0}#\u{a0}»\u{a0}: \
                        vérifiez plutôt la signature de l’appel."
                .to_owned());
        }
        if address.is_some_and(|address| !self.networks.allow(address)) {
            return Err(format!("Choisissez une autre adresse\u{a0}: {NOT_ALLOWED}."));
        }
        let may_be_plain = address.is_some_and(|address| self.networks.allow_by_name(address));
        if url.scheme() == "https" || (url.scheme() == "http" && may_be_plain) {
            Ok(())
        } else {
            Err("L’adresse doit commencer par https://.".to_owned())
        }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// Why there is no answer, without the address.
    pub async fn post(&self, call: Call<'_>) -> std::result::Result<Answer, String> {
        // The name is looked up and guarded below; an address that stands there itself is not.
        self.check(call.url)?;
        let request = self
            .http
            .post(call.url)
            .header(CONTENT_TYPE, "application/json")
            .header("x-hub-signature-256", hub_signature(call))
            .header("webhook-id", call.id)
            .header("webhook-timestamp", call.timestamp)
            .header("webhook-signature", signatures(call)?)
            .body(call.body.to_owned());
        let mut response = request.send().await.map_err(told)?;
        let retry_after = super::retry_after(response.headers());
        let mut body = Vec::new();
        // An answer that breaks off has been given: its status counts.
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= MAX_ANSWER {
                body.truncate(MAX_ANSWER);
                break;
            }
        }
        Ok(Answer {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(&body).into_owned(),
            retry_after,
        })
    }
}

/// v1's: `sha256=` and the HMAC of the body in hexadecimal. There is room for one signature, so the older secret makes it
/// until it is removed; its key is the text as it was shown.
fn hub_signature(call: Call<'_>) -> String {
    let key = call.previous_secret.unwrap_or(call.secret);
    let digest = hmac(key.as_bytes(), &[call.body]);
    format!("sha256={}", base16ct::lower::encode_string(&digest))
}

/// Standard Webhooks': one signature for each secret; the key is what the text encodes.
fn signatures(call: Call<'_>) -> std::result::Result<String, String> {
    let timestamp = call.timestamp.to_string();
    let mut all = Vec::new();
    for secret in std::iter::once(call.secret).chain(call.previous_secret) {
        let key = STANDARD
            .decode(secret.strip_prefix(PREFIX).unwrap_or(secret))
            .map_err(|_| "le secret de ce webhook est illisible".to_owned())?;
        all.push(format!("v1,{}", STANDARD.encode(hmac(&key, &[call.id, ".", &timestamp, ".", call.body]))));
    }
    Ok(all.join(" "))
}

fn hmac(key: &[u8], parts: &[&str]) -> Vec<u8> {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part.as_bytes()));
    mac.finalize().into_bytes().to_vec()
}

/// Why a call has no answer, for who looks after its receiver.
fn told(error: reqwest::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        if error.to_string() == NOT_ALLOWED {
            return NOT_ALLOWED.to_owned();
        }
        cause = error.source();
    }
    if error.is_timeout() {
        format!("pas de réponse complète en {} secondes", TIMEOUT.as_secs())
    } else if error.is_connect() {
        "connexion impossible".to_owned()
    } else {
        "l’échange s’est interrompu".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call<'a>(previous_secret: Option<&'a str>) -> Call<'a> {
        Call {
            url: "https://exemple.fr",
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: r#"{"test": 2432232314}"#,
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            previous_secret,
        }
    }

    #[test]
    fn the_signature_is_that_of_the_specification() {
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signatures(call(None)).unwrap(), expected);
        let both = signatures(call(Some("whsec_AAAA"))).unwrap();
        assert_eq!((both.split(' ').count(), both.split(' ').next()), (2, Some(expected)));
    }

    #[test]
    fn v1_s_signature_is_made_with_the_older_secret() {
        let present = hub_signature(call(None));
        assert_eq!(present.len(), "sha256=".len() + 64);
        assert_ne!(present, hub_signature(call(Some("whsec_AAAA"))));
    }

    #[test]
    fn an_address_is_a_public_one_without_credentials() {
        let public = Client::new(Networks::default()).unwrap();
        for url in ["https://exemple.fr/a?b=c", "https://93.184.216.34:8443/"] {
            assert_eq!(public.check(url), Ok(()), "{url}");
        }
        for url in [
            "",
            "exemple.fr",
            "http://exemple.fr",
            "ftp://exemple.fr",
            "https://moi:secret@exemple.fr",
            "https://moi@exemple.fr",
            "https://exemple.fr/#a",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://localhost/",
            "http://localhost/",
            "https://169.254.169.254/latest/meta-data",
            "data:text/plain,a",
        ] {
            assert!(public.check(url).is_err(), "{url}");
        }
        let local = Client::new(Networks::new(vec!["127.0.0.0/8".parse().unwrap()])).unwrap();
        for url in ["http://127.0.0.1:8080/", "http://localhost:8080/", "https://exemple.fr"] {
            assert_eq!(local.check(url), Ok(()), "{url}");
        }
        assert!(local.check("http://exemple.fr").is_err() && local.check("http://10.0.0.1").is_err());
    }
}
