//! How much one person may send and keep (`config::quotas`): counted where it is written, so that every process counts the
//! same.

use chrono::TimeDelta;

use super::Tx;
use crate::connection::lock;
use crate::error::{Error, Result};
use crate::models::usage;

/// Taken with the number of a user, while their documents are counted and one is added. Any constant would do.
const DOCUMENT_LOCK: i64 = 0x6461_7466_696c_6573;

const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::days(1);

/// Another request.
///
/// # Errors
/// 409: too many drafts; 429: too many new ones today; the database's.
pub(super) fn new_request(tx: &mut Tx<'_>) -> Result<()> {
    let quotas = tx.context.quotas;
    if usage::drafts(tx.connection, tx.user_id())? >= quotas.drafts {
        return Err(Error::WrongStatus(format!(
            "Vous avez déjà {} brouillons\u{a0}: soumettez-en ou supprimez-en avant d’en commencer un autre.",
            quotas.drafts
        )));
    }
    if usage::begun_since(tx.connection, tx.user_id(), tx.now() - DAY)? >= quotas.new_requests {
        let detail = format!("Vous avez commencé {} demandes en un jour\u{a0}: reprenez demain.", quotas.new_requests);
        return Err(too_many(detail, HOUR));
    }
    Ok(())
}

/// Another document, which was sent: until the end of the transaction no other one of theirs is counted.
///
/// # Errors
/// As [`document`].
pub(super) fn sent_document(tx: &mut Tx<'_>, size: i64) -> Result<()> {
    lock(tx.connection, DOCUMENT_LOCK ^ tx.user_id().0)?;
    document(tx, size)
}

/// Another document of so many bytes.
///
/// # Errors
/// 409: theirs take too much place; 429: too many today; the database's.
pub(super) fn document(tx: &mut Tx<'_>, size: i64) -> Result<()> {
    let quotas = tx.context.quotas;
    if usage::document_bytes(tx.connection, tx.user_id())? + size > quotas.documents_mb.saturating_mul(1_000_000) {
        return Err(Error::WrongStatus(format!(
            "Vos documents dépasseraient {}\u{a0}Mo\u{a0}: supprimez les brouillons qui ne servent plus, puis réessayez.",
            quotas.documents_mb
        )));
    }
    if usage::uploads_since(tx.connection, tx.user_id(), tx.now() - DAY)? >= quotas.uploads {
        let detail = format!("Vous avez envoyé {} documents en un jour\u{a0}: reprenez demain.", quotas.uploads);
        return Err(too_many(detail, HOUR));
    }
    Ok(())
}

/// Another message.
///
/// # Errors
/// 429: too many in an hour; the database's.
pub(super) fn message(tx: &mut Tx<'_>) -> Result<()> {
    let most = tx.context.quotas.messages;
    if usage::messages_since(tx.connection, tx.user_id(), tx.now() - HOUR)? >= most {
        let detail = format!("Vous avez écrit {most} messages en une heure\u{a0}: réessayez dans quelques minutes.");
        return Err(too_many(detail, TimeDelta::minutes(10)));
    }
    Ok(())
}

fn too_many(detail: String, wait: TimeDelta) -> Error {
    Error::TooManyCalls(detail, wait.to_std().unwrap_or_default())
}
