//! Every outgoing call. Clients know no database.

pub mod antivirus;
pub mod bucket;
pub mod dns;
pub mod letter;
pub mod mailjet;
pub mod managers;
pub mod networks;
pub mod oidc;
pub mod sirene;
pub mod smtp;
pub mod webhook;

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// How long a connection that nobody uses is kept. Servers close theirs after some seconds (actix and Apache after five):
/// a request that is sent on one at that moment gets no answer.
const IDLE: Duration = Duration::from_secs(2);

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// For an administrator and the log: nothing personal.
    pub reason: String,
    /// How long the service asks to be left alone.
    pub wait: Option<Duration>,
    /// Whether to try again is of no use, and why.
    pub for_good: Option<Refused>,
}

/// What a service refuses for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// This message.
    Message,
    /// Whatever goes to its address.
    Address,
}

impl Undelivered {
    /// For that reason; it may be tried again whenever one likes.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), wait: None, for_good: None }
    }
}

/// The longest answer that is read, in bytes. Real ones have a few thousand.
const MAX_BODY: usize = 512 * 1024;

/// Why an answer was not read to its end.
enum Unread {
    /// The exchange broke off.
    Interrupted(reqwest::Error),
    /// It is longer than any real one.
    TooLong,
}

/// The whole body of an answer.
async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, Unread> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(Unread::Interrupted)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Unread::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// How long a service asks to be left alone, where it says so in seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// A client with our rules for calls to others: time-outs, no redirects, our name.
///
/// # Errors
/// The system's root certificates cannot be read.
pub fn http() -> anyhow::Result<reqwest::Client> {
    Ok(builder().timeout(Duration::from_secs(15)).build()?)
}

/// What all clients have in common. Redirects would let others point us anywhere.
fn builder() -> reqwest::ClientBuilder {
    // `reqwest` panics without a provider; a second installation only says that there is one.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(IDLE)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("DataPass/", env!("CARGO_PKG_VERSION")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    /// Answers one request of each connection, and closes it unread when a second one comes.
    fn one_answer_per_connection() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                std::thread::spawn(move || {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).unwrap();
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
                    let _ = stream.read(&mut request).unwrap();
                });
            }
        });
        url
    }

    #[tokio::test]
    async fn a_connection_that_the_server_may_be_closing_is_not_used_again() {
        let (url, client) = (one_answer_per_connection(), http().unwrap());
        for _ in 0..2 {
            let answer = client.post(&url).body("x").send().await.unwrap();
            assert_eq!(answer.text().await.unwrap(), "ok");
            tokio::time::sleep(IDLE + Duration::from_millis(200)).await;
        }
    }
}
