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
const COUNTS: [(&str, usize); 11] = [
    ("own", 8),
    ("instruction", 12),
    ("instruction_rest", 3),
    ("form", 5),
    ("request", 3),
    ("form_rest", 2),
    ("request_rest", 2),
    ("record", 2),
    ("account", 2),
    ("administration", 3),
    ("developers", 2),
];

/// Parts that come after another, on its page, with that one: the files of that one count as theirs.
const AFTER: [(&str, &str); 5] = [
    ("form_rest", "form"),
    ("form_review", "form_rest"),
    ("instruction_rest", "instruction"),
    ("request_rest", "request"),
    ("policies_rest", "apis"),
];

/// What the splitter made for a set of parts.
#[derive(Clone, Debug)]
struct Chunk {
    path: PathBuf,
    parts: BTreeSet<String>,
    /// Bytes of code and data.
    weight: usize,
}

/// A file of WASM, put together of chunks, and the parts that need it.
#[derive(Clone, Debug, Default)]
pub struct File {
    pub parts: BTreeSet<String>,
    chunks: Vec<Chunk>,
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
        files.push(File::of(vec![Chunk { path, parts: without_later(parts), weight }]));
    }
    if small {
        gather(&mut files);
        rearrange(&mut files);
    }
    files.sort_by(|a, b| a.parts.cmp(&b.parts).then_with(|| a.paths().cmp(b.paths())));
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
                let may_be = too_many || a.weight() < SMALL || b.weight() < SMALL;
                if may_be && best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, i, j));
                }
            }
        }
        let Some((_, i, j)) = best else { return };
        let gone = files.remove(j);
        if let Some(kept) = files.get_mut(i) {
            *kept = File::of([std::mem::take(&mut kept.chunks), gone.chunks].concat());
        }
    }
}

/// Moves chunks to other files, one at a time, as long as the parts then load less that they do not need: which files are
/// best put together is seen only once it is known which there are.
fn rearrange(files: &mut [File]) {
    let mut moved = true;
    while std::mem::take(&mut moved) {
        for from in 0..files.len() {
            let mut place = 0;
            while files.get(from).is_some_and(|file| place < file.chunks.len()) {
                if let Some(to) = better_file(files, from, place) {
                    move_chunk(files, (from, place), to);
                    moved = true;
                } else {
                    place += 1;
                }
            }
        }
    }
}

/// Where a chunk is best moved to, if anywhere.
fn better_file(files: &[File], from: usize, place: usize) -> Option<usize> {
    let file = files.get(from)?;
    let chunk = file.chunks.get(place)?;
    if file.weight() - chunk.weight < SMALL {
        return None;
    }
    let others = || file.chunks.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, chunk)| chunk);
    let (mut best, mut most) = (None, 0);
    let saved = needless(file.chunks.iter()).saturating_sub(needless(others()));
    for (to, other) in files.iter().enumerate().filter(|(to, _)| *to != from) {
        let more = needless(other.chunks.iter().chain([chunk])).saturating_sub(needless(other.chunks.iter()));
        if saved.saturating_sub(more) > most {
            (most, best) = (saved - more, Some(to));
        }
    }
    best
}

fn move_chunk(files: &mut [File], (from, place): (usize, usize), to: usize) {
    let Some(file) = files.get_mut(from) else { return };
    let chunk = file.chunks.remove(place);
    *file = File::of(std::mem::take(&mut file.chunks));
    if let Some(file) = files.get_mut(to) {
        file.chunks.push(chunk);
        *file = File::of(std::mem::take(&mut file.chunks));
    }
}

/// Bytes that parts load without need of a file of these chunks, over all of them, each as often as it counts.
fn needless<'a>(chunks: impl Iterator<Item = &'a Chunk> + Clone) -> usize {
    let all: BTreeSet<&str> = chunks.clone().flat_map(|chunk| chunk.parts.iter().map(String::as_str)).collect();
    let loading = all.iter().filter(|part| !earlier(part).any(|first| all.contains(first)));
    let of_part = |part: &&str| {
        let others = chunks.clone().filter(|chunk| !is_for(&chunk.parts, part));
        times(part) * others.map(|chunk| chunk.weight).sum::<usize>()
    };
    loading.map(of_part).sum()
}

/// Without those parts that come after another of them.
fn without_later(parts: BTreeSet<String>) -> BTreeSet<String> {
    parts.iter().filter(|part| !earlier(part).any(|first| parts.contains(first))).cloned().collect()
}

/// Whether what is for `parts` is for that one.
fn is_for(parts: &BTreeSet<String>, part: &str) -> bool {
    parts.contains(part) || earlier(part).any(|first| parts.contains(first))
}

impl File {
    fn of(chunks: Vec<Chunk>) -> Self {
        let parts = chunks.iter().flat_map(|chunk| chunk.parts.iter().cloned()).collect();
        Self { parts: without_later(parts), chunks }
    }

    fn weight(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.weight).sum()
    }

    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.chunks.iter().map(|chunk| &chunk.path)
    }

    /// Bytes that parts would load without need, over all of them, if this were put together with another.
    fn cost_with(&self, other: &Self) -> usize {
        let more = |all: &BTreeSet<String>, own: &BTreeSet<String>| -> usize {
            all.iter().filter(|part| !is_for(own, part)).map(|part| times(part)).sum()
        };
        more(&other.parts, &self.parts) * self.weight() + more(&self.parts, &other.parts) * other.weight()
    }

    /// Whether a part needs it.
    pub fn is_for(&self, part: &str) -> bool {
        is_for(&self.parts, part)
    }

    /// The WASM.
    pub fn read(&self) -> Result<Vec<u8>> {
        let chunks = self.paths().map(fs::read).collect::<Result<Vec<_>, _>>()?;
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

/// How many times it counts what a part loads without need.
fn times(part: &str) -> usize {
    COUNTS.iter().find(|(counted, _)| *counted == part).map_or(1, |(_, times)| *times)
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

    fn chunk(parts: &[&str], weight: usize) -> Chunk {
        let path = PathBuf::from(parts.concat());
        Chunk { path, parts: without_later(parts.iter().map(|part| (*part).to_owned()).collect()), weight }
    }

    fn file(parts: &[&str], weight: usize) -> File {
        File::of(vec![chunk(parts, weight)])
    }

    #[test]
    fn a_small_file_goes_where_the_least_is_loaded_in_vain() {
        let mut files = vec![
            file(&["own"], 60_000),
            file(&["form", "own"], 1_000),
            file(&["form", "own", "request"], 60_000),
            file(&["account"], 60_000),
        ];
        gather(&mut files);
        let weights: Vec<_> = files.iter().map(|file| (file.parts.len(), file.weight(), file.chunks.len())).collect();
        assert_eq!(weights, [(1, 60_000, 1), (3, 61_000, 2), (1, 60_000, 1)]);
    }

    #[test]
    fn a_chunk_moves_to_the_file_where_it_is_needed() {
        let mut files =
            vec![File::of(vec![chunk(&["own"], 60_000), chunk(&["form"], 20_000)]), file(&["form"], 60_000)];
        rearrange(&mut files);
        let needless: usize = files.iter().map(|file| needless(file.chunks.iter())).sum();
        assert_eq!((needless, files[0].weight(), files[1].weight()), (0, 60_000, 80_000));
    }

    #[test]
    fn what_comes_after_a_part_has_its_files_too() {
        let file = file(&["form", "form_rest", "own"], 1);
        assert_eq!(file.parts, ["form", "own"].map(str::to_owned).into());
        assert!(file.is_for("form_rest") && file.is_for("form_review") && !file.is_for("request_rest"));
    }
}
