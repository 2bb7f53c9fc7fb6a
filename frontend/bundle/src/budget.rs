//! What a part may weigh at most, and what it weighed when the figures were last kept, in `frontend/bundle/baseline.json`.
//!
//! ```sh
//! cargo run -p bundle -- --keep      # keeps the figures of this build as those to compare with
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Write as _, stdout};
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};

/// Kilobytes in brotli that a first load may weigh: page, scripts, style sheet, the first file of WASM and those of the
/// part, and the JSON that its page asks for. `first` is what everybody loads.
///
/// The goals are 150 for `first`, which is not reached, 230 for one's own requests, 330 for the instructor's list, 450 for a
/// form and for a request, which are. These figures are little above what is, so that it gets no worse. A part that comes after
/// another (`parts::AFTER`) is told with that one: both are what the whole page weighs.
const CEILINGS: [(&str, usize); 17] = [
    ("first", 161),
    ("own", 222),
    ("instruction", 328),
    ("instruction_rest", 367),
    ("form", 397),
    ("form_rest", 543),
    ("form_review", 592),
    ("request", 400),
    ("request_rest", 550),
    ("beside", 566),
    ("record", 390),
    ("administration", 426),
    ("apis", 406),
    ("policies_rest", 658),
    ("account", 396),
    ("developers", 349),
    ("seldom", 301),
];

/// Kilobytes kept free for the JSON that a page asks for. A form asks for more, most of it the policy and the catalogue: `e2e/tests/parts.mjs` measures it.
const JSON: usize = 5;

/// The most files of WASM.
const MOST_FILES: usize = 25;

/// How much worse than what was kept is worth a line.
const WORSE_PERCENT: usize = 15;

const BASELINE: &str = "frontend/bundle/baseline.json";

type Sizes = BTreeMap<String, usize>;

/// Prints what each part loads, says what got worse, and fails above a ceiling. `sizes` are in brotli, by file; all that no
/// part names is in the first load.
pub fn check(sizes: &Sizes, files_of: &BTreeMap<&str, Vec<&str>>) -> Result<()> {
    let of_parts: BTreeSet<&str> = files_of.values().flatten().copied().collect();
    let first: usize = sizes.iter().filter(|(name, _)| !of_parts.contains(name.as_str())).map(|(_, size)| size).sum();
    let own = |files: &Vec<&str>| files.iter().filter_map(|name| sizes.get(*name)).sum::<usize>();
    let mut loads = vec![("first", 1, first)];
    loads.extend(files_of.iter().map(|(part, files)| (*part, files.len() + 1, first + own(files))));
    let kept: Sizes = fs::read(BASELINE).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();

    print_files(sizes, files_of)?;
    writeln!(stdout(), "\n{:<16} {:>5} {:>10} {:>10} {:>8}", "first load", "WASM", "brotli", "with JSON", "ceiling")?;
    let mut above = Vec::new();
    for (part, files, size) in &loads {
        let (_, ceiling) =
            CEILINGS.iter().find(|(name, _)| name == part).with_context(|| format!("no ceiling for {part}"))?;
        let all = size + JSON * 1000;
        writeln!(stdout(), "{part:<16} {files:>5} {:>7} kB {:>7} kB {ceiling:>5} kB", kilo(*size), kilo(all))?;
        if all > ceiling * 1000 {
            above.push(*part);
        }
    }
    let count = of_parts.len() + 1;
    writeln!(stdout(), "{count} files of WASM, {} kB in all", kilo(sizes.values().sum()))?;
    print_worse(&loads, &kept)?;
    if env::args().any(|argument| argument == "--keep") {
        let figures: BTreeMap<_, _> = loads.iter().map(|(part, _, size)| (*part, *size)).collect();
        fs::write(BASELINE, serde_json::to_string_pretty(&figures)? + "\n")?;
    }
    ensure!(above.is_empty(), "above its ceiling (frontend/bundle/src/budget.rs): {}", above.join(", "));
    ensure!(count <= MOST_FILES, "{count} files of WASM, where {MOST_FILES} may be");
    Ok(())
}

/// A line for each file, with the parts that need it.
fn print_files(sizes: &Sizes, files_of: &BTreeMap<&str, Vec<&str>>) -> Result<()> {
    for (name, size) in sizes {
        let parts = files_of.iter().filter(|(_, files)| files.contains(&name.as_str()));
        let parts: Vec<&str> = parts.map(|(part, _)| *part).collect();
        let who = if parts.is_empty() { "everybody".to_owned() } else { parts.join(", ") };
        writeln!(stdout(), "{:>8} kB  {name:<24} {who}", kilo(*size))?;
    }
    Ok(())
}

/// What weighs more than it did, by so much that it should be known.
fn print_worse(loads: &[(&str, usize, usize)], kept: &Sizes) -> Result<()> {
    for (part, _, size) in loads {
        let Some(before) = kept.get(*part) else { continue };
        if *size * 100 > before * (100 + WORSE_PERCENT) {
            writeln!(
                stdout(),
                "WORSE: {part} weighs {} kB, {} when the figures were kept",
                kilo(*size),
                kilo(*before)
            )?;
        }
    }
    Ok(())
}

fn kilo(bytes: usize) -> String {
    format!("{}.{}", bytes / 1000, bytes % 1000 / 100)
}
