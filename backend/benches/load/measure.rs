//! A closed loop: so many connections, each of which sends its next request when it has the answer to the last.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use crate::client::{Connection, Request};
use crate::server::Server;

/// Requests to send, again and again.
#[derive(Clone)]
pub struct Plan {
    /// The requests, in groups that one connection must send whole and in order.
    pub groups: Arc<Vec<Vec<Request>>>,
}

impl Plan {
    /// Requests that do not depend on one another.
    pub fn of(requests: impl IntoIterator<Item = Request>) -> Self {
        Self::in_groups(requests.into_iter().map(|request| vec![request]))
    }

    /// Groups of requests.
    pub fn in_groups(groups: impl IntoIterator<Item = Vec<Request>>) -> Self {
        Self { groups: Arc::new(groups.into_iter().collect()) }
    }

    /// The same request from every connection.
    pub fn same(request: &Request, connections: usize) -> Self {
        Self::of(std::iter::repeat_n(request.clone(), connections))
    }
}

/// How long, and by how many at once.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Connections.
    pub connections: usize,
    /// Before anything is recorded.
    pub warm_up: Duration,
    /// While everything is recorded.
    pub time: Duration,
}

/// What was recorded.
#[derive(Debug)]
pub struct Sample {
    /// Every latency, in nanoseconds, smallest first.
    latencies: Vec<u64>,
    /// Of those who were told to come back.
    refused: Vec<u64>,
    time: Duration,
    /// Processor time of the server.
    processor: Duration,
    /// Answers that were no success.
    pub failures: usize,
}

impl Sample {
    /// The latency below which that share of the answers stayed, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.latencies.get(index).map_or(f64::NAN, |nanoseconds| *nanoseconds as f64 / 1e6)
    }

    /// Answers in a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.time.as_secs_f64()
    }

    /// Those who were told to come back, in a second.
    pub fn refusals(&self) -> f64 {
        self.refused.len() as f64 / self.time.as_secs_f64()
    }

    /// How long half of them were told so after, at most, in milliseconds.
    pub fn refused_median(&self) -> f64 {
        self.refused.get(self.refused.len() / 2).map_or(f64::NAN, |nanoseconds| *nanoseconds as f64 / 1e6)
    }

    /// Processor time of the server for one request, in microseconds.
    pub fn processor(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.latencies.len().max(1) as f64
    }
}

/// Runs a plan against the server.
pub async fn drive(server: &Server, plan: &Plan, load: Load) -> Result<Sample> {
    let from = Instant::now() + load.warm_up;
    let until = from + load.time;
    let connections = load.connections.min(plan.groups.len());
    let mut callers = JoinSet::new();
    for number in 0..connections {
        let connection = Connection::open(server.address).await?;
        callers.spawn(call(connection, plan.clone(), number, connections, from, until));
    }
    tokio::time::sleep_until(from.into()).await;
    let before = server.processor_time()?;
    tokio::time::sleep_until(until.into()).await;
    let processor = server.processor_time()?.saturating_sub(before);
    let time = load.time;
    let mut sample = Sample { latencies: Vec::new(), refused: Vec::new(), time, processor, failures: 0 };
    while let Some(caller) = callers.join_next().await {
        let own = caller.context("a caller panicked")??;
        sample.latencies.extend(own.latencies);
        sample.refused.extend(own.refused);
        sample.failures += own.failures;
    }
    sample.latencies.sort_unstable();
    sample.refused.sort_unstable();
    Ok(sample)
}

/// What one caller recorded.
#[derive(Default)]
struct Recorded {
    latencies: Vec<u64>,
    refused: Vec<u64>,
    failures: usize,
}

/// How long who was told to come back waits.
pub const BACK_AFTER: Duration = Duration::from_millis(8);

/// Sends every group whose number is this caller's, over and over. A group that was begun is ended.
async fn call(
    mut connection: Connection,
    plan: Plan,
    number: usize,
    connections: usize,
    from: Instant,
    until: Instant,
) -> Result<Recorded> {
    let mut recorded = Recorded::default();
    let own = plan.groups.iter().skip(number).step_by(connections);
    for group in own.cycle() {
        if Instant::now() >= until {
            break;
        }
        for request in group {
            let sent = Instant::now();
            let Ok(status) = connection.send(request).await else {
                recorded.failures += 1;
                connection.reopen().await?;
                continue;
            };
            let answered = Instant::now();
            let is_recorded = sent >= from && answered < until;
            let latency = u64::try_from((answered - sent).as_nanos()).unwrap_or(u64::MAX);
            match status {
                200..300 if is_recorded => recorded.latencies.push(latency),
                503 => {
                    recorded.failures += 1;
                    if is_recorded {
                        recorded.refused.push(latency);
                    }
                    tokio::time::sleep(BACK_AFTER).await;
                }
                200..300 => {}
                _ => recorded.failures += 1,
            }
        }
    }
    Ok(recorded)
}
