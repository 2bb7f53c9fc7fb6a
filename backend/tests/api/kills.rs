//! The processes that deliver are killed at random: four on PostgreSQL, the only one on SQLite. `KILLS` says how often; `just
//! siege` does it 200 times.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use datapass::connection::types::now;
use datapass::db::Db;
use datapass::ids::EnrollmentId;
use datapass::models::outbox::{self, NewMessage, Payload};
use datapass::schema::outbox as table;
use diesel::prelude::*;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::mailjet::read_request;
use crate::support::TestApp;

/// Requests that are told of before each kill, and how often each is.
const REQUESTS: usize = 4;
const MESSAGES: i64 = 3;

/// A call that came in.
struct Call {
    /// Number of the delivery.
    id: String,
    body: Value,
    /// The process that makes it; `None` where it is gone already.
    worker: Option<u32>,
    is_answered: bool,
}

impl Call {
    fn place(&self) -> (i64, i64) {
        (self.body["request"].as_i64().unwrap(), self.body["sequence"].as_i64().unwrap())
    }
}

/// A receiver that answers 200, sooner or later within a tenth of a second, and says what should not have been.
struct Receiver {
    port: u16,
    db: Db,
    calls: Mutex<Vec<Call>>,
    flaws: Mutex<Vec<String>>,
    /// The processes that live.
    workers: Mutex<BTreeSet<u32>>,
}

impl Receiver {
    async fn start(db: Db) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (calls, flaws, workers) = (Mutex::default(), Mutex::default(), Mutex::default());
        let receiver = Arc::new(Self { port, db, calls, flaws, workers });
        let accepting = receiver.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let receiver = accepting.clone();
                tokio::spawn(async move { receiver.serve(socket).await });
            }
        });
        receiver
    }

    async fn serve(&self, mut socket: TcpStream) {
        let Some((head, body)) = read_request(&mut socket).await else { return };
        let id = head.lines().find_map(|line| line.strip_prefix("webhook-id: ")).unwrap().to_owned();
        let worker = self.worker_at(socket.peer_addr().unwrap().port());
        let call = Call { id, body: serde_json::from_slice(&body).unwrap(), worker, is_answered: false };
        let is_delivered = is_delivered(&self.db, call.id.clone()).await;
        let index = self.take(call, is_delivered);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..100))).await;
        self.calls.lock().unwrap()[index].is_answered = true;
        drop(socket.write_all(b"HTTP/1.1 200 \r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await);
    }

    /// Keeps a call, and notes what is wrong about it; its place.
    fn take(&self, call: Call, is_delivered: bool) -> usize {
        let (mut calls, workers) = (self.calls.lock().unwrap(), self.workers.lock().unwrap());
        let flaw = |what: &str| self.flaws.lock().unwrap().push(format!("{} {:?} {what}", call.id, call.place()));
        if is_delivered {
            flaw("was delivered already");
        }
        let (request, sequence) = call.place();
        for earlier in calls.iter() {
            let (of, at) = earlier.place();
            if earlier.id == call.id && earlier.worker.is_some_and(|worker| workers.contains(&worker)) {
                flaw("is in the hands of a process that lives");
            }
            if of == request && at > sequence {
                flaw("came after a later one");
            }
        }
        let answered = |at| calls.iter().any(|earlier| earlier.place() == (request, at) && earlier.is_answered);
        if !(1..sequence).all(answered) {
            flaw("came before an earlier one was answered");
        }
        calls.push(call);
        calls.len() - 1
    }

    /// The process that holds the other end of the connection from that port.
    fn worker_at(&self, port: u16) -> Option<u32> {
        let connections = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let ends = [format!(":{port:04X}"), format!(":{:04X}", self.port)];
        let inode = connections.lines().find_map(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            (columns[1].ends_with(&ends[0]) && columns[2].ends_with(&ends[1])).then(|| columns[9].to_owned())
        })?;
        let socket = format!("socket:[{inode}]");
        let holds = |worker: &&u32| {
            let files = std::fs::read_dir(format!("/proc/{worker}/fd")).into_iter().flatten().flatten();
            files
                .into_iter()
                .any(|file| std::fs::read_link(file.path()).is_ok_and(|to| to.as_os_str() == socket.as_str()))
        };
        self.workers.lock().unwrap().iter().find(holds).copied()
    }

    /// A process with a call in hand.
    fn busy(&self) -> Option<u32> {
        let (calls, workers) = (self.calls.lock().unwrap(), self.workers.lock().unwrap());
        let in_hand = calls.iter().rev().filter(|call| !call.is_answered);
        in_hand.filter_map(|call| call.worker).find(|worker| workers.contains(worker))
    }
}

async fn is_delivered(db: &Db, id: String) -> bool {
    let delivered = table::table.find(id).filter(table::delivered_at.is_not_null()).count();
    db.read(move |c| Ok(delivered.get_result::<i64>(c)?)).await.unwrap() > 0
}

/// The processes that deliver; none outlives the test.
struct Workers<'a> {
    app: &'a TestApp,
    receiver: Arc<Receiver>,
    running: Vec<Child>,
}

impl Workers<'_> {
    fn start(&mut self) {
        let config = &self.app.state.config;
        let child = Command::new(env!("CARGO_BIN_EXE_datapass"))
            .arg(if self.app.state.db.is_embedded() { "serve" } else { "work" })
            .current_dir(self.app.directory()) // where no .env is
            .env_clear()
            .envs([("HOST", "127.0.0.1"), ("PORT", "0"), ("RUST_LOG", "error")])
            .env("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
            .env("DATABASE_URL", config.database_url())
            .env("DATA_DIR", &config.data_dir)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        self.receiver.workers.lock().unwrap().insert(child.id());
        self.running.push(child);
    }

    /// As a crash would.
    fn kill(&mut self, index: usize) {
        let mut child = self.running.swap_remove(index);
        child.kill().unwrap();
        child.wait().unwrap();
        self.receiver.workers.lock().unwrap().remove(&child.id());
    }
}

impl Drop for Workers<'_> {
    fn drop(&mut self) {
        while !self.running.is_empty() {
            self.kill(0);
        }
    }
}

async fn fill_outbox(db: &Db, webhook_id: &str, requests: &[i64]) {
    let payload = |request: i64, sequence: i64| Payload::Webhook {
        webhook_id: webhook_id.to_owned(),
        event: "refuse".to_owned(),
        body: json!({"event": "refuse", "request": request, "sequence": sequence}),
    };
    let places = requests.iter().flat_map(|request| (1..=MESSAGES).map(|sequence| (*request, sequence)));
    let messages: Vec<NewMessage> = places
        .map(|(request, sequence)| {
            let enrollment_id = Some(EnrollmentId(request));
            NewMessage { enrollment_id, sequence, payload: payload(request, sequence), held: false }
        })
        .collect();
    let insert = move |c: &mut _| {
        messages.into_iter().try_for_each(|message| Ok(outbox::insert(c, message, now().naive_utc())?))
    };
    db.write(insert).await.unwrap();
}

/// Waits for what the processes are about to do: they look for messages every second, and take fifteen seconds to see that
/// one of them has died.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !is_so().await {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_are_killed_deliver_everything_in_order_and_twice_only_what_they_had_in_hand() {
    let kills: usize = std::env::var("KILLS").map_or(8, |kills| kills.parse().expect("KILLS is a number"));
    let networks = vec!["127.0.0.0/8".parse().unwrap()];
    let mut app = TestApp::start_with(|config| config.webhook_allowed_networks = networks);
    let receiver = Receiver::start(app.state.db.clone()).await;
    let developer = app.actor("developpeuse", &["franceconnect:developer"]).await;
    let url = format!("http://127.0.0.1:{}/", receiver.port);
    let webhook = json!({"target_api": "franceconnect", "url": url, "events": ["refuse"]});
    let made = developer.post("/api/webhooks", &webhook).await.ok();
    let applicant = app.actor("demandeur", &[]).await;
    let mut requests = Vec::new();
    for _ in 0..kills * REQUESTS {
        requests.push(applicant.complete("franceconnect").await);
    }
    app.stop().await;

    let mut workers = Workers { app: &app, receiver: receiver.clone(), running: Vec::new() };
    let processes = if app.state.db.is_embedded() { 1 } else { 4 };
    (0..processes).for_each(|_| workers.start());
    for requests in requests.chunks(REQUESTS) {
        let before = receiver.calls.lock().unwrap().len();
        fill_outbox(&app.state.db, made["webhook"]["id"].as_str().unwrap(), requests).await;
        let more = before + fastrand::usize(1..=REQUESTS);
        until("calls come in", async || receiver.calls.lock().unwrap().len() >= more).await;
        // Every other time one that is at it; else whichever, also one that has just begun.
        let busy = receiver.busy().filter(|_| fastrand::bool());
        let index = workers.running.iter().position(|child| Some(child.id()) == busy);
        workers.kill(index.unwrap_or_else(|| fastrand::usize(..processes)));
        workers.start();
    }
    let pending = table::table.filter(table::kind.eq("webhook")).filter(table::delivered_at.is_null()).count();
    let is_done = async || app.state.db.read(move |c| Ok(pending.get_result::<i64>(c)?)).await.unwrap() == 0;
    until("all is delivered", is_done).await;
    drop(workers);

    let (calls, flaws) = (receiver.calls.lock().unwrap(), receiver.flaws.lock().unwrap());
    assert!(flaws.is_empty(), "{}", flaws.join("\n"));
    let mut told: BTreeMap<(i64, i64), &Call> = BTreeMap::new();
    for call in calls.iter() {
        let first = told.entry(call.place()).or_insert(call);
        assert_eq!((&first.id, &first.body), (&call.id, &call.body), "the same number and the same body each time");
        assert_eq!(call.body["delivery_id"], call.id);
    }
    let expected = requests.iter().flat_map(|request| (1..=MESSAGES).map(|sequence| (*request, sequence)));
    assert!(told.keys().copied().eq(expected), "each message arrived");
    let known: Vec<u32> = calls.iter().filter_map(|call| call.worker).collect();
    // Nobody sees any more whose it was that a killed process had in hand: at most one call of each request at each kill.
    let unknown = calls.len() - known.len();
    assert!(unknown <= kills * REQUESTS, "of {} calls {unknown} are of an unknown process", calls.len());
    let known: BTreeSet<u32> = known.into_iter().collect();
    assert!(known.len() > processes / 2, "several processes took part: {known:?}");
    let report =
        format!("{kills} kills: {} messages in {} calls by {} processes", told.len(), calls.len(), known.len());
    writeln!(std::io::stdout(), "{report}").unwrap();
}
