//! A caller of the API over one connection that is kept open.
//!
//! Written by hand because the caller shares the processors with what it measures: a request costs it a few
//! microseconds, where a real HTTP client takes as long as the server. It reads what our server sends (HTTP/1.1 with
//! `Content-Length`) and nothing else.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request, ready to be sent.
pub type Request = Vec<u8>;

/// A `GET`; `session` is the value of the cookie, where somebody is signed in.
pub fn get(path: &str, session: Option<&str>) -> Request {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", cookie(session)).into_bytes()
}

/// A `PATCH` with a JSON body.
pub fn patch(path: &str, session: Option<&str>, body: &serde_json::Value) -> Request {
    let (cookie, body) = (cookie(session), body.to_string());
    let length = body.len();
    format!(
        "PATCH {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn cookie(session: Option<&str>) -> String {
    session.map(|session| format!("Cookie: datapass_session={session}\r\n")).unwrap_or_default()
}

/// A text as part of a query string.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write as _;

    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// An open connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    head: usize,
}

impl Connection {
    /// Opens one.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024), head: 0 })
    }

    /// Sends a request, reads the whole answer and returns its status.
    pub async fn send(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut total = None;
        while total.is_none_or(|total| self.buffer.len() < total) {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server closed the connection");
            if total.is_none()
                && let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")
            {
                self.head = end + 4;
                total = Some(self.head + length(self.buffer.get(..end).unwrap_or_default())?);
            }
        }
        // « HTTP/1.1 200 OK »
        let status = self.buffer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        status.and_then(|digits| digits.parse().ok()).context("an answer without a status")
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        self.buffer.get(self.head..).unwrap_or_default()
    }
}

fn length(head: &[u8]) -> Result<usize> {
    const NAME: &[u8] = b"content-length:";

    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.get(..NAME.len()).is_some_and(|start| start.eq_ignore_ascii_case(NAME)));
    let digits = line.and_then(|line| std::str::from_utf8(line.get(NAME.len()..)?).ok());
    digits.and_then(|digits| digits.trim().parse().ok()).context("an answer without Content-Length")
}
