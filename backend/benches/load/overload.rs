//! Four times as much as the server can do: how long what it accepts takes, and how fast it refuses the rest, beside as many
//! who ask for the bare answer.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::lines::LINES;
use crate::measure::{Load, Plan, drive};
use crate::server::Server;

/// As many callers as are answered at once.
const SATURATED: usize = 64;

/// With what those who are refused wait before they call again, about four times what is answered is asked for.
const OVERLOADED: usize = 4 * SATURATED;

/// What as many callers ask for beside those who are refused, to compare a refusal with.
const BARE: &str = "bare answer (`/api/ping`)";

/// The lines that are measured.
const MEASURED: [&str; 2] = ["instructor’s list: first page", "search: a place"];

/// One line for each.
pub async fn measured(server: &Server, plans: &[Plan], time: Duration) -> Result<Vec<String>> {
    let plan_of = |name: &str| {
        let line = LINES.iter().zip(plans).find(|((line, _), _)| *line == name);
        line.map(|(_, plan)| plan).context("no such line")
    };
    let of_all = |plan: &Plan| Plan::in_groups(plan.groups.iter().cycle().take(OVERLOADED).cloned());
    let bare = of_all(plan_of(BARE)?);
    let mut told = Vec::new();
    for name in MEASURED {
        let plan = of_all(plan_of(name)?);
        let load = |connections| Load { connections, warm_up: time / 5, time };
        let saturated = drive(server, &plan, load(SATURATED)).await?;
        let (before, _) = server.memory()?;
        let sample = drive(server, &plan, load(OVERLOADED)).await?;
        let (after, _) = server.memory()?;
        let beside = tokio::join!(drive(server, &plan, load(OVERLOADED)), drive(server, &bare, load(OVERLOADED)));
        let (refused, bare) = (beside.0?.refused_median(), beside.1?.percentile(0.5));
        told.push(format!(
            "{name}, {SATURATED} callers: p99 {:.1} ms, {:.0}/s; {OVERLOADED} callers: p99 {:.1} ms (× {:.1}, goal 2), {:.0}/s, \
             refused {:.0}/s with p50 {:.2} ms; memory × {:.2} (goal 1.2); beside {OVERLOADED} who ask for the bare answer, \
             refused with p50 {refused:.2} ms, × {:.1} of their {bare:.2} ms (goal 2)",
            saturated.percentile(0.99),
            saturated.rate(),
            sample.percentile(0.99),
            sample.percentile(0.99) / saturated.percentile(0.99),
            sample.rate(),
            sample.refusals(),
            sample.refused_median(),
            after as f64 / before as f64,
            refused / bare,
        ));
    }
    Ok(told)
}
