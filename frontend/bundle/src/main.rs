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
//! - `manifest.json`: logical name → hashed path, for the pages that the backend renders;
//! - `.br` and `.gz` beside each file that compresses.
//!
//! Nothing is inline, so that the pages can say `script-src 'self' 'wasm-unsafe-eval'`.

use std::collections::BTreeMap;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

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
    let profile = if dev { "debug" } else { "wasm" };
    let glue = bindgen(&target.join("wasm32-unknown-unknown").join(profile).join("frontend.wasm"), &scratch)?;
    if !dev {
        optimise(frontend, &scratch.join("frontend_bg.wasm"))?;
    }

    let css = css.wait_with_output()?;
    ensure!(css.status.success(), "style/build.mjs failed");

    // A file comes after those it names.
    let mut dist = Dist { compress: !dev, ..Dist::default() };
    dist.asset("frontend.wasm", &fs::read(scratch.join("frontend_bg.wasm"))?)?;
    for snippet in &glue.snippets {
        dist.asset(snippet, &fs::read(scratch.join(snippet))?)?;
    }
    dist.asset("frontend.js", glue.js.as_bytes())?;
    for name in ["start.js", "theme.js", "favicon.svg"] {
        dist.asset(name, &fs::read(style.join(name))?)?;
    }
    dist.asset("datapass.css", &css.stdout)?;
    let page = dist.resolved(&fs::read(frontend.join("index.html"))?);
    dist.add("/index.html".into(), page)?;
    dist.write(&frontend.join("dist"))
}

/// The JavaScript that loads the WASM, and the files that it imports.
struct Glue {
    js: String,
    snippets: Vec<String>,
}

/// Runs wasm-bindgen, the library behind the command, into `out`.
fn bindgen(wasm: &Path, out: &Path) -> Result<Glue> {
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    let mut output = Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("{}: build the front end first", wasm.display()))?;
    output.emit(out)?;
    let inline = output
        .snippets()
        .iter()
        .flat_map(|(folder, list)| (0..list.len()).map(move |i| format!("snippets/{folder}/inline{i}.js")));
    let local = output.local_modules().keys().map(|path| format!("snippets/{path}"));
    Ok(Glue { js: output.js().to_owned(), snippets: inline.chain(local).collect() })
}

/// Makes the WASM smaller with npm's `wasm-opt`, where it is installed.
fn optimise(frontend: &Path, wasm: &Path) -> Result<()> {
    let wasm_opt = frontend.join("node_modules/binaryen/bin/wasm-opt");
    if !wasm_opt.exists() {
        writeln!(stdout(), "no {}: the WASM stays as it is", wasm_opt.display())?;
        return Ok(());
    }
    let status =
        Command::new("node").arg(wasm_opt).arg("-Oz").args(WASM_FEATURES).arg(wasm).arg("-o").arg(wasm).status()?;
    ensure!(status.success(), "wasm-opt failed");
    Ok(())
}

/// The folder to write: kept in memory until all of it is there.
#[derive(Default)]
struct Dist {
    files: Vec<(String, Vec<u8>)>,
    /// Whether to write `.br` and `.gz`.
    compress: bool,
    /// Logical name → path on the server.
    manifest: BTreeMap<String, String>,
    /// Bytes sent for a first visit: HTML, JavaScript, WASM and CSS, in brotli.
    total: usize,
}

impl Dist {
    /// Adds a file under a name with its hash, and remembers that name.
    fn asset(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let content = self.resolved(content);
        let hash: String = Sha256::digest(&content).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let (stem, extension) = name.rsplit_once('.').with_context(|| format!("{name}: no extension"))?;
        let path = format!("/assets/{}-{hash}.{extension}", stem.replace('/', "-"));
        self.manifest.insert(name.to_owned(), path.clone());
        self.add(path, content)
    }

    /// The content with hashed names in the place of logical ones: `/assets/NAME` in HTML, `./NAME` in JavaScript.
    fn resolved(&self, content: &[u8]) -> Vec<u8> {
        let Ok(text) = str::from_utf8(content) else { return content.to_vec() };
        let mut text = text.to_owned();
        for (name, path) in &self.manifest {
            for (quote, base) in [('"', "/assets"), ('"', "."), ('\'', ".")] {
                text = text.replace(&format!("{quote}{base}/{name}{quote}"), &format!("{quote}{path}{quote}"));
            }
        }
        text.into_bytes()
    }

    /// Adds a file, with its compressed copies and a line on their sizes.
    fn add(&mut self, path: String, content: Vec<u8>) -> Result<()> {
        if self.compress {
            let mut brotli = Vec::new();
            let best = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
            brotli::BrotliCompress(&mut content.as_slice(), &mut brotli, &best)?;
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(&content)?;
            let gzip = gzip.finish()?;

            writeln!(stdout(), "{:>9} {:>8} br {:>8} gz  {path}", content.len(), brotli.len(), gzip.len())?;
            self.total += brotli.len();
            self.files.extend([(format!("{path}.br"), brotli), (format!("{path}.gz"), gzip)]);
        }
        self.files.push((path, content));
        Ok(())
    }

    /// Puts everything where it is served from.
    fn write(mut self, to: &Path) -> Result<()> {
        let lines: Vec<String> = self.manifest.iter().map(|(name, path)| format!("  \"{name}\": \"{path}\"")).collect();
        self.files.push(("/manifest.json".into(), format!("{{\n{}\n}}\n", lines.join(",\n")).into_bytes()));
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        fs::create_dir_all(to.join("assets"))?;
        for (path, content) in &self.files {
            fs::write(to.join(path.trim_start_matches('/')), content).with_context(|| path.clone())?;
        }
        if self.compress {
            writeln!(stdout(), "{:>9} {:>8} br in all", "", self.total)?;
        }
        Ok(())
    }
}
