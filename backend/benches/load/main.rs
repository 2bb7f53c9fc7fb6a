//! `just bench`: how fast the program answers, on a small and on a large database of either engine, and what it takes.
//!
//! Made-up requests fill the databases ([`generator`]); the real executable runs as a process of its own ([`server`]);
//! connections that are kept open call it as fast as it answers ([`measure`]). It is no test: numbers depend on the
//! machine, which callers and server share, so each is set against the bare answer or the small database.
#![expect(clippy::print_stdout, reason = "the table is what one asks for")]
#![expect(clippy::print_stderr, reason = "and this is how one sees that it goes on")]

mod accounts;
mod applicants;
mod baseline;
mod client;
mod copies;
mod database;
mod deliveries;
mod draft;
mod exports;
mod generator;
mod lines;
mod measure;
mod overload;
mod population;
mod random;
mod report;
mod rights;
mod server;
mod siege;
mod statement;
mod words;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use datapass::policies::Policies;

use crate::database::{Database, Engine};
use crate::lines::{Callers, LINES, ONE_STATEMENT};
use crate::measure::{Load, Plan, Sample, drive};
use crate::report::{Run, thousands};
use crate::server::Server;

/// How often the program is started to time it; the middle one counts.
const STARTS: usize = 5;

/// A pause in which only other programs use the processors.
const PAUSE: Duration = Duration::from_millis(300);

#[derive(Parser)]
#[command(about = "Measures the server under load; see backend/benches/load/main.rs")]
struct Options {
    /// Requests in the large database.
    #[arg(long, default_value_t = 100_000)]
    n: usize,
    /// Requests in the small database.
    #[arg(long, default_value_t = 1_000)]
    small: usize,
    /// Seconds for each line.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Connections at once.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// On what.
    #[arg(long, value_enum, default_value_t = Engines::Both)]
    engine: Engines,
    /// Only the lines whose name holds this text, beside the bare answer and the one statement.
    #[arg(long, default_value = "")]
    only: String,
    /// The same seed makes the same requests.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the ratios of this run in `benches/baseline.json`, to be committed.
    #[arg(long)]
    save: bool,
    /// Leave the databases where they are and say where.
    #[arg(long)]
    keep: bool,
    /// Another build of the program, to be compared with this one.
    #[arg(long, default_value = env!("CARGO_BIN_EXE_datapass"))]
    program: PathBuf,
    /// Measure nothing but what attacks do to who reads and who writes: see `siege.rs`.
    #[arg(long)]
    siege: bool,
    /// Be the server of the line « one statement »: where to listen.
    #[arg(long, hide = true, requires = "database")]
    statement_server: Option<SocketAddr>,
    /// On which database.
    #[arg(long, hide = true)]
    database: Option<String>,
    /// Given by `cargo bench`; without it, this is `cargo test`, which measures nothing.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engines {
    Sqlite,
    Postgres,
    Both,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if !options.bench {
        println!("nothing is measured here: run `just bench`");
        return Ok(());
    }
    if let (Some(address), Some(url)) = (options.statement_server, &options.database) {
        return actix_web::rt::System::new().block_on(statement::serve(address, url));
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&options))
}

/// Time to read, resolve and check every policy, as a start or a reload does.
fn policies() -> Result<String> {
    let mut times = Vec::new();
    let mut count = 0;
    for _ in 0..20 {
        let started = Instant::now();
        count = Policies::open(None)?.current().len();
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).context("no time")?;
    Ok(format!("{count} policies read and checked in {:.1} ms (goal 50)", median.as_secs_f64() * 1_000.0))
}

/// Those that are asked for and there are.
fn engines(options: &Options, server: Option<&str>) -> Vec<Engine> {
    let mut engines = Vec::new();
    if options.engine != Engines::Postgres {
        engines.push(Engine::Sqlite);
    }
    if options.engine != Engines::Sqlite {
        match server {
            Some(_) => engines.push(Engine::Postgres),
            None => println!("PostgreSQL is left out: TEST_DATABASE_URL names none (`just bench` starts one).\n"),
        }
    }
    engines
}

async fn run(options: &Options) -> Result<()> {
    let server = std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty());
    let engines = engines(options, server.as_deref());
    if options.siege {
        for engine in engines {
            let time = Duration::from_secs_f64(options.seconds);
            println!("{}", siege::run(&options.program, engine, server.as_deref(), options.small, time).await?);
        }
        return Ok(());
    }
    println!("{}", policies()?);
    println!("{}", rights::checks()?);
    let mut sizes = vec![options.small, options.n];
    sizes.sort_unstable();
    sizes.dedup();
    let (mut runs, mut others) = (Vec::new(), Vec::new());
    for engine in engines {
        for &requests in &sizes {
            runs.push(measured(options, engine, server.as_deref(), requests, &mut others).await?);
        }
    }
    println!("{}", report::markdown(&runs, options.connections));
    println!("{}", baseline::compared(&runs)?);
    if options.save {
        baseline::save(&runs)?;
    }
    let foreign = others.iter().sum::<f64>() / others.len().max(1) as f64;
    println!("Other programs used {foreign:.0} % of the processors, as seen between the lines.");
    Ok(())
}

async fn measured(
    options: &Options,
    engine: Engine,
    server: Option<&str>,
    requests: usize,
    others: &mut Vec<f64>,
) -> Result<Run> {
    let mut database = Database::create(engine, server)?;
    let started = Instant::now();
    let (db, population) = database.fill(requests, options.seed).await?;
    let callers = Callers::sign_in(&db, &population).await?;
    drop(db);
    let (label, count) = (engine.label(), thousands(requests as f64));
    eprintln!("{label}: {count} requests made in {:.1} s", started.elapsed().as_secs_f64());

    let mut starts = Vec::new();
    for _ in 1..STARTS {
        starts.push(Server::start(&options.program, &database).await?.start_up);
    }
    let server = Server::start(&options.program, &database).await?;
    let statements = Server::of_statements(&database).await?;
    starts.push(server.start_up);
    starts.sort_unstable();
    let start_up = *starts.get(STARTS / 2).context("never started")?;

    let plans = lines::plans(&server, &population, &callers).await?;
    let time = Duration::from_secs_f64(options.seconds);
    let load = Load { connections: options.connections, warm_up: time / 5, time };
    let alone = Load { connections: 1, warm_up: time / 10, time: time / 2 };
    let (mut together, mut one_by_one) = (Vec::new(), Vec::new());
    for (index, ((name, _), plan)) in LINES.iter().zip(&plans).enumerate() {
        if index > 1 && !name.contains(&options.only) {
            together.push(None);
            one_by_one.push(None);
            continue;
        }
        others.push(server::busy(PAUSE).await?);
        let server = if *name == ONE_STATEMENT { &statements } else { &server };
        one_by_one.push(Some(said(name, drive(server, plan, alone).await?, 1)));
        together.push(Some(said(name, drive(server, plan, load).await?, load.connections)));
    }
    let memory = server.memory()?;
    let told = beside_the_lines(options, &server, &database, &callers, &plans).await?;
    told.iter().for_each(|told| println!("{label}, {count} requests: {told}"));
    if options.keep {
        eprintln!("{label}: kept at {}", database.keep());
    }
    Ok(Run { engine, requests, samples: together, alone: one_by_one, start_up, memory })
}

/// What is measured beside the lines of the table.
async fn beside_the_lines(
    options: &Options,
    server: &Server,
    database: &Database,
    callers: &Callers,
    plans: &[Plan],
) -> Result<Vec<String>> {
    let time = Duration::from_secs_f64(options.seconds);
    let mut told = Vec::new();
    if "export".contains(&options.only) {
        told.extend(exports::measured(server, callers.administrator()).await?);
    }
    if "overload".contains(&options.only) {
        told.extend(overload::measured(server, plans, time).await?);
    }
    if "accounts".contains(&options.only) {
        told.extend(accounts::measured(server, database).await?);
    }
    if "deliveries".contains(&options.only) {
        let load = Load { connections: options.connections, warm_up: time / 5, time };
        let decisions = plans.last().context("no plan")?;
        told.extend(deliveries::measured(server, database, decisions, load).await?);
    }
    Ok(told)
}

fn said(name: &str, sample: Sample, connections: usize) -> Sample {
    eprintln!(
        "  {name:<44} {connections:>3} × {:>8.2} ms {:>8.2} ms {:>9}/s {:>8.0} µs of processor{}",
        sample.percentile(0.5),
        sample.percentile(0.99),
        thousands(sample.rate()),
        sample.processor(),
        if sample.failures > 0 { format!(", {} FAILED", sample.failures) } else { String::new() },
    );
    sample
}
