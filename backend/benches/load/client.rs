//! A caller of the API over one connection that is kept open.
//!
//! Written by hand because the caller shares the processors with what it measures: a request costs it a few
//! microseconds, where a real HTTP client takes as long as the server. It reads what our server sends (HTTP/1.1 with
//! `Content-Length`, or in chunks) and nothing else.

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

/// A form of the provider, as its page sends it: `token` in the body must be that of the cookie. `from` is whom a proxy has
/// heard.
pub fn post_form(path: &str, cookie: &str, from: &str, body: &str) -> Request {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: datapass_form={cookie}\r\nX-Forwarded-For: {from}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A request of which only the first `bytes` of the body come, of many.
pub fn begun(method: &str, path: &str, session: &str, from: &str, bytes: usize) -> Request {
    let (cookie, kind) = (cookie(Some(session)), if method == "PUT" { "application/pdf" } else { "application/json" });
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}X-Forwarded-For: {from}\r\nContent-Type: {kind}\r\n\
         Content-Length: 2000000\r\n\r\n"
    )
    .into_bytes();
    request.resize(request.len() + bytes, b' ');
    request
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

/// How the end of an answer is found.
#[derive(Clone, Copy)]
enum End {
    /// So many bytes, head and body.
    At(usize),
    /// After an empty chunk.
    EmptyChunk,
}

/// An open connection.
pub struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
    head: usize,
}

impl Connection {
    /// Opens one.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream, buffer: Vec::with_capacity(64 * 1024), head: 0 })
    }

    /// Opens another to the same place: who is refused before their body was read may be cut off.
    pub async fn reopen(&mut self) -> Result<()> {
        *self = Self::open(self.address).await?;
        Ok(())
    }

    /// Sends a request, reads the whole answer and returns its status.
    pub async fn send(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut end = None;
        while !end.is_some_and(|end| self.is_at(end)) {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server closed the connection");
            if end.is_none()
                && let Some(head) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")
            {
                self.head = head + 4;
                end = Some(end_of(self.buffer.get(..head).unwrap_or_default(), self.head)?);
            }
        }
        // « HTTP/1.1 200 OK »
        let status = self.buffer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        status.and_then(|digits| digits.parse().ok()).context("an answer without a status")
    }

    fn is_at(&self, end: End) -> bool {
        match end {
            End::At(total) => self.buffer.len() >= total,
            // The head ends with an empty line, too.
            End::EmptyChunk => self.buffer.get(self.head..).is_some_and(|body| body.ends_with(b"0\r\n\r\n")),
        }
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        self.buffer.get(self.head..).unwrap_or_default()
    }
}

/// Where the answer with that head, whose body begins at `start`, ends.
fn end_of(head: &[u8], start: usize) -> Result<End> {
    let value = |name: &[u8]| {
        let mut lines = head.split(|byte| *byte == b'\n');
        let line = lines.find(|line| line.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name)))?;
        std::str::from_utf8(line.get(name.len()..)?).ok().map(str::trim)
    };
    if value(b"transfer-encoding:").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        return Ok(End::EmptyChunk);
    }
    let length: usize =
        value(b"content-length:").and_then(|digits| digits.parse().ok()).context("an answer without an end")?;
    Ok(End::At(start + length))
}
