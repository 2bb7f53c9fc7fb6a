//! The table, and what it says of the goals.

use std::fmt::Write as _;
use std::time::Duration;

use crate::database::Engine;
use crate::lines::{Goal, LINES};
use crate::measure::Sample;

/// First goals of the project.
const FLAT_RATIO: f64 = 2.0;
const MEMORY_BYTES: u64 = 96_000_000;

/// What was measured on one database.
pub struct Run {
    /// Which engine.
    pub engine: Engine,
    /// How many requests it held.
    pub requests: usize,
    /// One for each of [`LINES`]; `None` where the line was left out.
    pub samples: Vec<Option<Sample>>,
    /// The same with one connection.
    pub alone: Vec<Option<Sample>>,
    /// From start to first answer.
    pub start_up: Duration,
    /// Resident memory after the load, and the highest, in bytes.
    pub memory: (u64, u64),
}

impl Run {
    /// Engine and number of requests.
    pub fn title(&self) -> String {
        format!("{}, {}", self.engine.label(), thousands(self.requests as f64))
    }

    fn sample(&self, line: usize) -> Option<&Sample> {
        self.samples.get(line).and_then(Option::as_ref)
    }

    /// With many callers, in milliseconds.
    pub fn p99(&self, line: usize) -> Option<f64> {
        Some(self.sample(line)?.percentile(0.99))
    }

    /// Of the answers of line `of`, in percent.
    pub fn share(&self, line: usize, of: usize) -> Option<f64> {
        Some(100.0 * self.sample(line)?.rate() / self.sample(of)?.rate())
    }

    /// The same with one caller.
    pub fn share_alone(&self, line: usize, of: usize) -> Option<f64> {
        let rate = |line: usize| Some(self.alone.get(line)?.as_ref()?.rate());
        Some(100.0 * rate(line)? / rate(of)?)
    }
}

/// Everything, in Markdown.
pub fn markdown(runs: &[Run], connections: usize) -> String {
    let mut text =
        format!("With {connections} connections: p50 / p99 in ms, requests a second (share of one statement).\n\n");
    table(&mut text, runs, |run, line| {
        let sample = run.sample(line)?;
        let share = if line == 0 { String::new() } else { format!(" ({:.0} %)", run.share(line, 1)?) };
        Some((cell(sample, &share), sample.percentile(0.99)))
    });
    text.push_str("\nWith one connection: p50 / p99 in ms, requests a second (share of one statement).\n\n");
    table(&mut text, runs, |run, line| {
        let sample = run.alone.get(line)?.as_ref()?;
        let share = format!(" ({:.0} %)", run.share_alone(line, 1)?);
        Some((cell(sample, &share), sample.percentile(0.99)))
    });
    text.push_str("\n| database | start-up | memory after the load | at its highest |\n|---|---|---|---|\n");
    for run in runs {
        let (resident, highest) = run.memory;
        let (resident, highest) = (resident as f64 / 1e6, highest as f64 / 1e6);
        let start_up = run.start_up.as_millis();
        let _ = writeln!(text, "| {} | {start_up} ms | {resident:.0} MB | {highest:.0} MB |", run.title());
    }
    goals(&mut text, runs);
    text
}

fn cell(sample: &Sample, share: &str) -> String {
    let failures = if sample.failures > 0 { format!(" **{} failed**", sample.failures) } else { String::new() };
    let (p50, p99) = (sample.percentile(0.5), sample.percentile(0.99));
    format!("{p50:.2} / {p99:.2}, {}/s{share}{failures}", thousands(sample.rate()))
}

/// One column for each database, and after each pair of one engine the ratio of their p99.
fn table(text: &mut String, runs: &[Run], of: impl Fn(&Run, usize) -> Option<(String, f64)>) {
    let is_last = |index: usize| {
        let engine = runs.get(index).map(|run| run.engine);
        index > 0 && runs.get(index - 1).map(|run| run.engine) == engine
    };
    let (mut head, mut rule) = ("| |".to_owned(), "|---|".to_owned());
    for (index, run) in runs.iter().enumerate() {
        let _ = write!(head, " {} |", run.title());
        rule.push_str("---|");
        if is_last(index) {
            head.push_str(" p99 × |");
            rule.push_str("---|");
        }
    }
    let _ = writeln!(text, "{head}\n{rule}");
    for (line, (name, _)) in LINES.iter().enumerate() {
        let _ = write!(text, "| {name} |");
        let mut before = None;
        for (index, run) in runs.iter().enumerate() {
            let (shown, p99) = of(run, line).unwrap_or_else(|| ("–".to_owned(), f64::NAN));
            let _ = write!(text, " {shown} |");
            if is_last(index) {
                let ratio = before.map_or(f64::NAN, |before: f64| p99 / before);
                let _ = write!(text, " {} |", if ratio.is_nan() { "–".to_owned() } else { format!("{ratio:.1}") });
            }
            before = Some(p99);
        }
        text.push('\n');
    }
}

/// The small and the large database of each engine.
pub fn pairs(runs: &[Run]) -> impl Iterator<Item = (&Run, &Run)> {
    runs.windows(2).filter_map(|pair| match pair {
        [small, large] if small.engine == large.engine => Some((small, large)),
        _ => None,
    })
}

fn goals(text: &mut String, runs: &[Run]) {
    let mut say = |goal: String, holds: bool| {
        let _ = writeln!(text, "- {} {goal}", if holds { "holds:" } else { "**missed:**" });
    };
    let pairs: Vec<(&Run, &Run)> = pairs(runs).collect();
    for (line, (name, goal)) in LINES.iter().enumerate() {
        match goal {
            Goal::None => {}
            Goal::Share { sqlite, postgres } => {
                for run in runs {
                    let (Some(share), Some(alone)) = (run.share(line, 1), run.share_alone(line, 1)) else { continue };
                    let goal = if run.engine == Engine::Sqlite { *sqlite } else { *postgres };
                    let title = run.title();
                    let told = format!("{title}: {name} ≥ {goal} % of one statement: {share:.0} %, {alone:.0} % alone");
                    say(told, share.min(alone) >= goal);
                }
            }
            Goal::Flat => {
                for (small, large) in &pairs {
                    let (Some(before), Some(after)) = (small.sample(line), large.sample(line)) else { continue };
                    let ratio = after.percentile(0.99) / before.percentile(0.99);
                    let engine = large.engine.label();
                    say(format!("{engine}: {name}, p99 ≤ {FLAT_RATIO} × small: {ratio:.1}"), ratio <= FLAT_RATIO);
                }
            }
        }
    }
    for run in runs {
        let (resident, _) = run.memory;
        say(format!("{}: memory ≤ {} MB", run.title(), MEMORY_BYTES / 1_000_000), resident <= MEMORY_BYTES);
    }
}

/// 12 345, with a narrow no-break space.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}
