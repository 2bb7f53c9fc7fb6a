//! The figures of the last run that was committed, to tell what got worse: ratios within one run, which mean the same on
//! another machine.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::lines::{LINES, ONE_STATEMENT};
use crate::report::{Run, pairs};

/// What is worse by less is noise.
const NOISE: f64 = 1.15;

/// By engine and number of requests, by line.
type Baseline = BTreeMap<String, BTreeMap<String, Figures>>;

/// What one line reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Figures {
    /// Answers for a hundred of the line « one statement », with many callers.
    share: f64,
    /// The same with one caller.
    share_alone: f64,
    /// p99 for that of the small database, with many callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<f64>,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/baseline.json")
}

fn figures(runs: &[Run]) -> Baseline {
    let mut all = Baseline::new();
    for run in runs {
        let small = pairs(runs).find(|(_, large)| std::ptr::eq(*large, run)).map(|(small, _)| small);
        let lines = LINES.iter().enumerate().filter(|(_, (name, _))| *name != ONE_STATEMENT);
        let known = lines.filter_map(|(line, (name, _))| {
            let growth = small.and_then(|small| Some(run.p99(line)? / small.p99(line)?));
            let figures = Figures { share: run.share(line, 1)?, share_alone: run.share_alone(line, 1)?, growth };
            Some(((*name).to_owned(), figures))
        });
        all.insert(run.title(), known.collect());
    }
    all
}

/// What is worse than in the committed run by more than noise, in Markdown.
pub fn compared(runs: &[Run]) -> Result<String> {
    let Ok(text) = fs::read_to_string(path()) else {
        return Ok("There is no run to compare with: `--save` keeps this one.\n".to_owned());
    };
    Ok(told(&serde_json::from_str(&text).context("baseline.json")?, &figures(runs)))
}

/// Keeps the figures of this run, beside those of databases that it did not measure.
pub fn save(runs: &[Run]) -> Result<()> {
    let mut all: Baseline = match fs::read_to_string(path()) {
        Ok(text) => serde_json::from_str(&text).context("baseline.json")?,
        Err(_) => Baseline::new(),
    };
    for (title, lines) in figures(runs) {
        all.entry(title).or_default().extend(lines);
    }
    Ok(fs::write(path(), serde_json::to_string_pretty(&all)? + "\n")?)
}

fn told(before: &Baseline, after: &Baseline) -> String {
    let mut text = String::new();
    for (title, lines) in after {
        for (name, now) in lines {
            let Some(then) = before.get(title).and_then(|lines| lines.get(name)) else { continue };
            let mut tell = |what: &str, then: f64, now: f64, is_worse: bool| {
                if is_worse {
                    let _ = writeln!(text, "- **worse**, {title}: {name}: {what} {now:.1}, was {then:.1}");
                }
            };
            tell("share of one statement", then.share, now.share, now.share * NOISE < then.share);
            tell("share, one caller", then.share_alone, now.share_alone, now.share_alone * NOISE < then.share_alone);
            if let (Some(then), Some(now)) = (then.growth, now.growth) {
                tell("p99 ×", then, now, now > then * NOISE);
            }
        }
    }
    if text.is_empty() { "Nothing is worse by more than 15 % than in the committed run.\n".to_owned() } else { text }
}
