//! Four times as much as the server can do: how long what it accepts takes, and how fast it refuses the rest, beside one who
//! asks for the bare answer meanwhile.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::lines::LINES;
use crate::measure::{Load, Plan, drive};
use crate::server::Server;

/// As many callers as are answered at once.
const SATURATED: usize = 64;

/// With what those who are refused wait before they call again, about four times what is answered is asked for.
const OVERLOADED: usize = 4 * SATURATED;

/// What one more caller asks for meanwhile, to compare a refusal with.
const BARE: &str = "bare answer (`/api/ping`)";

/// The lines that are measured.
const MEASURED: [&str; 2] = ["instructor’s list: first page", "search: a place"];

/// One line for each.
pub async fn measured(server: &Server, plans: &[Plan], time: Duration) -> Result<Vec<String>> {
    let plan_of = |name: &str| LINES.iter().zip(plans).find(|((line, _), _)| *line == name).context("no such line");
    let (_, bare) = plan_of(BARE)?;
    let mut told = Vec::new();
    for name in MEASURED {
        let (_, plan) = plan_of(name)?;
        let plan = Plan { groups: plan.groups.iter().cycle().take(OVERLOADED).cloned().collect::<Vec<_>>().into() };
        let load = |connections| Load { connections, warm_up: time / 5, time };
        let saturated = drive(server, &plan, load(SATURATED)).await?;
        let (before, _) = server.memory()?;
        let (sample, bare) = tokio::join!(drive(server, &plan, load(OVERLOADED)), drive(server, bare, load(1)));
        let (sample, bare) = (sample?, bare?.percentile(0.5));
        let (after, _) = server.memory()?;
        told.push(format!(
            "{name}, {SATURATED} callers: p99 {:.1} ms, {:.0}/s; {OVERLOADED} callers: p99 {:.1} ms (× {:.1}, goal 2), {:.0}/s, \
             refused {:.0}/s with p50 {:.2} ms (× {:.1} of a bare answer's {bare:.2} ms meanwhile, goal 2); memory × {:.2} \
             (goal 1.2)",
            saturated.percentile(0.99),
            saturated.rate(),
            sample.percentile(0.99),
            sample.percentile(0.99) / saturated.percentile(0.99),
            sample.rate(),
            sample.refusals(),
            sample.refused_median(),
            sample.refused_median() / bare,
            after as f64 / before as f64,
        ));
    }
    Ok(told)
}
