//! The bytes of documents, by the hash of their content: the same file is kept once, and nothing is ever overwritten.

use std::path::PathBuf;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// A directory of documents.
#[derive(Clone, Debug)]
pub struct Storage {
    directory: PathBuf,
}

impl Storage {
    /// Documents in that directory, which is made when missing.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn in_directory(directory: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&directory)
            .with_context(|| format!("le répertoire «\u{a0}{}\u{a0}» ne peut être créé", directory.display()))?;
        Ok(Self { directory })
    }

    /// Keeps `bytes` and returns their SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// The file system's.
    pub async fn put(&self, bytes: Vec<u8>) -> Result<String> {
        let directory = self.directory.clone();
        blocking(move || {
            let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            let path = directory.join(&hash);
            if !path.exists() {
                // Written aside and renamed: a crash leaves no half file under a hash.
                let draft = directory.join(format!(".{hash}-{}", uuid::Uuid::new_v4()));
                std::fs::write(&draft, &bytes)?;
                std::fs::File::open(&draft)?.sync_all()?;
                std::fs::rename(&draft, &path)?;
            }
            Ok(hash)
        })
        .await
    }

    /// The bytes that have that SHA-256.
    ///
    /// # Errors
    /// There are none, or the file system's.
    pub async fn get(&self, sha256: &str) -> Result<Vec<u8>> {
        // Only ever called with a stored hash; checked all the same, as it becomes a path.
        if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::NotFound);
        }
        let path = self.directory.join(sha256);
        blocking(move || std::fs::read(path)).await
    }
}

async fn blocking<T: Send + 'static>(f: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T> {
    let outcome = tokio::task::spawn_blocking(f).await;
    outcome.map_err(|error| Error::Internal(format!("a file operation panicked: {error}")))?.map_err(
        |error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound,
            _ => Error::Internal(format!("document storage: {error}")),
        },
    )
}
