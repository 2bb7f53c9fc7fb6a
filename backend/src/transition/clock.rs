//! What time alone does to enrollments: reminders of drafts and of changes that do not come, then putting away.
//!
//! Source: v1's daily jobs, with one difference: any event counts as life, so that nobody is reminded the morning after
//! they began an update.

use chrono::Duration;
use shared::event::EventName;
use shared::policy::Reminders;
use shared::workflow::{Action, Status, next};

use super::facts::Facts;
use super::{Context, Loaded};
use crate::db::AnyConnection;
use crate::db::types::Name;
use crate::error::Result;
use crate::models::enrollment::{self, EnrollmentChanges};
use crate::models::event::{self, LastEvent, NewEvent};
use crate::models::user;
use crate::{notification, outbox};

/// What is due for one enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its number.
    pub id: i64,
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

/// Does what is due for one enrollment, if it still is; whether it did. Twice makes once.
///
/// # Errors
/// The database's.
pub fn apply(connection: &mut AnyConnection, context: &Context, id: i64) -> Result<bool> {
    let loaded = Loaded::find(connection, context, id)?;
    let Some(event) = event_of(connection, context, &loaded)? else { return Ok(false) };
    let (record, now) = (&loaded.record, context.now.naive_utc());
    let facts = Facts::of(record);
    let is_archived = event == EventName::Archive;
    let mut columns = EnrollmentChanges {
        status: if is_archived { Name(Status::Archived) } else { record.status },
        offered: record.offered && !is_archived,
        // Nobody wrote anything.
        updated_at: if is_archived { now } else { record.updated_at },
        ..facts.next_columns(&loaded.policy, record, now)
    };
    super::queue::turned(record, &mut columns, now);
    // Another process was faster.
    if !enrollment::update(connection, record, &columns)? {
        return Ok(false);
    }
    let (comment, changes, snapshot, user_id) = (String::new(), Vec::new(), None, None);
    event::insert(
        connection,
        NewEvent { enrollment_id: id, name: event, comment, changes, snapshot, user_id, created_at: now },
    )?;
    let applicant = user::find(connection, record.demandeur_id)?;
    let mails = super::with_notice(connection, context, &loaded, &applicant, event, "", &facts, notification::plan)?;
    outbox::enqueue(connection, id, record.version + 1, mails)?;
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
        (Status::ChangesRequested, EventName::ReminderBeforeArchive) => {
            (can_be_archived && since(reminders.archive_days)).then_some(EventName::Archive)
        }
        (Status::ChangesRequested, _) => {
            (can_be_archived && since(reminders.changes_days)).then_some(EventName::ReminderBeforeArchive)
        }
        _ => None,
    }
}
