//! The bytes of documents, by the hash of their content: the same file is kept once, and none takes another's place.

use std::error::Error as _;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use base16ct::lower::encode_string;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_core::Stream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use tokio_stream::StreamExt as _;

use crate::config::{Bucket, Config};
use crate::error::{Error, Result};
use crate::outbound::bucket;

/// Where documents are kept: a directory, or an S3-compatible store.
#[derive(Clone, Debug)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    is_remote: bool,
}

impl Storage {
    /// The store that the configuration names.
    ///
    /// # Errors
    /// The directory cannot be made, or nothing can be written in the bucket.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        match &config.documents {
            Some(bucket) => Self::in_bucket(bucket).await,
            None => Self::in_directory(&config.data_dir.join("documents")),
        }
    }

    /// Files are written aside, flushed, and renamed: a crash leaves no half file under a hash.
    fn in_directory(directory: &std::path::Path) -> anyhow::Result<Self> {
        let unusable = || not_writable("le répertoire", directory);
        std::fs::create_dir_all(directory).with_context(unusable)?;
        let store = LocalFileSystem::new_with_prefix(directory).with_context(unusable)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), is_remote: false })
    }

    /// Whether a file of this machine that is sent could be kept: better to know before.
    ///
    /// # Errors
    /// It could not, and what to do.
    pub fn check_directory(config: &Config) -> anyhow::Result<()> {
        if config.documents.is_some() { Ok(()) } else { check_writable(&config.data_dir.join("documents")) }
    }

    async fn in_bucket(bucket: &Bucket) -> anyhow::Result<Self> {
        let unusable = || format!("le dépôt de documents «\u{a0}{bucket}\u{a0}» (DOCUMENTS_URL) est inutilisable");
        let client = bucket::open(bucket).with_context(unusable)?;
        let storage = Self { store: Arc::new(PrefixStore::new(client, bucket.prefix.as_str())), is_remote: true };
        // Writing is what an upload will need: better to know now. Nothing is the smallest document.
        match storage.write(Bytes::new()).await {
            Ok(_) => Ok(storage),
            Err(error) => bail!("{}\u{a0}: {}", unusable(), reason(&error)),
        }
    }

    /// Keeps `bytes` and returns their SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// The store's.
    pub async fn put(&self, bytes: Bytes) -> Result<String> {
        self.write(bytes).await.map_err(|error| self.failure(error))
    }

    async fn write(&self, bytes: Bytes) -> object_store::Result<String> {
        let hashed = bytes.clone();
        let hash = encode_string(&tokio::task::spawn_blocking(move || Sha256::digest(&hashed)).await?);
        // Over the same bytes, if they were there: one call instead of two, and a damaged copy is mended.
        self.store.put(&Path::from(hash.as_str()), bytes.into()).await?;
        Ok(hash)
    }

    /// The bytes that have that SHA-256.
    ///
    /// # Errors
    /// There are none, or the store's.
    pub async fn get(&self, sha256: &str) -> Result<Bytes> {
        let found = self.store.get(&Path::from(sha256)).await.map_err(|error| self.failure(error))?;
        found.bytes().await.map_err(|error| self.failure(error))
    }

    /// Removes the bytes that have that SHA-256, unless they were stored, or stored again, within the last day: whoever
    /// stores them is about to say what they are for.
    ///
    /// # Errors
    /// The store's.
    pub async fn remove(&self, sha256: &str) -> Result<()> {
        let path = Path::from(sha256);
        let stored_at = match self.store.head(&path).await {
            Ok(object) => object.last_modified,
            Err(object_store::Error::NotFound { .. }) => return Ok(()),
            Err(error) => return Err(self.failure(error)),
        };
        if !is_old(stored_at) {
            return Ok(());
        }
        self.store.delete(&path).await.map_err(|error| self.failure(error))
    }

    /// Removes the bytes that have that SHA-256, however new they are, if they are there.
    ///
    /// # Errors
    /// The store's.
    pub async fn delete(&self, sha256: &str) -> Result<()> {
        match self.store.delete(&Path::from(sha256)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failure(error)),
        }
    }

    /// The hashes of what [`Self::remove`] would remove. What is named otherwise, or empty, is none of ours.
    pub fn old(&self) -> impl Stream<Item = Result<String>> + Unpin {
        // A list of a bucket panics when it is asked once more after its end.
        self.store.list(None).fuse().filter_map(move |found| match found {
            Ok(object) if object.size > 0 && is_old(object.last_modified) => {
                let name = object.location.as_ref();
                let is_hash = name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                is_hash.then(|| Ok(name.to_owned()))
            }
            Ok(_) => None,
            Err(error) => Some(Err(self.failure(error))),
        })
    }

    /// Whether there are no documents, but for the empty one that a bucket is tried with.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_empty(&self) -> Result<bool> {
        let mut listed = self.store.list(None);
        while let Some(found) = listed.next().await {
            if found.map_err(|error| self.failure(error))?.size > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the store answers.
    pub async fn answers(&self) -> bool {
        // Nothing is the smallest document; that it is not there is an answer, too.
        let asked = self.store.head(&Path::from(encode_string(&Sha256::digest([])))).await;
        matches!(asked, Ok(_) | Err(object_store::Error::NotFound { .. }))
    }

    fn failure(&self, error: object_store::Error) -> Error {
        match error {
            object_store::Error::NotFound { .. } => Error::NotFound,
            error if self.is_remote => Error::BadGateway(format!("document storage: {error}")),
            error => Error::Internal(format!("document storage: {error}")),
        }
    }
}

/// Whether files can be made in a directory.
///
/// # Errors
/// They cannot, and what to do.
pub fn check_writable(directory: &std::path::Path) -> anyhow::Result<()> {
    tempfile::tempfile_in(directory).map(drop).with_context(|| not_writable("le répertoire", directory))
}

/// Said of what one may not write.
pub fn not_writable(what: &str, path: &std::path::Path) -> String {
    format!(
        "{what} «\u{a0}{}\u{a0}» ne peut être écrit\u{a0}: donnez-le à l’utilisateur qui lance DataPass (chown), ou changez DATA_DIR ou \
         DATABASE_URL",
        path.display()
    )
}

/// Whether whoever stored it has said what it is for, or never will.
fn is_old(stored_at: DateTime<Utc>) -> bool {
    Utc::now() - stored_at >= TimeDelta::days(1)
}

/// Why a bucket cannot be used, in a few words.
fn reason(error: &object_store::Error) -> String {
    match error {
        object_store::Error::NotFound { .. } => "ce seau n’existe pas".to_owned(),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            "AWS_ACCESS_KEY_ID et AWS_SECRET_ACCESS_KEY n’y donnent pas le droit d’écrire".to_owned()
        }
        error => {
            // The cause alone: what is around it tells of requests and attempts.
            let mut cause = error.source();
            while let Some(deeper) = cause.and_then(std::error::Error::source) {
                cause = Some(deeper);
            }
            let text = cause.map_or_else(|| error.to_string(), ToString::to_string);
            format!("il ne répond pas comme il faut ({})", text.lines().next().unwrap_or_default())
        }
    }
}
