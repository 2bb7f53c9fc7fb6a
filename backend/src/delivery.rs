//! Delivers what the outbox holds: at least once, outside of any transaction.
//!
//! Several messages go side by side; on PostgreSQL several processes may deliver. How each kind of message goes is in the
//! rooms below and in [`crate::email`].

pub mod antivirus;
mod provisioning;
pub mod webhook;

use std::sync::Arc;
use std::time::Duration;

use chrono::Duration as TimeDelta;
use shared::outbox::{MailRejection, UnreachableAddress};
use tokio::sync::Semaphore;

use crate::connection::types::now;
use crate::db::Db;
use crate::email::Mailer;
use crate::error::{Error, Result};
use crate::logging;
use crate::models::outbox::Payload;
use crate::models::outbox::queue::{self, Due};
use crate::models::unreachable_address;
use crate::outbound::antivirus::Antivirus;
use crate::outbound::managers::Managers;
use crate::outbound::{self, Refused, Undelivered};
use crate::seal::Seal;
use crate::storage::Storage;

/// How many messages are on their way at once.
const AT_ONCE: usize = 8;

/// How long a claimed message is left to its worker. Longer than any delivery may take.
const CLAIM_SECONDS: i64 = 15;

/// The longest time between two tries of a mail, in seconds.
const MAX_DELAY_SECONDS: i64 = 3_600;

/// After so many tries a mail is left alone for an administrator; about two days.
const MAX_ATTEMPTS: i32 = 60;

/// How often the worker looks on its own. A commit of this process wakes it, that of another does not.
const POLL: Duration = Duration::from_secs(1);

/// How long it waits after an error of the database.
const RECOVERY: Duration = Duration::from_secs(5);

/// What deliveries need. Cheap to clone.
#[derive(Clone)]
pub struct DeliveryContext {
    pub db: Db,
    /// How mails leave.
    pub mailer: Arc<Mailer>,
    /// How webhooks are called.
    pub webhooks: outbound::webhook::Client,
    /// How API managers are asked.
    pub managers: Managers,
    /// The antivirus, where there is one.
    pub antivirus: Option<Antivirus>,
    /// The files that it is to look at.
    pub storage: Storage,
    /// Opens the secrets of webhooks.
    pub seal: Arc<Seal>,
    /// Where browsers reach us.
    pub public_url: String,
    /// Sender of the mails.
    pub mail_from: String,
}

/// Delivers for ever.
pub async fn work(context: DeliveryContext) {
    let free = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        match claim(&context.db, &free).await {
            Ok(due) if due.is_empty() => drop(tokio::time::timeout(POLL, context.db.outbox_filled.notified()).await),
            Ok(due) => due.into_iter().for_each(|due| start(&context, &free, due)),
            Err(error) => {
                tracing::error!(error = logging::told(&error), "outbox worker");
                tokio::time::sleep(RECOVERY).await;
            }
        }
    }
}

/// Takes as many due messages as there are hands free, once there is one.
async fn claim(db: &Db, free: &Semaphore) -> Result<Vec<Due>> {
    drop(free.acquire().await.map_err(|error| Error::Internal(error.to_string()))?);
    let limit = i64::try_from(free.available_permits()).unwrap_or(1);
    db.write(move |connection| {
        let now = now().naive_utc();
        Ok(queue::claim(connection, now, now + TimeDelta::seconds(CLAIM_SECONDS), limit)?)
    })
    .await
}

/// Delivers a message on the side, and looks for more once that is done: one that waited for it may be next.
fn start(context: &DeliveryContext, free: &Arc<Semaphore>, due: Due) {
    // Nobody else takes any: there were as many as were claimed.
    let Ok(hand) = Arc::clone(free).try_acquire_owned() else { return };
    let context = context.clone();
    tokio::spawn(async move {
        let delivered = match &due.payload.0 {
            Payload::Mail { .. } => mail(&context, due).await,
            Payload::Webhook { .. } => webhook::deliver(&context, due).await,
            Payload::Provisioning { .. } => provisioning::deliver(&context, due).await,
            Payload::Scan { .. } => antivirus::deliver(&context, due).await,
        };
        if let Err(error) = delivered {
            tracing::error!(error = logging::told(&error), "outbox worker");
        }
        drop(hand);
        context.db.outbox_filled.notify_one();
    });
}

async fn mail(context: &DeliveryContext, due: Due) -> Result<()> {
    let outcome = context.mailer.deliver(&due).await;
    let delay = spread(mail_delay(due.attempts))?;
    let is_reached = outcome.is_ok() && context.mailer.has_last_word();
    let settle = move |connection: &mut _| {
        let now = now().naive_utc();
        let email = due.payload.0.recipient().to_lowercase();
        if is_reached {
            unreachable_address::reached(connection, &email, now)?;
        }
        match outcome {
            Ok(()) => queue::delivered(connection, &due.id, now)?,
            Err(Undelivered { reason, for_good, .. }) if for_good.is_some() || due.attempts >= MAX_ATTEMPTS => {
                tracing::error!(id = due.id, reason, "a message is given up");
                queue::give_up(connection, &due.id, now, &reason)?;
                if for_good == Some(Refused::Address) {
                    let address = UnreachableAddress { email, rejection: MailRejection::Bounce, permanent: true };
                    unreachable_address::remember(connection, &address, now)?;
                }
            }
            Err(Undelivered { reason, wait, .. }) => {
                tracing::warn!(id = due.id, attempts = due.attempts, reason, "a message is put off");
                let asked = wait.map_or(0, |wait| i64::try_from(wait.as_secs()).unwrap_or(MAX_DELAY_SECONDS));
                let delay = TimeDelta::seconds(delay.max(asked.min(MAX_DELAY_SECONDS)));
                queue::postpone(connection, &due.id, now, now + delay, &reason)?;
            }
        }
        Ok(())
    };
    context.db.write(settle).await
}

/// Doubles from 2 s to an hour.
fn mail_delay(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 16)).unwrap_or(1);
    2_i64.pow(doublings).min(MAX_DELAY_SECONDS)
}

/// That many seconds with up to a quarter of chance on top, so that many messages to one receiver spread out.
fn spread(seconds: i64) -> Result<i64> {
    let mut byte = [0];
    getrandom::fill(&mut byte).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    let [chance] = byte;
    Ok(seconds + seconds * i64::from(chance) / (4 * 255))
}
