//! One file that the antivirus is asked about, and what follows.
//!
//! It may be opened, or its bytes are deleted and its applicant is told. Until then it waits, however long that takes: nobody
//! opens what was not looked at.

use chrono::{Duration, NaiveDateTime};
use shared::audit::{Outcome, REFUSED_FILE};
use shared::document::ScanState;
use shared::workflow::Status;

use super::DeliveryContext;
use crate::connection::AnyConnection;
use crate::connection::types::{Name, now};
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::logging;
use crate::models::audit::{self, NewEntry};
use crate::models::outbox::Payload;
use crate::models::outbox::queue::{self, Due};
use crate::models::{document, enrollment, user};
use crate::notification::developer::MailContext;
use crate::notification::infected_file::{self, InfectedFile};
use crate::outbound::antivirus::Verdict;
use crate::outbox;

/// How long a message is left to its worker, in seconds. Longer than the store and the antivirus may take.
const CLAIM_SECONDS: i64 = 240;

/// The shortest and the longest time between two tries, in seconds: somebody waits for it.
const MIN_DELAY_SECONDS: i64 = 2;
const MAX_DELAY_SECONDS: i64 = 300;

/// The longest time until it is seen again whether it has its turn, in seconds.
const MAX_TURN_SECONDS: i64 = 30;

/// Before when the antivirus is asked again about every file that waits for it.
pub fn next_tries_end(now: NaiveDateTime) -> NaiveDateTime {
    now + Duration::seconds(MAX_DELAY_SECONDS)
}

/// Has the antivirus look at a file.
pub(super) async fn deliver(context: &DeliveryContext, due: Due) -> Result<()> {
    let Payload::Scan { sha256 } = due.payload.0.clone() else { return Ok(()) };
    let Some(antivirus) = &context.antivirus else {
        // It was switched off: what waits for it is as what was never looked at.
        let release = move |connection: &mut _| {
            document::release(connection, &sha256)?;
            Ok(queue::forget(connection, &due.id)?)
        };
        return context.db.write(release).await;
    };
    let (turn, now) = (antivirus.turn(), now().naive_utc());
    let seconds = if turn.is_some() { CLAIM_SECONDS } else { delay(&due, now).min(MAX_TURN_SECONDS) };
    let (message, until) = (due.id.clone(), now + Duration::seconds(seconds));
    context.db.write(move |connection| Ok(queue::extend(connection, &message, until)?)).await?;
    if turn.is_none() {
        return Ok(());
    }
    let verdict = match context.storage.get(&sha256).await {
        Ok(bytes) => antivirus.scan(&bytes).await,
        Err(Error::NotFound) => return missing(context, due, sha256).await,
        Err(error) => Err(format!("le dépôt de documents ne répond pas\u{a0}: {}", logging::told(&error))),
    };
    match verdict {
        Ok(Verdict::Clean) => {
            let open = move |connection: &mut _| {
                document::set_scan(connection, &sha256, ScanState::Clean)?;
                Ok(queue::forget(connection, &due.id)?)
            };
            context.db.write(open).await
        }
        Ok(Verdict::Infected(virus)) => refuse(context, due, sha256, virus).await,
        Err(reason) => put_off(context, due, reason).await,
    }
}

/// The bytes are gone: with the draft that had them, or since the same content was refused meanwhile.
async fn missing(context: &DeliveryContext, due: Due, sha256: String) -> Result<()> {
    let content = sha256.clone();
    let known = context.db.read(move |connection| {
        Ok((document::is_infected(connection, &content)?, document::scan_of(connection, &content)?))
    });
    match known.await? {
        (true, _) => refuse(context, due, sha256, String::new()).await,
        (false, Some(ScanState::Pending)) => {
            put_off(context, due, "le fichier manque dans le dépôt de documents".to_owned()).await
        }
        (false, _) => context.db.write(move |connection| Ok(queue::forget(connection, &due.id)?)).await,
    }
}

/// In how many seconds to try again: as many as it has waited, so that each time is twice as long.
fn delay(due: &Due, now: NaiveDateTime) -> i64 {
    (now - due.created_at).num_seconds().clamp(MIN_DELAY_SECONDS, MAX_DELAY_SECONDS)
}

async fn put_off(context: &DeliveryContext, due: Due, reason: String) -> Result<()> {
    tracing::warn!(id = due.id, attempts = due.attempts, reason, "a file is not looked at yet");
    let now = now().naive_utc();
    let until = now + Duration::seconds(delay(&due, now));
    context.db.write(move |connection| Ok(queue::postpone(connection, &due.id, now, until, &reason)?)).await
}

/// Refuses every file with that content: those who joined them are told, then the bytes go.
async fn refuse(context: &DeliveryContext, due: Due, sha256: String, virus: String) -> Result<()> {
    let mail_context = MailContext { public_url: context.public_url.clone(), mail_from: context.mail_from.clone() };
    let content = sha256.clone();
    context.db.write(move |connection| mark_refused(connection, &content, &virus, &mail_context)).await?;
    // After the rows say so: whoever finds no bytes knows why. The message stays until they are gone.
    if let Err(error) = context.storage.delete(&sha256).await {
        let reason = format!("le fichier refusé n’a pas pu être supprimé\u{a0}: {}", logging::told(&error));
        return put_off(context, due, reason).await;
    }
    context.db.write(move |connection| Ok(queue::forget(connection, &due.id)?)).await
}

fn mark_refused(connection: &mut AnyConnection, sha256: &str, virus: &str, mail_context: &MailContext) -> Result<()> {
    let files = document::refuse(connection, sha256)?;
    if files.is_empty() {
        return Ok(());
    }
    let mut requests: Vec<EnrollmentId> = files.iter().map(|file| file.enrollment_id).collect();
    requests.dedup();
    let entries: Vec<NewEntry> = requests.into_iter().map(entry).collect();
    audit::insert(connection, &entries)?;
    for file in files.iter().filter(|file| file.replaced_at.is_none()) {
        let record = enrollment::find(connection, file.enrollment_id)?;
        // In a draft its field says so, and it cannot be submitted.
        if matches!(record.status.0, Status::Draft | Status::Deleted | Status::Archived) {
            continue;
        }
        let applicant = user::find(connection, record.demandeur_id)?;
        let told = InfectedFile {
            filename: &file.filename,
            virus,
            id: record.id.0,
            intitule: &record.content.0.intitule,
            nom_raison_sociale: &record.nom_raison_sociale,
        };
        let mail = infected_file::mail(mail_context, told, &applicant.email)?;
        outbox::enqueue(connection, record.id, (record.version, None), vec![mail])?;
    }
    Ok(())
}

fn entry(id: EnrollmentId) -> NewEntry {
    NewEntry {
        at: now().naive_utc(),
        actor_id: None,
        administrator_id: None,
        action: REFUSED_FILE.to_owned(),
        object: "enrollment".to_owned(),
        object_id: id.to_string(),
        request_id: String::new(),
        outcome: Name(Outcome::Done),
        times: 1,
    }
}
