//! The real server with its samples, in the process of the fuzzer, so that what it reads of an input counts.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{LazyLock, mpsc};

use actix_web::web;
use chrono::{Duration, Utc};
use datapass::config::{Config, Dns};
use datapass::email_address::EmailAddress;
use datapass::ids::UserId;
use datapass::models::provider_session::{self, NewProviderSession};
use datapass::models::{account, user};
use datapass::secret;
use datapass::server::Server;
use datapass::state::AppState;

/// The administrator of the samples, who instructs some of them.
pub const EMAIL: &str = "datapass@yopmail.com";

/// Started at the first input.
pub static SITE: LazyLock<Site> = LazyLock::new(Site::start);

/// A server, and somebody who is signed in.
pub struct Site {
    address: SocketAddr,
    pub state: web::Data<AppState>,
    /// The cookies of the sessions of [`EMAIL`], at DataPass and at the provider.
    pub cookies: String,
}

/// What the server said.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Site {
    fn start() -> Self {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let directory = tempfile::tempdir().unwrap();
                let config = Config {
                    port: 0,
                    data_dir: directory.path().to_owned(),
                    dns: Dns::Off,
                    ..Config::default()
                };
                let server = Server::bind(config).await.unwrap();
                datapass::demo::fill(&server.state).await.unwrap();
                let cookies = signed_in(&server.state).await;
                let state = server.state.clone();
                let running = server.run().unwrap();
                sender.send((state, cookies)).unwrap();
                running.await.unwrap();
            });
        });
        let (state, cookies) = receiver.recv().unwrap();
        let address = state.public_url.trim_start_matches("http://").replace("localhost", "127.0.0.1");
        Self { address: address.parse().unwrap(), state, cookies }
    }

    /// Sends a request over a connection of its own. `rest` is what comes after the first line and `Host`, body included.
    pub fn ask(&self, method: &str, target: &str, rest: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        // Who is refused early may be cut off while still writing; what was said counts.
        let written = stream.write_all(&[head.as_bytes(), rest].concat());
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| {
            panic!("{method} {target}: no answer ({written:?}, {read:?}): {text}");
        });
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
}

impl Answer {
    /// Whatever was asked, it is no fault of ours.
    #[track_caller]
    pub fn is_no_fault(&self) {
        assert!(self.status < 500, "{}\n\n{}", self.head, self.body);
    }
}

async fn signed_in(state: &AppState) -> String {
    let id = secret::new().unwrap();
    let (id_hash, email) = (secret::hash(&id), EmailAddress::parse(EMAIL).unwrap());
    let user = state.db.write(move |connection| {
        let account = account::credentials(connection, &email)?.unwrap();
        let row = NewProviderSession {
            id_hash,
            account_id: account.account_id,
            authenticated_at: Utc::now().naive_utc(),
            second_factor: false,
            expires_at: (Utc::now() + Duration::hours(12)).naive_utc(),
        };
        provider_session::insert(connection, &row)?;
        Ok(user::find_by_email(connection, EMAIL)?)
    });
    let user = UserId(user.await.unwrap().id);
    let session = datapass::auth::session::open(state, user, Default::default()).await.unwrap();
    format!("datapass_provider={id}; {}={}", session.name(), session.value())
}

/// A text as a part of an address: what may stand there stays as it is.
pub fn in_address(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' if byte != b'#' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A text as the value of a header.
pub fn in_header(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
