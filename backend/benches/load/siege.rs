//! `just siege`: what somebody who reads and somebody who writes notice while others flood the server, attack by attack.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use datapass::db::Db;
use datapass::secret;
use serde_json::json;
use shared::workflow::Status;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::accounts;
use crate::client::{Request, begun, get, patch, post_form};
use crate::database::{Database, Engine};
use crate::lines::{self, Callers, LINES};
use crate::measure::{BACK_AFTER, Load, Plan, Sample, drive};
use crate::population::{Population, sign_in, sign_in_as, staff};
use crate::server::Server;

/// How many attack at once: four times as many lists as are answered at once, and as many reads.
const ATTACKERS: usize = 256;

/// Connections that begin something and do not end it.
const HELD: usize = 400;

/// Addresses that attack.
const ADDRESSES: usize = 200;

/// People who want the whole list as a file.
const EXPORTERS: usize = 32;

/// The API whose drafts are written.
const API: &str = "api_particulier";

/// What is done to the server.
enum Attack {
    /// Nothing.
    None,
    /// Calls, as fast as they are answered.
    Calls(Plan),
    /// What is begun, and waits to be thrown out.
    Held(Vec<Request>),
}

/// What one attack did.
struct Row {
    name: &'static str,
    read: Sample,
    saved: Sample,
    /// Memory of the server at its highest, in bytes.
    memory: u64,
    /// Of the attack, in a second: what was answered, and what was turned away.
    answered: f64,
    turned_away: f64,
}

/// The table of one engine.
pub async fn run(
    program: &Path,
    engine: Engine,
    server: Option<&str>,
    requests: usize,
    time: Duration,
) -> Result<String> {
    let database = Database::create(engine, server)?;
    let (db, population) = database.fill(requests, 1).await?;
    let callers = Callers::sign_in(&db, &population).await?;
    let server = Server::start(program, &database).await?;
    let plans = lines::plans(&server, &population, &callers).await?;
    let line = |name: &str| LINES.iter().zip(&plans).find(|((line, _), _)| *line == name).map(|(_, plan)| plan.clone());
    let reader = line("one request").context("no such line")?;
    let (autosave, draft) = autosaves(&db, &population).await?;
    let lists = line("administrator’s list: first page").context("no such line")?;
    let searches = line("search: a place with a typing error").context("no such line")?;
    let attacks = [
        ("nothing", Attack::None),
        ("lists", Attack::Calls(lists)),
        ("searches with a typing error", Attack::Calls(searches)),
        ("exports of the whole list", Attack::Calls(exports(&db).await?)),
        ("wrong passwords", Attack::Calls(sign_ins(&server).await?)),
        (
            "half-sent bodies",
            Attack::Held(from_each_address(|from| begun("POST", "/api/enrollments", &draft.session, from, 1))),
        ),
        (
            "stalled uploads",
            Attack::Held(from_each_address(|from| begun("PUT", &draft.upload, &draft.session, from, 64 * 1024))),
        ),
    ];
    let mut rows = Vec::new();
    for (name, attack) in attacks {
        rows.push(attacked(&server, name, attack, (&reader, &autosave), time).await?);
    }
    Ok(table(engine, requests, &rows))
}

/// Reader and writer call one after the other while the attack lasts.
async fn attacked(
    server: &Server,
    name: &'static str,
    attack: Attack,
    (reader, autosave): (&Plan, &Plan),
    time: Duration,
) -> Result<Row> {
    server.forget_highest()?;
    let alone = Load { connections: 1, warm_up: time / 5, time };
    let flood = async {
        let until = Instant::now() + alone.warm_up + time;
        match attack {
            Attack::None => Ok((0.0, 0.0)),
            Attack::Calls(plan) => {
                let sample = drive(server, &plan, Load { connections: ATTACKERS, ..alone }).await?;
                anyhow::Ok((sample.rate(), sample.failures as f64 / (alone.warm_up + time).as_secs_f64()))
            }
            Attack::Held(requests) => {
                let thrown_out = hold(server.address, &requests, until).await?;
                Ok((0.0, thrown_out as f64 / (alone.warm_up + time).as_secs_f64()))
            }
        }
    };
    let (flood, read, saved) = tokio::join!(flood, drive(server, reader, alone), drive(server, autosave, alone));
    let ((answered, turned_away), (_, memory)) = (flood?, server.memory()?);
    // The next one begins in peace: half-sent bodies are given up after ten seconds.
    tokio::time::sleep(time / 5).await;
    Ok(Row { name, read: read?, saved: saved?, memory, answered, turned_away })
}

/// Begins requests on many connections and waits; how often the server had enough.
async fn hold(address: SocketAddr, requests: &[Request], until: Instant) -> Result<usize> {
    let mut holders = JoinSet::new();
    for request in requests.iter().cycle().take(HELD) {
        let request = request.clone();
        holders.spawn(async move {
            let mut thrown_out = 0;
            while Instant::now() < until {
                let mut stream = TcpStream::connect(address).await?;
                let mut answer = Vec::new();
                let waited = async {
                    stream.write_all(&request).await?;
                    stream.read_to_end(&mut answer).await
                };
                // However it ends: with an answer, or without.
                thrown_out += usize::from(tokio::time::timeout_at(until.into(), waited).await.is_ok());
                tokio::time::sleep(BACK_AFTER).await;
            }
            anyhow::Ok(thrown_out)
        });
    }
    let mut thrown_out = 0;
    while let Some(holder) = holders.join_next().await {
        thrown_out += holder.context("a holder panicked")??;
    }
    Ok(thrown_out)
}

/// A draft that somebody writes.
struct Draft {
    session: String,
    /// Where its legal basis is sent to.
    upload: String,
}

/// Somebody types in a draft.
async fn autosaves(db: &Db, population: &Population) -> Result<(Plan, Draft)> {
    let draft = population.of(API, |status| status == Status::Draft).next().context("nobody has a draft")?;
    let (applicant, _) = population.applicants.get(draft.applicant).context("nobody filed it")?;
    let session = sign_in(db, *applicant).await?;
    let path = format!("/api/enrollments/{}", draft.id);
    let typed = |text: &str| patch(&path, Some(&session), &json!({"description": text}));
    let plan = Plan::in_groups([vec![typed("Nous avons besoin de"), typed("Nous avons besoin de ces données.")]]);
    Ok((plan, Draft { session, upload: format!("{path}/documents/LegalBasis?filename=texte.pdf") }))
}

/// Each of them asks for every request.
async fn exports(db: &Db) -> Result<Plan> {
    let mut requests = Vec::new();
    for number in 0..EXPORTERS {
        let session = sign_in_as(db, staff(&format!("export{number}")), &["administrator"]).await?;
        requests.push(get("/api/enrollments/export.csv?sort=id", Some(&session)));
    }
    Ok(Plan::of(requests.into_iter().cycle().take(ATTACKERS)))
}

/// Guesses for other accounts from other addresses, so that nothing but their number holds them up.
async fn sign_ins(server: &Server) -> Result<Plan> {
    let request = accounts::authorization_request(server).await?;
    let cookie = secret::new()?;
    let token = secret::hash(&format!("form {cookie}"));
    let mut guesses = Vec::new();
    for number in 0..ATTACKERS * 8 {
        let email = format!("personne{number}@exemple.fr");
        let fields =
            [("request", &*request), ("token", &*token), ("email", &*email), ("password", "une phrase de passe")];
        let body = serde_urlencoded::to_string(fields)?;
        guesses.push(post_form("/connexion", &cookie, &address(number), &body));
    }
    Ok(Plan::of(guesses))
}

fn from_each_address(request: impl Fn(&str) -> Request) -> Vec<Request> {
    (0..ADDRESSES).map(|number| request(&address(number))).collect()
}

/// One of a network that is for examples.
fn address(number: usize) -> String {
    format!("198.51.100.{}", number % ADDRESSES + 1)
}

fn table(engine: Engine, requests: usize, rows: &[Row]) -> String {
    let mut text = format!(
        "{}, {requests} requests: p50 / p99 in ms of one who reads and one who writes (how many of their calls failed)\n\n\
         | attack | reads | autosaves | memory at its highest | attack: answered | turned away |\n|---|---|---|---|---|---|\n",
        engine.label()
    );
    let innocent = |sample: &Sample| {
        format!("{:.1} / {:.1} ({})", sample.percentile(0.5), sample.percentile(0.99), sample.failures)
    };
    for Row { name, read, saved, memory, answered, turned_away } in rows {
        let (read, saved, memory) = (innocent(read), innocent(saved), *memory as f64 / 1e6);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {name} | {read} | {saved} | {memory:.0} MB | {answered:.0}/s | {turned_away:.0}/s |");
    }
    text
}
