//! The audit log as a file.

use std::io;
use std::sync::Arc;

use shared::audit::{AuditEntry, Outcome, object_label, sentence};
use shared::calendar::paris;

use super::rows::Cell;
use super::{BUFFERED, PAGE, csv, in_thread};
use crate::administration::journal;
use crate::error::Result;
use crate::ids::UserId;
use crate::logging;
use crate::models::audit::AuditQuery;
use crate::state::AppState;
use crate::streaming::BodyStream;

/// The columns, in order. Times are those of Paris.
const COLUMNS: [&str; 15] = [
    "Numéro",
    "Date et heure",
    "Personne",
    "Adresse électronique",
    "Administrateur qui agit en son nom",
    "Ce qui a été fait",
    "Raison",
    "Résultat",
    "Nombre de fois",
    "Action",
    "Objet",
    "Identifiant de l’objet",
    "Page",
    "Requête",
    "Place dans le journal scellé",
];

/// Begins to write all entries that are wanted, newest first.
///
/// # Errors
/// 429: too many exports at once.
pub fn begin(state: Arc<AppState>, user: UserId, wanted: AuditQuery) -> Result<BodyStream> {
    let (writer, bytes) = state.exports.begin(user, BUFFERED)?;
    in_thread(writer, move |out| csv(COLUMNS, pages(&state, wanted), out));
    Ok(bytes)
}

/// The entries, page by page, each read when it is wanted.
fn pages(state: &AppState, wanted: AuditQuery) -> impl Iterator<Item = io::Result<Vec<[Cell; 15]>>> {
    let mut next = Some(wanted);
    std::iter::from_fn(move || {
        let wanted = AuditQuery { limit: PAGE, ..next.take()? };
        let policies = state.policies.current();
        let read = state.db.read_blocking(|connection| journal::page(connection, &policies, &wanted));
        let page = read.map(|entries| {
            let before = entries.last().filter(|_| i64::try_from(entries.len()) == Ok(PAGE)).map(|entry| entry.id);
            next = before.map(|id| AuditQuery { before: Some(id), ..wanted });
            entries.into_iter().map(cells).collect()
        });
        Some(page.map_err(|error| io::Error::other(logging::told(&error))))
    })
}

fn cells(entry: AuditEntry) -> [Cell; 15] {
    let done = sentence(&entry.action, &entry.thing).text();
    [
        Cell::Number(entry.id),
        Cell::Time(paris(entry.at)),
        Cell::text(entry.actor),
        Cell::text(entry.actor_email),
        Cell::text(entry.administrator.unwrap_or_default()),
        Cell::text(done.trim_start_matches(['\u{a0}', ' ', ':'])),
        Cell::text(entry.reason),
        Cell::text(if entry.outcome == Outcome::Denied { "refusé" } else { "fait" }),
        Cell::Number(entry.times),
        Cell::text(entry.action),
        Cell::text(object_label(&entry.object)),
        Cell::text(entry.object_id),
        Cell::text(entry.page),
        Cell::text(entry.request_id),
        Cell::number(entry.sequence),
    ]
}
