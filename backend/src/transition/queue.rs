//! The instructors' queue: how long a request waits for them, which of them takes care of it, who is absent.
//!
//! Assigning changes nothing that the applicant sees: no event, no new version, so that it never gets in the way of who
//! writes.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDateTime, TimeDelta};
use shared::api::EnrollmentRow;
use shared::enrollment::Enrollment;
use shared::queue::{
    Absence, Assignee, Assignment, Assignments, Colleague, MAX_ABSENCE_DAYS, MAX_ASSIGNED, Outcome, QueueCounts, Turn,
    WINDOW_DAYS, WaitingTimes,
};
use shared::rights::{self, Denial, ListScope};
use shared::user::{Role, User};
use shared::workflow::Action;

use super::{Context, Loaded, permitted, reading};
use crate::db::AnyConnection;
use crate::db::types::utc;
use crate::error::{Error, Result};
use crate::models::decision;
use crate::models::enrollment::queue::{self, assign as give};
use crate::models::enrollment::{self, EnrollmentChanges, EnrollmentRecord};

/// Moves the clock as the status moves; how many seconds the administration took, where that is its answer.
pub(super) fn turned(record: &EnrollmentRecord, columns: &mut EnrollmentChanges, now: NaiveDateTime) -> Option<i64> {
    let turn = Turn { waited: record.waited, since: record.waiting_from.map(utc) };
    let (turn, answered) = turn.moved(record.status.0, columns.status.0, record.offered, utc(now));
    columns.waited = turn.waited;
    columns.waiting_from = turn.since.map(|since| since.naive_utc());
    answered
}

/// Writes down an answer; what comes back while who had it is away goes to nobody.
pub(super) fn followed(
    connection: &mut AnyConnection,
    record: &EnrollmentRecord,
    columns: &EnrollmentChanges,
    answered: Option<i64>,
    now: NaiveDateTime,
) -> Result<()> {
    if let Some(waited) = answered {
        decision::insert(connection, record.id, &record.target_api, waited, now)?;
    }
    if let Some(assignee) = record.assigned_to
        && columns.status.0.awaits_administration()
        && !record.status.0.awaits_administration()
        && (Absence { until: queue::absence(connection, assignee)? }).is_on(now.date())
    {
        give(connection, record.id, Some(assignee), None)?;
    }
    Ok(())
}

/// Says who takes care of a request from now on, if who had it is who the caller believes.
///
/// # Errors
/// No such enrollment (404); not an instructor of its API (403); put away, somebody else has it, or who would have it is
/// absent (409); who would have it instructs something else (400).
pub fn assign(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    assignment: Assignment,
) -> Result<Enrollment> {
    let loaded = assignable(connection, context, user, id)?;
    assign_loaded(connection, context, &loaded, assignment)?;
    reading::show(connection, context, user, id)
}

fn assignable(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Loaded> {
    let loaded = Loaded::find(connection, context, id)?;
    permitted(&loaded, user, Action::Assign, None)?;
    Ok(loaded)
}

fn assign_loaded(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    Assignment { user_id, from }: Assignment,
) -> Result<()> {
    let record = &loaded.record;
    if let Some(chosen) = user_id {
        let colleagues = queue::instructors(connection, &record.target_api)?;
        let Some(colleague) = colleagues.into_iter().find(|colleague| colleague.id == chosen) else {
            return Err(Error::BadRequest("user_id\u{a0}: cette personne n’instruit pas cette API.".to_owned()));
        };
        let absence = Absence { until: colleague.absent_until };
        if let Some(until) = absence.until.filter(|_| absence.is_on(context.now.date_naive())) {
            let until = until.format("%d/%m/%Y");
            return Err(Error::WrongStatus(format!("{} est en congé jusqu’au {until}.", colleague.name)));
        }
    }
    if !give(connection, record.id, from, user_id)? {
        let present = enrollment::find(connection, record.id)?.assigned_to;
        let name = match present {
            Some(id) => queue::names(connection, vec![id])?.remove(&id),
            None => None,
        };
        return Err(Error::WrongStatus(match name {
            Some(name) => format!("Entre-temps, cette demande est revenue à {name}."),
            None => "Entre-temps, cette demande n’est plus à personne.".to_owned(),
        }));
    }
    Ok(())
}

/// Says who takes care of several requests. Each that is nobody's or the caller's changes hands; of the others it is said
/// why not.
///
/// # Errors
/// Too many at once (400); the database's.
pub fn assign_all(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    assignments: &Assignments,
) -> Result<Vec<Outcome>> {
    let ids: BTreeSet<i64> = assignments.ids.iter().copied().collect();
    if ids.len() > MAX_ASSIGNED {
        return Err(Error::BadRequest(format!("ids\u{a0}: {MAX_ASSIGNED} demandes au plus.")));
    }
    let mut outcomes = Vec::new();
    for id in ids {
        let done = assignable(connection, context, user, id).and_then(|loaded| {
            let from = loaded.record.assigned_to.filter(|assignee| *assignee == user.id);
            assign_loaded(connection, context, &loaded, Assignment { user_id: assignments.user_id, from })
        });
        let error = match done {
            Ok(()) => None,
            Err(error @ (Error::Database(_) | Error::Pool(_) | Error::Internal(_))) => return Err(error),
            Err(error) => Some(error.to_string()),
        };
        outcomes.push(Outcome { id, error });
    }
    Ok(outcomes)
}

/// Those to whom an instructor may hand a request of that API over.
///
/// # Errors
/// No such API (404); not an instructor of it (403).
pub fn colleagues(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    target_api: &str,
) -> Result<Vec<Colleague>> {
    let policy = context.policies.require(target_api)?;
    if !user.is_instructor(&policy.target_api) {
        return Err(Denial::NotInstructor.into());
    }
    let today = context.now.date_naive();
    let mut colleagues = queue::instructors(connection, target_api)?;
    for colleague in &mut colleagues {
        colleague.absent_until = colleague.absent_until.filter(|until| *until >= today);
    }
    Ok(colleagues)
}

/// The absence of the caller; one that is over is none.
///
/// # Errors
/// The database's.
pub fn absence(connection: &mut AnyConnection, context: &Context, user: &User) -> Result<Absence> {
    let absence = Absence { until: queue::absence(connection, user.id)? };
    Ok(if absence.is_on(context.now.date_naive()) { absence } else { Absence::default() })
}

/// Begins or ends the absence of the caller. What they took care of and that has no answer yet goes back to nobody.
///
/// # Errors
/// Not an instructor (403); a day that has passed or is far ahead (400).
pub fn be_absent(connection: &mut AnyConnection, context: &Context, user: &User, absence: Absence) -> Result<Absence> {
    if instructed(user).is_empty() {
        return Err(Denial::NotInstructor.into());
    }
    let today = context.now.date_naive();
    let last = today + Days::new(MAX_ABSENCE_DAYS.unsigned_abs());
    if let Some(until) = absence.until
        && !(today..=last).contains(&until)
    {
        return Err(Error::BadRequest(
            "until\u{a0}: indiquez un jour à partir d’aujourd’hui, dans un an au plus.".to_owned(),
        ));
    }
    queue::set_absence(connection, user.id, absence.until)?;
    if absence.until.is_some() {
        queue::give_back(connection, user.id)?;
    }
    Ok(absence)
}

/// The APIs that somebody instructs.
pub fn instructed(user: &User) -> Vec<String> {
    let apis = user.roles.iter().filter_map(|role| match role {
        Role::Instructor { target_api } => Some(target_api.clone()),
        Role::Administrator | Role::Reporter { .. } | Role::Subscriber { .. } => None,
    });
    apis.collect()
}

/// How many requests each view of the caller's home holds.
///
/// # Errors
/// The database's.
pub fn counts(connection: &mut AnyConnection, context: &Context, user: &User) -> Result<QueueCounts> {
    let policies = context.policies.current();
    let scope = ListScope::of(user, policies.values().map(AsRef::as_ref));
    let mut counts = queue::counts(connection, &scope, &instructed(user))?;
    if !user.is_administrator() && instructed(user).is_empty() {
        // A reporter is not told what is nobody's.
        counts.unassigned = 0;
    }
    Ok(counts)
}

/// How long the answers of an API took in the last year.
///
/// # Errors
/// No such API (404); the database's.
pub fn waiting_times(connection: &mut AnyConnection, context: &Context, target_api: &str) -> Result<WaitingTimes> {
    let policy = context.policies.require(target_api)?;
    let since = (context.now - TimeDelta::days(WINDOW_DAYS)).date_naive();
    let waited = decision::waited_since(connection, &policy.target_api, since.and_time(chrono::NaiveTime::MIN))?;
    Ok(WaitingTimes::of(waited, since))
}

/// Names who takes care of each row, for those who may know; for the others, nobody does.
///
/// # Errors
/// The database's.
pub fn name_assignees(connection: &mut AnyConnection, user: &User, rows: &mut [EnrollmentRow]) -> Result<()> {
    for row in rows.iter_mut().filter(|row| !rights::sees_assignment(user, &row.target_api)) {
        row.assigned_to = None;
    }
    let ids: BTreeSet<i64> =
        rows.iter().filter_map(|row| row.assigned_to.as_ref().map(|assignee| assignee.id)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let names = queue::names(connection, ids.into_iter().collect())?;
    for assignee in rows.iter_mut().filter_map(|row| row.assigned_to.as_mut()) {
        assignee.name = names.get(&assignee.id).cloned().unwrap_or_default();
    }
    Ok(())
}

/// Who takes care of a request, for those who may know.
pub(super) fn assignee(
    connection: &mut AnyConnection,
    user: &User,
    record: &EnrollmentRecord,
) -> Result<Option<Assignee>> {
    let Some(id) = record.assigned_to.filter(|_| rights::sees_assignment(user, &record.target_api)) else {
        return Ok(None);
    };
    let name = queue::names(connection, vec![id])?.remove(&id).unwrap_or_default();
    Ok(Some(Assignee { id, name }))
}

/// What an instructor who is one no longer took care of goes back to nobody.
///
/// # Errors
/// The database's.
pub fn give_back(connection: &mut AnyConnection, email: &str, role: &Role) -> Result<()> {
    if let Role::Instructor { target_api } = role {
        queue::give_back_of(connection, email, target_api)?;
    }
    Ok(())
}

/// What somebody who may no longer act took care of goes back to nobody.
///
/// # Errors
/// The database's.
pub fn give_all_back(connection: &mut AnyConnection, user_id: i64) -> Result<()> {
    queue::give_back(connection, user_id)?;
    Ok(())
}
