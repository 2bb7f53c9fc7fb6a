//! How a file comes in: to a file of ours as it arrives, a few at once for each person, and into memory only to be checked
//! and kept, one after the other.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::input::{announced, interrupted, too_large};
use crate::concurrency::{ConcurrencyLimit, LimitReached, Permit};
use crate::error::{Error, Result};
use crate::ids::UserId;

/// How many one person sends at once: a browser with several tabs.
const EACH: usize = 4;

/// How many all send at once.
const ALL: usize = 64;

/// How many are in memory at once.
const CHECKED: usize = 2;

/// When to send it again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The files that are coming in.
pub struct Uploads {
    sent: Arc<ConcurrencyLimit<UserId>>,
    checked: Semaphore,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { sent: ConcurrencyLimit::new(EACH, ALL), checked: Semaphore::new(CHECKED) }
    }
}

impl Uploads {
    /// A permit for a file that is about to come.
    ///
    /// # Errors
    /// 429: they send as many as one may; 503: all do.
    pub fn begin(&self, user: UserId) -> Result<Permit<UserId>> {
        self.sent.try_acquire(user).map_err(|reached| match reached {
            LimitReached::PerKey => {
                let detail = "Vous envoyez déjà plusieurs fichiers\u{a0}: attendez la fin d’un envoi, puis réessayez.";
                Error::TooManyCalls(detail.to_owned(), RETRY_AFTER)
            }
            LimitReached::Total => Error::Overloaded(RETRY_AFTER),
        })
    }

    /// The turn of a file to be read into memory.
    ///
    /// # Errors
    /// None: turns do not end.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.checked.acquire().await.map_err(|error| Error::Internal(error.to_string()))
    }
}

/// Writes a body of at most `limit` bytes to a file without a name, which goes with its handle.
///
/// # Errors
/// 413: it is larger; 400: it does not come to its end; the disk's.
pub async fn received(request: &HttpRequest, mut payload: Payload, limit: usize) -> Result<File> {
    use tokio_stream::StreamExt as _;

    if announced(request).is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(unwritable)?);
    let mut length = 0;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| interrupted(&error))?;
        length += chunk.len();
        if length > limit {
            return Err(too_large(limit));
        }
        file.write_all(&chunk).await.map_err(unwritable)?;
    }
    file.flush().await.map_err(unwritable)?;
    Ok(file.into_std().await)
}

/// Reads a file that was received. Blocks.
///
/// # Errors
/// The disk's.
pub fn whole(mut file: File) -> Result<Bytes> {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(unwritable)?;
    Ok(bytes.into())
}

fn unwritable(error: std::io::Error) -> Error {
    Error::Internal(format!("a file that is sent cannot be kept aside: {error}"))
}
