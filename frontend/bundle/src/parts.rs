//! Splits the WASM into the first file and those of the parts (`frontend/src/parts.rs`), and writes the script that
//! loads these.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use wasm_split_cli_support::{Options, transform};
use wasmparser::{Import, Parser, Payload, TypeRef};

use crate::merge::merged;
use crate::panics;

/// The name under which the WASM and its glue import the script of the parts.
pub const SCRIPT: &str = "parts.js";

/// What `parts.js` starts with: the files and which of them each part needs stand before it.
const LOADER: &str = include_str!("parts.js");

/// The most files besides the first: each is a request more, and compresses by itself.
const MOST_FILES: usize = 24;

/// Bytes of code and data, not compressed (about 5 kB in brotli), under which a file is put together with another: the
/// splitter makes one for each set of parts that share something, about two hundred of which most are tiny, and it has
/// no option for that.
const SMALL: usize = 16_000;

/// How many times it counts what a part loads without need; once for all others. The first are those that most people load,
/// most of the time; the form and a request are further below their goals (`budget`) than the lists.
const COUNTS: [(&str, usize); 10] = [
    ("own", 8),
    ("instruction", 8),
    ("form", 3),
    ("request", 3),
    ("form_rest", 2),
    ("request_rest", 2),
    ("record", 2),
    ("account", 2),
    ("administration", 2),
    ("developers", 2),
];

/// Parts that come after another, on its page, with that one: the files of that one count as theirs.
const AFTER: [(&str, &str); 5] = [
    ("form_rest", "form"),
    ("form_review", "form_rest"),
    ("instruction_rest", "instruction"),
    ("request_rest", "request"),
    ("policies_rest", "administration"),
];

/// A file of WASM, and the parts that need it.
#[derive(Debug)]
pub struct File {
    pub parts: BTreeSet<String>,
    /// What the splitter made of which this is put together.
    chunks: Vec<PathBuf>,
    /// Bytes of code and data.
    weight: usize,
}

/// What the splitter made.
pub struct Split {
    /// The first file, for wasm-bindgen.
    pub first: PathBuf,
    pub files: Vec<File>,
    /// The parts, by name.
    pub names: Vec<String>,
    /// What a debug build asks for to see that its files belong together.
    canary: Option<String>,
}

/// Splits `wasm` into the folder `out`; with `small`, into few files without what is not needed.
pub fn split(wasm: &Path, out: &Path, small: bool) -> Result<Split> {
    fs::create_dir_all(out)?;
    let mut input = fs::read(wasm).with_context(|| format!("{}: build the front end first", wasm.display()))?;
    if small {
        input = panics::cut(&input)?;
    }
    let first = out.join("frontend.wasm");
    let link_name = format!("./{SCRIPT}");
    let mut options = Options::new(&input);
    options.output_dir = out;
    options.main_out_path = &first;
    options.link_name = &link_name;
    let made = transform(options).map_err(|error| anyhow!("{error:?}"))?;

    let mut parts_of = BTreeMap::<&str, BTreeSet<String>>::new();
    for (part, chunks) in &made.prefetch_map {
        for chunk in chunks {
            parts_of.entry(chunk).or_default().insert(part.clone());
        }
    }
    let mut files = Vec::new();
    let mut canary = None;
    for (chunk, parts) in parts_of {
        let path = out.join(format!("{chunk}.wasm"));
        let (weight, asks) = weighed(&fs::read(&path)?)?;
        canary = canary.or(asks);
        let mut file = File { parts, chunks: vec![path], weight };
        file.leave_out_later();
        files.push(file);
    }
    if small {
        gather(&mut files);
    }
    files.sort_by(|a, b| a.parts.cmp(&b.parts).then_with(|| a.chunks.cmp(&b.chunks)));
    let names = made.prefetch_map.into_keys().collect::<BTreeSet<_>>().into_iter().collect();
    Ok(Split { first, files, names, canary })
}

/// Bytes of code and data of a file, and the name of its canary.
fn weighed(wasm: &[u8]) -> Result<(usize, Option<String>)> {
    let (mut weight, mut canary) = (0, None);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::CodeSectionStart { range, .. } => weight += length(range)?,
            Payload::DataSection(section) => weight += length(section.range())?,
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let Import { name, ty, .. } = import?;
                    if matches!(ty, TypeRef::Global(_)) && name.starts_with("__canary_") {
                        canary = Some(name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok((weight, canary))
}

fn length(range: Range<u64>) -> Result<usize> {
    Ok(usize::try_from(range.end - range.start)?)
}

/// Puts files together, two at a time: those of which the parts then load the least that they do not need.
fn gather(files: &mut Vec<File>) {
    loop {
        let too_many = files.len() > MOST_FILES;
        let mut best: Option<(usize, usize, usize)> = None;
        for (i, a) in files.iter().enumerate() {
            for (j, b) in files.iter().enumerate().skip(i + 1) {
                let cost = a.cost_with(b);
                if (too_many || a.weight < SMALL || b.weight < SMALL) && best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, i, j));
                }
            }
        }
        let Some((_, i, j)) = best else { return };
        let gone = files.remove(j);
        if let Some(kept) = files.get_mut(i) {
            kept.parts.extend(gone.parts);
            kept.chunks.extend(gone.chunks);
            kept.weight += gone.weight;
            kept.leave_out_later();
        }
    }
}

impl File {
    /// Bytes that parts would load without need, over all of them, if this were put together with another.
    fn cost_with(&self, other: &Self) -> usize {
        let needless = |all: &BTreeSet<String>, own: &BTreeSet<String>| -> usize {
            let more = all.difference(own).filter(|part| !earlier(part).any(|first| own.contains(first)));
            more.map(|part| COUNTS.iter().find(|(counted, _)| counted == part).map_or(1, |(_, times)| *times)).sum()
        };
        needless(&other.parts, &self.parts) * self.weight + needless(&self.parts, &other.parts) * other.weight
    }

    /// Names no part that comes after another of its parts.
    fn leave_out_later(&mut self) {
        let own = self.parts.clone();
        self.parts.retain(|part| !earlier(part).any(|first| own.contains(first)));
    }

    /// Whether a part needs it.
    pub fn is_for(&self, part: &str) -> bool {
        self.parts.contains(part) || earlier(part).any(|first| self.parts.contains(first))
    }

    /// The WASM.
    pub fn read(&self) -> Result<Vec<u8>> {
        let chunks = self.chunks.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
        merged(chunks)
    }

    /// Its name: the parts, unless they are many.
    pub fn name(&self, index: usize) -> String {
        match self.parts.first() {
            Some(only) if self.parts.len() == 1 => format!("{only}-{index}.wasm"),
            _ => format!("shared-{index}.wasm"),
        }
    }
}

/// The parts after which that one comes, the last first.
fn earlier(part: &str) -> impl Iterator<Item = &'static str> {
    let before = |part: &str| AFTER.iter().find(|(later, _)| *later == part).map(|(_, first)| *first);
    std::iter::successors(before(part), move |part| before(part))
}

impl Split {
    /// The files that a part needs, of those names.
    pub fn files_of<'a>(&self, part: &str, names: &'a [String]) -> Vec<&'a str> {
        let needed = self.files.iter().zip(names).filter(|(file, _)| file.is_for(part));
        needed.map(|(_, name)| name.as_str()).collect()
    }

    /// The script that loads the parts from files of those names, in the order of [`Split::files`].
    pub fn script(&self, names: &[String]) -> Result<String> {
        let mut script = String::new();
        writeln!(script, "const FILES = [{}];", quoted(names.iter().map(|name| format!("./{name}"))))?;
        writeln!(script, "const PARTS = {{")?;
        for part in &self.names {
            let needed = self.files.iter().enumerate().filter(|(_, file)| file.is_for(part));
            let needed: Vec<String> = needed.map(|(index, _)| index.to_string()).collect();
            writeln!(script, "  {part}: [{}],", needed.join(", "))?;
        }
        writeln!(
            script,
            "}};\nconst CANARY = {{ {} }};",
            self.canary.as_ref().map_or_else(String::new, |name| format!("{name}: ~0xdead"))
        )?;
        script.push_str(LOADER);
        for part in &self.names {
            writeln!(script, "export const __wasm_split_load_{part} = answer(\"{part}\");")?;
        }
        Ok(script)
    }
}

fn quoted(names: impl Iterator<Item = String>) -> String {
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_goes_where_the_least_is_loaded_in_vain() {
        let file = |parts: &[&str], weight| File {
            parts: parts.iter().map(|part| (*part).to_owned()).collect(),
            chunks: vec![PathBuf::from(parts.concat())],
            weight,
        };
        let mut files = vec![
            file(&["own"], 60_000),
            file(&["form", "own"], 1_000),
            file(&["form", "own", "request"], 60_000),
            file(&["account"], 60_000),
        ];
        gather(&mut files);
        let weights: Vec<_> = files.iter().map(|file| (file.parts.len(), file.weight, file.chunks.len())).collect();
        assert_eq!(weights, [(1, 60_000, 1), (3, 61_000, 2), (1, 60_000, 1)]);
    }

    #[test]
    fn what_comes_after_a_part_has_its_files_too() {
        let mut file =
            File { parts: ["form", "form_rest", "own"].map(str::to_owned).into(), chunks: Vec::new(), weight: 1 };
        file.leave_out_later();
        assert_eq!(file.parts, ["form", "own"].map(str::to_owned).into());
        assert!(file.is_for("form_rest") && file.is_for("form_review") && !file.is_for("request_rest"));
    }
}
