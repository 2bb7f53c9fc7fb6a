//! The folder that is served: files under names with a hash of their content, and compressed copies beside them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The folder to write: kept in memory until all of it is there.
#[derive(Default)]
pub struct Dist {
    files: Vec<(String, Vec<u8>)>,
    /// Whether to write `.br` and `.gz`.
    compress: bool,
    /// Logical name → path on the server.
    manifest: BTreeMap<String, String>,
    /// Logical name → bytes in brotli.
    pub sizes: BTreeMap<String, usize>,
}

impl Dist {
    /// An empty folder; with `compress`, `.br` and `.gz` come beside each file.
    pub fn new(compress: bool) -> Self {
        Self { compress, ..Self::default() }
    }

    /// Adds a file under a name with its hash, and remembers that name.
    pub fn asset(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let content = self.resolved(content);
        let hash: String = Sha256::digest(&content).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let (stem, extension) = name.rsplit_once('.').with_context(|| format!("{name}: no extension"))?;
        let path = format!("/assets/{}-{hash}.{extension}", stem.replace('/', "-"));
        self.manifest.insert(name.to_owned(), path.clone());
        self.add(name, path, content)
    }

    /// Adds a page, under its own name.
    pub fn page(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let content = self.resolved(content);
        self.add(name, format!("/{name}"), content)
    }

    /// The content with hashed names in the place of logical ones: `/assets/NAME` in HTML, `./NAME` in JavaScript.
    fn resolved(&self, content: &[u8]) -> Vec<u8> {
        let Ok(text) = str::from_utf8(content) else { return content.to_vec() };
        let mut text = text.to_owned();
        for (name, path) in &self.manifest {
            for (quote, base) in [('"', "/assets"), ('"', "."), ('\'', ".")] {
                let (logical, hashed) = (format!("{quote}{base}/{name}{quote}"), format!("{quote}{path}{quote}"));
                // A member of that name stays: the WASM asks for what it imports by it.
                let member = format!("{logical}:");
                text = text.replace(&member, "\0").replace(&logical, &hashed).replace('\0', &member);
            }
        }
        text.into_bytes()
    }

    /// Adds a file, with its compressed copies.
    fn add(&mut self, name: &str, path: String, content: Vec<u8>) -> Result<()> {
        if self.compress {
            let mut brotli = Vec::new();
            let best = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
            brotli::BrotliCompress(&mut content.as_slice(), &mut brotli, &best)?;
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(&content)?;
            let gzip = gzip.finish()?;
            self.sizes.insert(name.to_owned(), brotli.len());
            self.files.extend([(format!("{path}.br"), brotli), (format!("{path}.gz"), gzip)]);
        }
        self.files.push((path, content));
        Ok(())
    }

    /// Puts everything where it is served from; the manifest also tells the files of each part.
    pub fn write(&self, to: &Path, files_of: &BTreeMap<&str, Vec<&str>>) -> Result<()> {
        let path = |name: &&str| self.manifest.get(*name);
        let parts: BTreeMap<_, Vec<_>> =
            files_of.iter().map(|(part, names)| (part, names.iter().filter_map(path).collect())).collect();
        let manifest = json!({ "files": self.manifest, "parts": parts });
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        fs::create_dir_all(to.join("assets"))?;
        for (path, content) in &self.files {
            fs::write(to.join(path.trim_start_matches('/')), content).with_context(|| path.clone())?;
        }
        fs::write(to.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
        Ok(())
    }
}
