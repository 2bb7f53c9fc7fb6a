//! Whether the audit log is still what was written: `datapass audit verify`.

use std::fmt;
use std::str::FromStr;

use anyhow::bail;

use crate::db::Db;
use crate::models::audit;
use crate::models::audit::chain;

/// How many entries are read at once.
const PAGE: i64 = 1_000;

/// An entry of the chain: its place and its hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its place, from 1.
    pub sequence: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash)
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (sequence, hash) = text.split_once(':')?;
            let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_hash.then_some(Self { sequence: sequence.parse().ok()?, hash: hash.to_ascii_lowercase() })
        };
        read().ok_or_else(|| "indiquez NUMÉRO:EMPREINTE, comme l’écrit une vérification".to_owned())
    }
}

/// A log that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The last entry: what is to be noted elsewhere. Place 0: the log is empty.
    pub head: Head,
    /// Entries that were stored in the last second, and are not sealed yet.
    pub unsealed: i64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Journal intact. Entrées scellées\u{a0}: {}\u{a0}; en attente\u{a0}: {}.",
            self.head.sequence, self.unsealed
        )?;
        if self.head.sequence > 0 { write!(f, "\nTête\u{a0}: {}", self.head) } else { Ok(()) }
    }
}

/// Computes the whole chain anew, page by page. `noted` is a head that was noted earlier: it must still be there.
///
/// # Errors
/// The first entry that is not what was sealed; the database's.
pub async fn verify(db: &Db, noted: Option<&Head>) -> anyhow::Result<Report> {
    let mut head = Head::default();
    loop {
        let after = head.sequence;
        let entries = db.read(move |connection| Ok(audit::sealed_after(connection, after, PAGE)?)).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            let sequence = head.sequence + 1;
            if entry.sequence != Some(sequence) {
                bail!("entrée {sequence}\u{a0}: elle a été retirée du journal");
            }
            let hash = chain::hash(&head.hash, sequence, &entry);
            if entry.hash.as_deref() != Some(&hash) {
                bail!(
                    "entrée {sequence}\u{a0}: elle n’est plus celle qui a été scellée (modifiée, ajoutée ou déplacée)"
                );
            }
            head = Head { sequence, hash };
            if noted.is_some_and(|noted| noted.sequence == sequence && *noted != head) {
                bail!("entrée {sequence}\u{a0}: son empreinte n’est pas celle qui avait été notée");
            }
        }
    }
    if let Some(noted) = noted.filter(|noted| noted.sequence > head.sequence) {
        bail!(
            "entrée {}\u{a0}: elle a été retirée de la fin du journal, jusqu’à la {} qui avait été notée",
            head.sequence + 1,
            noted.sequence
        );
    }
    let unsealed = db.read(|connection| Ok(audit::unsealed(connection)?)).await?;
    Ok(Report { head, unsealed })
}
