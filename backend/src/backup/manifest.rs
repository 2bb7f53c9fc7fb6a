//! What a backup says of itself: which version wrote it, and the hash of each of its files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use base16ct::lower::encode_string;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::audit::verify::Head;
use crate::db::engine::EngineName;

/// Its name.
pub const MANIFEST: &str = "manifest.json";

/// The file of the database.
pub const fn database_file(engine: EngineName) -> &'static str {
    match engine {
        EngineName::Postgres => "database.dump",
        EngineName::Sqlite => "database.sqlite",
    }
}

/// A backup, and what is in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the program that wrote it.
    pub version: String,
    pub engine: EngineName,
    /// The last migration of its tables.
    pub schema: String,
    pub taken_at: DateTime<Utc>,
    /// The last entry of its audit log that was sealed.
    #[serde(with = "head")]
    pub audit_head: Head,
    /// By their path below the manifest.
    pub files: BTreeMap<String, Hashed>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    /// In bytes.
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Of no file yet.
    pub fn new(engine: EngineName, schema: String, taken_at: DateTime<Utc>, audit_head: Head) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { version, engine, schema, taken_at, audit_head, files: BTreeMap::new() }
    }

    /// Adds a file that is there.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn add(&mut self, directory: &Path, name: &str) -> Result<()> {
        self.files.insert(name.to_owned(), hashed(&directory.join(name))?);
        Ok(())
    }

    /// As it is written.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec_pretty(self)?)
    }

    /// That of a backup.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(directory: &Path) -> Result<Self> {
        let path = directory.join(MANIFEST);
        let text = fs::read(&path).with_context(|| {
            format!(
                "«\u{a0}{}\u{a0}» ne contient pas de sauvegarde complète ({MANIFEST} y manque ou ne peut être lu)",
                directory.display()
            )
        })?;
        let unreadable = || format!("{} n’est pas celui d’une sauvegarde de DataPass", path.display());
        let manifest: Self = serde_json::from_slice(&text).with_context(unreadable)?;
        let is_own = |name: &String| {
            let parts: Vec<&str> = name.split('/').collect();
            matches!(parts.as_slice(), [file] | ["documents", file] if !file.is_empty() && !file.starts_with('.'))
        };
        // It names files below it, and no other of this machine.
        ensure!(manifest.files.keys().all(is_own), unreadable());
        ensure!(manifest.files.contains_key(database_file(manifest.engine)), unreadable());
        Ok(manifest)
    }

    /// Reads every file.
    ///
    /// # Errors
    /// The first that is not what was written.
    pub fn verify(&self, directory: &Path) -> Result<()> {
        for (name, expected) in &self.files {
            match hashed(&directory.join(name)) {
                Ok(found) if found == *expected => {}
                Ok(_) => bail!(
                    "le fichier {name} de cette sauvegarde n’est pas celui qui a été écrit\u{a0}: prenez-en une autre copie"
                ),
                Err(error) => bail!(
                    "le fichier {name} de cette sauvegarde ne peut être lu ({error})\u{a0}: prenez-en une autre copie"
                ),
            }
        }
        Ok(())
    }
}

fn hashed(path: &Path) -> Result<Hashed> {
    let (mut file, mut hasher, mut size) = (File::open(path)?, Sha256::new(), 0);
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        hasher.update(chunk.get(..read).unwrap_or_default());
        size += read as u64;
    }
    Ok(Hashed { size, sha256: encode_string(&hasher.finalize()) })
}

/// As `datapass audit verify` writes it.
mod head {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::Head;

    pub fn serialize<S: Serializer>(head: &Head, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(head)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Head, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "0:" { Ok(Head::default()) } else { text.parse().map_err(serde::de::Error::custom) }
    }
}
