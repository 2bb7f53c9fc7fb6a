//! The antivirus: a file is sent to `clamd` (its command INSTREAM), which says what it found.
//!
//! In our own words: the crates of this protocol read an answer of any length, and lose what `clamd` says when it hangs up
//! on a file that it finds too long.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Clamd;

/// How long one file may take; `clamd` itself gives up after two minutes (`MaxScanTime`).
pub const TIMEOUT: Duration = Duration::from_secs(150);

/// How many files are looked at at once: an antivirus that hangs keeps mails from no hand.
const AT_ONCE: usize = 2;

/// How many bytes are sent in one piece, and the most that are read of an answer.
const PIECE: usize = 64 * 1024;
const MAX_ANSWER: u64 = 4096;

/// What it says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    /// What it calls the virus.
    Infected(String),
}

/// The way to it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Antivirus {
    clamd: Clamd,
    turns: Arc<Semaphore>,
}

impl Antivirus {
    /// Nothing is sent yet.
    pub fn new(clamd: Clamd) -> Self {
        Self { clamd, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// A turn, where one is free now.
    pub fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).try_acquire_owned().ok()
    }

    /// Has it look at a file.
    ///
    /// # Errors
    /// Why it said nothing of it, in French.
    pub async fn scan(&self, bytes: &[u8]) -> Result<Verdict, String> {
        let asked = async {
            match &self.clamd {
                Clamd::Tcp(address) => exchange(TcpStream::connect(address).await.map_err(silent)?, bytes).await,
                Clamd::Unix(path) => exchange(UnixStream::connect(path).await.map_err(silent)?, bytes).await,
            }
        };
        let slow = || format!("l’antivirus (clamd) n’a pas répondu en {} secondes", TIMEOUT.as_secs());
        tokio::time::timeout(TIMEOUT, asked).await.unwrap_or_else(|_| Err(slow()))
    }
}

fn silent(error: io::Error) -> String {
    format!("l’antivirus (clamd) ne répond pas\u{a0}: {error}")
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Result<Verdict, String> {
    // It hangs up on what it does not read to its end, and says why: then that counts.
    let sent = send(&mut stream, bytes).await;
    let mut answer = Vec::new();
    let received = stream.take(MAX_ANSWER).read_to_end(&mut answer).await;
    if answer.is_empty() {
        sent.and(received.map(drop)).map_err(silent)?;
        return Err("l’antivirus (clamd) a raccroché sans répondre".to_owned());
    }
    verdict(&String::from_utf8_lossy(&answer))
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(b"zINSTREAM\0").await?;
    for piece in bytes.chunks(PIECE) {
        let length = u32::try_from(piece.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(piece).await?;
    }
    // A piece of no length is the end.
    stream.write_all(&0_u32.to_be_bytes()).await?;
    stream.flush().await
}

/// `stream: OK`, `stream: NAME FOUND`, or why not, which ends with `ERROR`.
fn verdict(answer: &str) -> Result<Verdict, String> {
    let answer = answer.trim_end_matches('\0').trim();
    let said = answer.strip_prefix("stream: ").unwrap_or_default();
    match said.strip_suffix(" FOUND") {
        Some(virus) => Ok(Verdict::Infected(virus.to_owned())),
        None if said == "OK" => Ok(Verdict::Clean),
        None => Err(format!("l’antivirus (clamd) a répondu «\u{a0}{answer}\u{a0}»")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_ok_is_clean_and_only_what_was_found_is_infected() {
        assert_eq!(verdict("stream: OK\0"), Ok(Verdict::Clean));
        let found = Verdict::Infected("Win.Test.EICAR_HDB-1".to_owned());
        assert_eq!(verdict("stream: Win.Test.EICAR_HDB-1 FOUND\0"), Ok(found));
        for other in ["", "OK\0", "stream: OK and more", "INSTREAM size limit exceeded. ERROR\0", "stream:  ERROR\0"] {
            assert!(verdict(other).is_err(), "{other}");
        }
    }

    #[tokio::test]
    async fn whoever_writes_for_ever_is_not_read_for_ever() {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let writer = tokio::spawn(async move {
            theirs.read_exact(&mut [0; 10]).await.unwrap();
            while theirs.write_all(&[b'x'; 512]).await.is_ok() {}
        });
        assert!(exchange(ours, b"content").await.unwrap_err().contains("xxx"));
        writer.await.unwrap();
    }
}
