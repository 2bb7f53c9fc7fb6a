//! What is due with time: reminders of drafts and of requested changes, then archiving.
//!
//! Source: v1's daily jobs, with one difference: any event counts as life, so that nobody is reminded the morning after
//! they began an update.

use chrono::Duration;
use shared::enrollment::AuthorisationSummary;
use shared::policy::Reminders;
use shared::workflow::RESTORABLE_DAYS;
use shared::workflow::{Action, EventName, Status, next};

use super::announcing::{Announcement, post, with_notice};
use super::facts::Facts;
use super::webhooks::{self, WebhookEvent};
use super::{Context, Loaded, counting, queue};
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::authorisation;
use crate::models::enrollment::{self, EnrollmentChanges};
use crate::models::event::{self, LastEvent, NewEvent};
use crate::models::user;
use crate::notification;

/// What is due for one enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub id: EnrollmentId,
    /// What happens to it: a reminder, or it is put away.
    pub event: EventName,
}

/// Everything that is due now, oldest first. It changes nothing.
///
/// # Errors
/// The database's.
pub fn due(connection: &mut AnyConnection, context: &Context) -> Result<Vec<Due>> {
    let policies = context.policies.current();
    let shortest = policies.values().map(|policy| policy.reminders.shortest()).min().unwrap_or_default();
    let since = context.now.naive_utc() - Duration::days(i64::from(shortest));
    let mut due = Vec::new();
    for id in event::idle_since(connection, &[Status::Draft, Status::ChangesRequested], since)? {
        let loaded = Loaded::find(connection, context, id)?;
        due.extend(event_of(connection, context, &loaded)?.map(|event| Due { id, event }));
    }
    Ok(due)
}

/// Removes the drafts whose applicants can no longer restore them; how many, and the files that nothing else has.
///
/// # Errors
/// The database's.
pub fn purge(connection: &mut AnyConnection, context: &Context) -> Result<(usize, Vec<String>)> {
    let before = context.now.naive_utc() - Duration::days(RESTORABLE_DAYS);
    Ok(enrollment::purge(connection, before)?)
}

/// Does what is due for one enrollment, if it still is; whether it did. Twice makes once.
///
/// # Errors
/// The database's.
pub fn apply(connection: &mut AnyConnection, context: &Context, id: EnrollmentId) -> Result<bool> {
    let loaded = Loaded::find(connection, context, id)?;
    let Some(event) = event_of(connection, context, &loaded)? else { return Ok(false) };
    let (record, now) = (&loaded.record, context.now.naive_utc());
    let facts = Facts::of(record);
    let archived = next(loaded.state(), Action::Archive).filter(|_| event == EventName::Archive);
    let state = archived.unwrap_or_else(|| loaded.state());
    let mut columns = EnrollmentChanges {
        // A reminder is no change that anybody made.
        updated_at: if archived.is_some() { now } else { record.updated_at },
        ..facts.next_columns(&loaded.policy, record, state, now)
    };
    queue::update_waiting(record, &mut columns, now);
    // Another process was faster.
    if !enrollment::update(connection, record, &columns)? {
        return Ok(false);
    }
    event::insert(
        connection,
        NewEvent {
            enrollment_id: id,
            name: event,
            comment: String::new(),
            changes: Vec::new(),
            snapshot: None,
            without_changes: false,
            user_id: None,
            administrator_id: None,
            created_at: now,
        },
    )?;
    let applicant = user::find(connection, record.demandeur_id)?;
    let authorisation = if record.reopening { authorisation::last(connection, id)? } else { None };
    let authorisation = authorisation.map(|(id, _)| AuthorisationSummary::number_of(id.0)).unwrap_or_default();
    let of_no_event = Announcement::of_no_event(&loaded, &applicant.email);
    let announcement = Announcement { event, authorisation: &authorisation, ..of_no_event };
    let letters = with_notice(connection, context, &loaded, announcement, notification::plan)?;
    post(connection, context, &loaded, (record.version + 1, None), letters)?;
    let told = WebhookEvent { enrollment_id: id, event, comment: "", grants: false, actor: None };
    webhooks::enqueue(connection, context, &loaded, told)?;
    counting::count(connection, record, &columns, event, &[], now)?;
    Ok(true)
}

fn event_of(connection: &mut AnyConnection, context: &Context, loaded: &Loaded) -> Result<Option<EventName>> {
    let Some(last) = event::last(connection, loaded.record.id)? else { return Ok(None) };
    let can_be_archived = next(loaded.state(), Action::Archive).is_some();
    let days = (context.now.naive_utc() - last.created_at).max(Duration::zero());
    Ok(rule(loaded.policy.reminders, loaded.record.status.0, &last, days, can_be_archived))
}

fn rule(
    reminders: Reminders,
    status: Status,
    last: &LastEvent,
    idle: Duration,
    can_be_archived: bool,
) -> Option<EventName> {
    let since = |days: u32| idle >= Duration::days(i64::from(days));
    match (status, last.name.0) {
        (Status::Draft, EventName::Reminder) => None,
        (Status::Draft, _) => since(reminders.draft_days).then_some(EventName::Reminder),
        // An update is never put away: what it updates is in force.
        (Status::ChangesRequested, EventName::Reminder) if !can_be_archived => None,
        (Status::ChangesRequested, _) if !can_be_archived => {
            since(reminders.changes_days).then_some(EventName::Reminder)
        }
        (Status::ChangesRequested, EventName::ReminderBeforeArchive) => {
            since(reminders.archive_days).then_some(EventName::Archive)
        }
        (Status::ChangesRequested, _) => since(reminders.changes_days).then_some(EventName::ReminderBeforeArchive),
        _ => None,
    }
}
