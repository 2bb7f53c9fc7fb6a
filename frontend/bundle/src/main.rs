//! Turns the front end's WASM into the files that are served, in `frontend/dist/`.
//!
//! ```sh
//! cargo build --profile wasm --target wasm32-unknown-unknown -p frontend
//! cargo run -p bundle                # from the root of the repository
//! cargo run -p bundle -- --dev       # the WASM of the dev profile, as it is: large, and ready at once
//! ```
//!
//! - `assets/<name>-<hash>.<ext>`: everything but the page; the hash is of the content, so a name may be cached for ever;
//! - `index.html`: `frontend/index.html` with its logical names (`/assets/frontend.js`) replaced by the hashed ones;
//! - `manifest.json`: logical name → hashed path, for the pages that the backend renders, and the files of each part;
//! - `.br` and `.gz` beside each file that compresses.
//!
//! The WASM is split by part of the application ([`parts`]); what each loads is printed and held against ceilings
//! ([`budget`]). Nothing is inline, so that the pages can say `script-src 'self' 'wasm-unsafe-eval'`.

mod budget;
mod dist;
mod merge;
mod order;
mod panics;
mod parts;
mod trim;

use std::collections::BTreeMap;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::{env, fs, thread};

use anyhow::{Context as _, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use self::dist::Dist;

/// What the Rust compiler may emit; `wasm-opt` must be told when the module does not say.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

fn main() -> Result<()> {
    let dev = env::args().any(|argument| argument == "--dev");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let frontend = Path::new("frontend");
    ensure!(frontend.join("index.html").is_file(), "run this from the root of the repository");

    let style = frontend.join("style");
    let css = Command::new("node").arg(style.join("build.mjs")).stdout(Stdio::piped()).spawn().context("node")?;

    let scratch = target.join("bundle");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    let profile = if dev { "debug" } else { "wasm" };
    let wasm = target.join("wasm32-unknown-unknown").join(profile).join("frontend.wasm");
    let split = parts::split(&wasm, &scratch.join("split"), !dev)?;
    let out = scratch.join("out");
    let mut glue = bindgen(&split.first, &out)?;
    let first = out.join("frontend_bg.wasm");
    let names: Vec<String> = split.files.iter().enumerate().map(|(index, file)| file.name(index)).collect();
    for (file, name) in split.files.iter().zip(&names) {
        fs::write(out.join(name), file.read()?)?;
    }
    if !dev {
        let (wasm, script) = trim::trimmed(&fs::read(&first)?, &glue.js)?;
        fs::write(&first, wasm)?;
        glue.js = minified(frontend, &out, &script)?;
        optimise(frontend, names.iter().map(|name| out.join(name)).chain([first.clone()]).collect())?;
    }

    let css = css.wait_with_output()?;
    ensure!(css.status.success(), "style/build.mjs failed");

    // A file comes after those it names.
    let mut dist = Dist::new(!dev);
    for name in &names {
        dist.asset(name, &fs::read(out.join(name))?)?;
    }
    dist.asset(parts::SCRIPT, split.script(&names)?.as_bytes())?;
    dist.asset("frontend.wasm", &fs::read(&first)?)?;
    for snippet in &glue.snippets {
        dist.asset(snippet, &fs::read(out.join(snippet))?)?;
    }
    dist.asset("frontend.js", glue.js.as_bytes())?;
    for name in ["start.js", "theme.js", "favicon.svg"] {
        dist.asset(name, &fs::read(style.join(name))?)?;
    }
    dist.asset("datapass.css", &css.stdout)?;
    dist.page("index.html", &fs::read(frontend.join("index.html"))?)?;
    let files_of: BTreeMap<&str, Vec<&str>> =
        split.names.iter().map(|part| (part.as_str(), split.files_of(part, &names))).collect();
    dist.write(&frontend.join("dist"), &files_of)?;
    if dev { Ok(()) } else { budget::check(&dist.sizes, &files_of) }
}

/// The JavaScript that loads the WASM, and the files that it imports.
struct Glue {
    js: String,
    snippets: Vec<String>,
}

/// Runs wasm-bindgen, the library behind the command, into `out`.
fn bindgen(wasm: &Path, out: &Path) -> Result<Glue> {
    let mut output = Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        // The parts share the memory, the table and the globals of the first file.
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| wasm.display().to_string())?;
    output.emit(out)?;
    let inline = output
        .snippets()
        .iter()
        .flat_map(|(folder, list)| (0..list.len()).map(move |i| format!("snippets/{folder}/inline{i}.js")));
    let local = output.local_modules().keys().map(|path| format!("snippets/{path}"));
    Ok(Glue { js: output.js().to_owned(), snippets: inline.chain(local).collect() })
}

/// Makes the script smaller with npm's `terser`, which most bundlers use, where it is installed.
fn minified(frontend: &Path, out: &Path, script: &str) -> Result<String> {
    let terser = frontend.join("node_modules/terser/bin/terser");
    if !terser.exists() {
        writeln!(stdout(), "no {}: the script stays as it is", terser.display())?;
        return Ok(script.to_owned());
    }
    let long = out.join("frontend.long.js");
    fs::write(&long, script)?;
    let made = Command::new("node").arg(terser).arg(long).args(["--module", "--compress", "--mangle"]).output()?;
    ensure!(made.status.success(), "terser failed: {}", String::from_utf8_lossy(&made.stderr));
    Ok(String::from_utf8(made.stdout)?)
}

/// Makes files of WASM smaller with npm's `wasm-opt`, where it is installed, as many at a time as there are cores.
fn optimise(frontend: &Path, mut files: Vec<PathBuf>) -> Result<()> {
    let wasm_opt = frontend.join("node_modules/binaryen/bin/wasm-opt");
    if !wasm_opt.exists() {
        writeln!(stdout(), "no {}: the WASM stays as it is", wasm_opt.display())?;
        return Ok(());
    }
    let one = |file: &PathBuf| {
        let mut command = Command::new("node");
        command.arg(&wasm_opt).arg("-Oz").args(WASM_FEATURES).arg(file).arg("-o").arg(file).status()
    };
    // The largest first, which is also the last to be done.
    files.reverse();
    let waiting = Mutex::new(files.iter());
    let next = || waiting.lock().ok()?.next();
    let work = || -> Result<()> {
        while let Some(file) = next() {
            ensure!(one(file)?.success(), "wasm-opt failed on {}", file.display());
            fs::write(file, order::ordered(&fs::read(file)?)?)?;
        }
        Ok(())
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("wasm-opt: a worker stopped")))
    })
}
