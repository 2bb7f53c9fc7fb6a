//! Files that are sent while they are written, and how many are at once.
//!
//! What is written waits for its reader, but not for ever: one who stops reading holds a thread and a connection that
//! others need.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;

use crate::concurrency::{ConcurrencyLimit, LimitReached};
use crate::db::EXPORTS;
use crate::error::{Error, Result};
use crate::ids::UserId;

/// How many files of the public register are written at once.
const PUBLIC_FILES: usize = 8;

/// How long a reader may take nothing.
const STALLED: Duration = Duration::from_secs(30);

/// When to ask again for a file that is not begun.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// The files that are being written.
pub struct Exports {
    own: Arc<ConcurrencyLimit<UserId>>,
    public: Arc<ConcurrencyLimit<()>>,
    /// How long a reader may take nothing.
    stalled: Duration,
}

impl Default for Exports {
    fn default() -> Self {
        Self::with_patience(STALLED)
    }
}

impl Exports {
    /// None yet; a reader may take nothing for that long.
    pub fn with_patience(stalled: Duration) -> Self {
        Self {
            own: ConcurrencyLimit::new(1, EXPORTS as usize),
            public: ConcurrencyLimit::new(PUBLIC_FILES, PUBLIC_FILES),
            stalled,
        }
    }

    /// Begins the export of somebody's list, of which `buffered` chunks may wait for its reader.
    ///
    /// # Errors
    /// 429: theirs is being written, or as many as there may be.
    pub fn begin(&self, user: UserId, buffered: usize) -> Result<(BodyWriter, BodyStream)> {
        let permit = self.own.try_acquire(user).map_err(|reached| {
            let detail = match reached {
                LimitReached::PerKey => {
                    "Votre export précédent n’est pas terminé\u{a0}: attendez sa fin, ou interrompez-le."
                }
                LimitReached::Total => {
                    "D’autres exports sont en cours\u{a0}: relancez le vôtre dans quelques instants."
                }
            };
            Error::TooManyCalls(detail.to_owned(), RETRY_AFTER)
        })?;
        Ok(open(permit, self.stalled, buffered))
    }

    /// Begins a file of the register.
    ///
    /// # Errors
    /// 503: as many as there may be are being written.
    pub fn begin_public(&self, buffered: usize) -> Result<(BodyWriter, BodyStream)> {
        let permit = self.public.try_acquire(()).map_err(|_| Error::Overloaded(RETRY_AFTER))?;
        Ok(open(permit, self.stalled, buffered))
    }
}

fn open(permit: impl Send + Sync + 'static, stalled: Duration, buffered: usize) -> (BodyWriter, BodyStream) {
    let (sender, receiver) = mpsc::channel(buffered);
    let is_whole = Arc::new(AtomicBool::new(false));
    let writer = BodyWriter { sender, is_whole: is_whole.clone(), stalled, _permit: Box::new(permit) };
    (writer, BodyStream { receiver, is_whole, is_over: false })
}

/// Where the writer puts what it has written.
pub struct BodyWriter {
    sender: Sender<Bytes>,
    is_whole: Arc<AtomicBool>,
    stalled: Duration,
    _permit: Box<dyn Send + Sync>,
}

impl BodyWriter {
    /// Gives out a chunk.
    ///
    /// # Errors
    /// The reader has gone (a broken pipe), or took nothing for too long (timed out).
    pub async fn send(&self, chunk: Bytes) -> io::Result<()> {
        match timeout(self.stalled, self.sender.send(chunk)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// All is written. Without it, the file ends in an error: whoever receives chunks over HTTP sees that it is cut short.
    pub fn finish(self) {
        self.is_whole.store(true, Ordering::Release);
    }
}

/// The file, as its reader gets it.
pub struct BodyStream {
    receiver: Receiver<Bytes>,
    is_whole: Arc<AtomicBool>,
    is_over: bool,
}

impl Stream for BodyStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(context).map(|chunk| match chunk {
            Some(chunk) => Some(Ok(chunk)),
            None => {
                self.is_over = true;
                let is_whole = self.is_whole.load(Ordering::Acquire);
                (!is_whole).then(|| Err(io::Error::other("the file could not be written to its end")))
            }
        })
    }
}
