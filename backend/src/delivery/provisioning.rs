//! One thing that an API manager is asked to do, and what follows from its outcome.

use std::time::Duration;

use chrono::Duration as TimeDelta;
use shared::policy::Delivery;
use shared::provisioning::ProvisioningState;
use shared::team_member::TeamMemberType;

use super::DeliveryContext;
use super::webhook::next_delay;
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::outbox::Payload;
use crate::models::outbox::queue::{self, Due};
use crate::models::provisioning;
use crate::notification::provisioning::opened;
use crate::outbound::managers::{Action, Failure, Order, Remote};
use crate::outbox;

/// How long a manager may take for all its calls; the message is left to its worker for longer.
const TIMEOUT: Duration = Duration::from_secs(240);
const CLAIM_SECONDS: i64 = 300;

/// Has a manager do what the message asks.
pub(super) async fn deliver(context: &DeliveryContext, due: Due) -> Result<()> {
    let Payload::Provisioning { manager, action, order } = due.payload.0.clone() else { return Ok(()) };
    let Some(id) = due.enrollment_id else { return Ok(()) };
    let message = due.id.clone();
    let mut remote = context
        .db
        .write(move |connection| {
            queue::extend(connection, &message, now().naive_utc() + TimeDelta::seconds(CLAIM_SECONDS))?;
            Ok(provisioning::find(connection, id, manager)?.remote.0)
        })
        .await?;
    let run = context.managers.run(manager, action, &order, &mut remote);
    let outcome = tokio::time::timeout(TIMEOUT, run)
        .await
        .unwrap_or_else(|_| Err(Failure { text: "le gestionnaire est trop lent".to_owned(), is_final: false }));
    let (public_url, mail_from) = (context.public_url.clone(), context.mail_from.clone());
    let settle = move |connection: &mut _| match outcome {
        Ok(link) => {
            let first = succeeded(connection, &due, (id, manager, action), remote, &link)?;
            if first {
                announce(connection, (id, due.sequence), &order, &link, (&public_url, &mail_from))?;
            }
            Ok(())
        }
        Err(failure) => failed(connection, &due, (id, manager), remote, &failure),
    };
    context.db.write(settle).await
}

/// Whether the access was not open before, and is now.
fn succeeded(
    connection: &mut AnyConnection,
    due: &Due,
    (id, manager, action): (EnrollmentId, Delivery, Action),
    remote: Remote,
    link: &str,
) -> Result<bool> {
    let before = provisioning::find(connection, id, manager)?;
    let kept = if link.is_empty() { before.link.as_str() } else { link };
    // Where a later change is already asked for, this one is not the last word.
    let asked = if action == Action::Open { ProvisioningState::Pending } else { ProvisioningState::Withdrawing };
    if before.state.0 == asked {
        provisioning::done(connection, (id, manager), remote, kept, now().naive_utc())?;
    }
    // What people wrote goes with the message; the state of the access stays.
    queue::forget(connection, &due.id)?;
    Ok(action == Action::Open && before.opened_at.is_none())
}

fn failed(
    connection: &mut AnyConnection,
    due: &Due,
    access: (EnrollmentId, Delivery),
    remote: Remote,
    failure: &Failure,
) -> Result<()> {
    let now = now().naive_utc();
    tracing::warn!(id = due.id, attempts = due.attempts, manager = access.1.as_str(), failure.text, "a manager failed");
    provisioning::failed(connection, access, remote, &failure.text, now)?;
    match next_delay(due.attempts, 0)?.filter(|_| !failure.is_final) {
        Some(delay) => queue::postpone(connection, &due.id, now, now + delay, &failure.text)?,
        None => queue::give_up(connection, &due.id, now, &failure.text)?,
    }
    Ok(())
}

/// Tells the applicant and the technical contact that the access is open.
fn announce(
    connection: &mut AnyConnection,
    (id, sequence): (EnrollmentId, i64),
    order: &Order,
    link: &str,
    (public_url, mail_from): (&str, &str),
) -> Result<()> {
    let is_told =
        |kind: TeamMemberType| matches!(kind, TeamMemberType::Demandeur | TeamMemberType::ResponsableTechnique);
    let mut told: Vec<&str> =
        order.team_members.iter().filter(|one| is_told(one.kind)).map(|one| one.email.as_str()).collect();
    told.sort_unstable();
    told.dedup();
    let mails: Result<Vec<Payload>> = told
        .into_iter()
        .filter(|email| !email.is_empty())
        .map(|email| opened(order, link, (public_url, mail_from), email))
        .collect();
    outbox::enqueue(connection, id, (sequence, None), mails?)
}
