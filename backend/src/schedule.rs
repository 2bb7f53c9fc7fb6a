//! When the clock is looked at: once at start, then every hour.

use std::time::Duration;

use chrono::{DateTime, Duration as TimeDelta, NaiveDateTime, Timelike as _, Utc};
use tokio_stream::StreamExt as _;

use crate::connection::types::now;
use crate::error::Result;
use crate::identity;
use crate::ids::{EnrollmentId, OpinionId};
use crate::logging;
use crate::models::{document, nightly_task, webhook_delivery};
use crate::reconciliation::{self, Report};
use crate::state::AppState;
use crate::transition::clock::{self, Due};
use crate::transition::opinions;

/// How often.
const HOUR: Duration = Duration::from_secs(3_600);

/// At which hour (UTC) managers are asked what they hold: at night.
const RECONCILED_AT: u32 = 2;

/// How many days the log of webhooks is kept, and how many deliveries are forgotten at once.
const LOG_DAYS: i64 = 30;
const PURGED_AT_ONCE: i64 = 5_000;

/// How many stored files are looked up at once.
const FILES_AT_ONCE: usize = 500;

fn log_end() -> NaiveDateTime {
    now().naive_utc() - TimeDelta::days(LOG_DAYS)
}

/// Does what is due, for ever.
pub async fn work(state: &AppState) {
    let mut ticks = tokio::time::interval(HOUR);
    loop {
        ticks.tick().await;
        match run(state).await {
            Ok(0) => {}
            Ok(count) => tracing::info!("{count} reminders, archivings and purged drafts"),
            Err(error) => tracing::error!(error = logging::told(&error), "schedule"),
        }
        if let Err(error) = identity::maintain_keys(state).await {
            tracing::error!(error = logging::told(&error), "signing keys");
        }
        match reconcile(state, now()).await {
            Ok(None) => {}
            Ok(Some(report)) => {
                tracing::info!(report.asked, report.drifting, report.unanswered, "accesses were compared")
            }
            Err(error) => tracing::error!(error = logging::told(&error), "reconciliation"),
        }
        match state.db.write(|connection| Ok(webhook_delivery::purge(connection, log_end(), PURGED_AT_ONCE)?)).await {
            Ok(_) => {}
            Err(error) => tracing::error!(error = logging::told(&error), "log of webhooks"),
        }
        match delete_unnamed_files(state).await {
            Ok(0) => {}
            Ok(count) => tracing::info!("{count} stored files that no document names are deleted"),
            Err(error) => tracing::error!(error = logging::told(&error), "stored files"),
        }
        match state.directory.refresh(&state.db).await {
            Ok(0) => {}
            Ok(count) => tracing::info!("{count} establishments were looked up again"),
            Err(error) => tracing::error!(error = logging::told(&error), "directory"),
        }
    }
}

/// Asks managers what they hold where it is the hour for it and no process has begun this night.
///
/// # Errors
/// The database's.
pub async fn reconcile(state: &AppState, now: DateTime<Utc>) -> Result<Option<Report>> {
    let now = now.naive_utc();
    if now.hour() != RECONCILED_AT {
        return Ok(None);
    }
    let begins = move |c: &mut _| Ok(nightly_task::begin(c, "reconciliation", now.date())?);
    if !state.db.write(begins).await? {
        return Ok(None);
    }
    reconciliation::run(&state.db, &state.managers, &state.policies).await.map(Some)
}

/// Deletes the stored files that no document names, as after an upload that was not finished; how many. Those of the last
/// day stay: whoever stored them is about to name them.
///
/// # Errors
/// The store's, or the database's.
pub async fn delete_unnamed_files(state: &AppState) -> Result<usize> {
    let mut stored = state.storage.old();
    let mut count = 0;
    loop {
        let mut hashes = Vec::new();
        while hashes.len() < FILES_AT_ONCE
            && let Some(hash) = stored.next().await
        {
            hashes.push(hash?);
        }
        if hashes.is_empty() {
            return Ok(count);
        }
        for hash in state.db.read(move |connection| Ok(document::unnamed(connection, hashes)?)).await? {
            state.storage.remove(&hash).await?;
            count += 1;
        }
    }
}

/// Does what is due now, one enrollment at a time; how many.
///
/// # Errors
/// The database's.
pub async fn run(state: &AppState) -> Result<usize> {
    let mut count = 0;
    for Due { id, .. } in due(state).await? {
        let context = state.context();
        count += usize::from(state.db.write(move |connection| clock::apply(connection, &context, id)).await?);
    }
    for opinion in due_opinions(state).await? {
        let context = state.context();
        count += usize::from(state.db.write(move |connection| opinions::remind(connection, &context, opinion)).await?);
    }
    let context = state.context();
    let (purged, files) = state.db.write(move |connection| clock::purge(connection, &context)).await?;
    for file in files {
        state.storage.remove(&file).await?;
    }
    Ok(count + purged)
}

/// The opinions whose reminder is due now: numbers of the request and of the opinion. It changes nothing.
///
/// # Errors
/// The database's.
pub async fn due_opinions(state: &AppState) -> Result<Vec<(EnrollmentId, OpinionId)>> {
    let context = state.context();
    state.db.read(move |connection| opinions::due_reminders(connection, &context)).await
}

/// What is due now. It changes nothing.
///
/// # Errors
/// The database's.
pub async fn due(state: &AppState) -> Result<Vec<Due>> {
    let context = state.context();
    state.db.read(move |connection| clock::due(connection, &context)).await
}
