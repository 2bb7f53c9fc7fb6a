//! The whole list as a file: rows a second, and what memory it takes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::report::thousands;
use crate::server::Server;

/// How long a whole file may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// One line for each format. `session` is the cookie of who sees every request.
pub async fn measured(server: &Server, session: &str) -> Result<Vec<String>> {
    let client = datapass::outbound::http()?;
    let mut lines = Vec::new();
    for format in ["csv", "xlsx"] {
        let (before, _) = server.memory()?;
        let url = format!("http://{}/api/enrollments/export.{format}?sort=id", server.address);
        let started = Instant::now();
        let mut answer = client
            .get(url)
            .timeout(PATIENCE)
            .header("cookie", format!("datapass_session={session}"))
            .send()
            .await?
            .error_for_status()?;
        let rows: f64 = answer.headers().get("x-total-count").context("no count")?.to_str()?.parse()?;
        let (mut bytes, mut highest) = (0, before);
        while let Some(chunk) = answer.chunk().await? {
            bytes += chunk.len();
            highest = highest.max(server.memory()?.0);
        }
        let seconds = started.elapsed().as_secs_f64();
        let (rate, size) = (thousands(rows / seconds), bytes as f64 / 1e6);
        let more = (highest.saturating_sub(before)) as f64 / 1e6;
        lines.push(format!(
            "export of {} rows as {format}: {rate} rows/s (goal 20 000), {size:.1} MB, at most {more:.0} MB of memory more"
            , thousands(rows)
        ));
    }
    for format in ["csv", "json"] {
        let (before, _) = server.memory()?;
        let url = format!("http://{}/api/enrollments/public.{format}?state=all", server.address);
        let started = Instant::now();
        let mut answer = client.get(url).timeout(PATIENCE).send().await?.error_for_status()?;
        let (mut bytes, mut rows, mut highest) = (0, 0_usize, before);
        while let Some(chunk) = answer.chunk().await? {
            bytes += chunk.len();
            rows += chunk.iter().filter(|byte| **byte == b'\n').count();
            highest = highest.max(server.memory()?.0);
        }
        let (rate, size) = (thousands(rows as f64 / started.elapsed().as_secs_f64()), bytes as f64 / 1e6);
        let more = (highest.saturating_sub(before)) as f64 / 1e6;
        lines.push(format!(
            "register of {} lines as {format}: {rate} lines/s, {size:.1} MB, at most {more:.0} MB of memory more",
            thousands(rows as f64)
        ));
    }
    Ok(lines)
}
