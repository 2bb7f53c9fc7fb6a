//! A receiver of webhooks on a real socket: it keeps what it gets, checks signatures as v1's documentation and Standard
//! Webhooks say, and answers as it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::mailjet::read_request;

/// How to answer.
#[derive(Clone, Debug)]
pub enum Reply {
    Status(u16, &'static str),
    Json(Value),
    Redirect(&'static str),
    /// The connection is closed without an answer.
    Reset,
    /// What is no HTTP.
    Garbage,
    /// 200, and 10 MB.
    Big,
    /// One byte a second.
    Slow,
}

/// What it got.
#[derive(Clone, Debug)]
pub struct Sent {
    pub headers: HashMap<String, String>,
    raw: String,
    pub body: Value,
}

#[derive(Default)]
struct Known {
    sent: Vec<Sent>,
    /// For the next calls, whatever they say; the last first.
    next: Vec<Reply>,
    by_event: HashMap<String, Reply>,
}

pub struct Receiver {
    pub url: String,
    known: Arc<Mutex<Known>>,
}

impl Receiver {
    /// Answers the first calls so, the others as is said of their event, else 200.
    pub async fn start(replies: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let known = Arc::new(Mutex::new(Known { next: replies.iter().rev().cloned().collect(), ..Known::default() }));
        let shared = known.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, shared.clone()));
            }
        });
        Self { url, known }
    }

    pub fn answer(&self, event: &str, reply: Reply) {
        self.known.lock().unwrap().by_event.insert(event.to_owned(), reply);
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.known.lock().unwrap().sent.clone()
    }
}

async fn serve(mut socket: TcpStream, known: Arc<Mutex<Known>>) {
    let Some((head, body)) = read_request(&mut socket).await else { return };
    assert!(head.starts_with("POST / "), "{head}");
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let raw = String::from_utf8(body).unwrap();
    let sent = Sent { headers, body: serde_json::from_str(&raw).unwrap(), raw };
    let reply = {
        let mut known = known.lock().unwrap();
        let event = sent.body["event"].as_str().unwrap().to_owned();
        known.sent.push(sent);
        let of_event = known.by_event.get(&event).cloned();
        known.next.pop().or(of_event).unwrap_or(Reply::Status(200, "{}"))
    };
    let answer = |status: u16, more: &str, body: &str| {
        format!("HTTP/1.1 {status} X\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    };
    let text = match reply {
        Reply::Status(status, body) => answer(status, "", body),
        Reply::Json(value) => answer(200, "content-type: application/json\r\n", &value.to_string()),
        Reply::Redirect(to) => answer(302, &format!("location: {to}\r\n"), ""),
        Reply::Reset => return,
        Reply::Garbage => "\u{1}\u{2} not HTTP\r\n\r\n".to_owned(),
        Reply::Big => answer(200, "", &"x".repeat(10_000_000)),
        Reply::Slow => {
            for byte in answer(200, "", "{}").bytes() {
                if socket.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            return;
        }
    };
    drop(socket.write_all(text.as_bytes()).await);
}

impl Sent {
    /// Both signatures are of that secret.
    #[track_caller]
    pub fn verify(&self, secret: &str) {
        assert!(self.is_hub_signed_by(secret) && self.is_standard_signed_by(secret), "{:?}", self.headers);
    }

    /// v1: the key is the text.
    pub fn is_hub_signed_by(&self, secret: &str) -> bool {
        let mac = hmac(secret.as_bytes(), &self.raw);
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        self.headers["x-hub-signature-256"] == format!("sha256={hex}")
    }

    /// Standard Webhooks: the key is what the text encodes.
    pub fn is_standard_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let (id, timestamp) = (&self.headers["webhook-id"], &self.headers["webhook-timestamp"]);
        let mac = hmac(&key, &format!("{id}.{timestamp}.{}", self.raw));
        let expected = format!("v1,{}", STANDARD.encode(mac));
        self.headers["webhook-signature"].split(' ').any(|signature| signature == expected)
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
