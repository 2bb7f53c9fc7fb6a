//! The instructors' queue: how long a request waits for them, which of them takes care of it, who is absent.
//!
//! Assigning changes nothing that the applicant sees: no event, no new version, so that it never gets in the way of who
//! writes.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta};
use diesel::QueryResult;
use shared::api::EnrollmentRow;
use shared::enrollment::Enrollment;
use shared::problem::ItemCode;
use shared::queue::{
    Absence, Assignment, AssignmentOutcome, Assignments, Colleague, MAX_ABSENCE_DAYS, MAX_ASSIGNED, MAX_DECISIONS,
    QueueCounts, Turn, WINDOW_DAYS, WaitingTimes,
};
use shared::rights::{self, Denial, ListScope, RoleScope};
use shared::user::{Role, User};
use shared::workflow::Action;

use super::{Context, Loaded, Tx, reading};
use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, UserId};
use crate::models::enrollment::queue::{self, Handover};
use crate::models::enrollment::{self, EnrollmentChanges, EnrollmentRecord};
use crate::models::{decision, user};

/// Updates the waiting time as the status changes; returns how many seconds the administration took, where it has answered.
pub(super) fn update_waiting(
    record: &EnrollmentRecord,
    columns: &mut EnrollmentChanges,
    now: NaiveDateTime,
) -> Option<i64> {
    let turn = Turn { waited: record.waited, since: record.waiting_from.map(utc) };
    let (turn, answered) = turn.moved(record.status.0, columns.status.0, record.offered, utc(now));
    columns.waited = turn.waited;
    columns.waiting_from = turn.since.map(|since| since.naive_utc());
    answered
}

/// Stores how long the answer took; unassigns what comes back while its instructor is absent, or as a démarche that they
/// do not instruct.
pub(super) fn follow_up(
    connection: &mut AnyConnection,
    record: &EnrollmentRecord,
    columns: &EnrollmentChanges,
    answered: Option<i64>,
    now: NaiveDateTime,
) -> Result<()> {
    if let Some(waited) = answered {
        decision::insert(connection, record.id, &record.target_api, waited, now)?;
    }
    let Some(assignee) = record.assigned_to else { return Ok(()) };
    let comes_back = columns.status.0.awaits_administration() && !record.status.0.awaits_administration();
    let is_another_demarche = columns.demarche != record.demarche;
    if is_another_demarche
        && !rights::instructs(&user::find(connection, assignee)?, &record.target_api, &columns.demarche)
        || comes_back && (Absence { until: queue::absence(connection, assignee)? }).is_on(now.date())
    {
        queue::assign(connection, record.id, Handover { from: Some(assignee), to: None })?;
    }
    Ok(())
}

/// Says who takes care of a request from now on, if who had it is who the caller believes.
///
/// # Errors
/// No such enrollment (404); not an instructor of its API (403); put away, somebody else has it, or who would have it is
/// absent (409); who would have it instructs something else (400).
pub fn assign(tx: &mut Tx<'_>, id: EnrollmentId, assignment: Assignment) -> Result<Enrollment> {
    let loaded = tx.load_for(Action::Assign, id)?;
    let Assignment { user_id, from } = assignment;
    assign_loaded(tx, &loaded, Handover { from: from.map(UserId), to: user_id.map(UserId) })?;
    reading::show(tx, id)
}

fn assign_loaded(tx: &mut Tx<'_>, loaded: &Loaded, handover: Handover) -> Result<()> {
    let record = &loaded.record;
    if let Some(UserId(chosen)) = handover.to {
        let colleagues = queue::instructors(tx.connection, &record.target_api, Some(&record.demarche))?;
        let Some(colleague) = colleagues.into_iter().find(|colleague| colleague.id == chosen) else {
            let detail = "Cette personne n’instruit pas cette demande.";
            return Err(Error::pointer("/user_id", ItemCode::NotEligible, detail));
        };
        let absence = Absence { until: colleague.absent_until };
        if let Some(until) = absence.until.filter(|_| absence.is_on(tx.context.now.date_naive())) {
            let until = until.format("%d/%m/%Y");
            return Err(Error::WrongStatus(format!("{} est en congé jusqu’au {until}.", colleague.name)));
        }
    }
    if !queue::assign(tx.connection, record.id, handover)? {
        let present = enrollment::find(tx.connection, record.id)?.assigned_to;
        let name = match present {
            Some(id) => user::names(tx.connection, [id])?.remove(&id),
            None => None,
        };
        return Err(Error::WrongStatus(match name {
            Some(name) => format!("Entre-temps, cette demande est revenue à {name}."),
            None => "Entre-temps, cette demande n’est plus attribuée.".to_owned(),
        }));
    }
    Ok(())
}

/// Says who takes care of several requests. Each that is nobody's or the caller's changes hands; of the others it is said
/// why not.
///
/// # Errors
/// Too many at once (400); the database's.
pub fn assign_all(tx: &mut Tx<'_>, assignments: &Assignments) -> Result<Vec<AssignmentOutcome>> {
    let ids: BTreeSet<EnrollmentId> = assignments.ids.iter().copied().map(EnrollmentId).collect();
    if ids.len() > MAX_ASSIGNED {
        let detail = format!("Choisissez {MAX_ASSIGNED} demandes au plus.");
        return Err(Error::pointer("/ids", ItemCode::TooLong, detail));
    }
    let mut outcomes = Vec::new();
    for id in ids {
        let done = tx.load_for(Action::Assign, id).and_then(|loaded| {
            let from = loaded.record.assigned_to.filter(|assignee| *assignee == tx.user_id());
            assign_loaded(tx, &loaded, Handover { from, to: assignments.user_id.map(UserId) })
        });
        let error = match done {
            Ok(()) => None,
            Err(error @ (Error::Database(_) | Error::Overloaded(_) | Error::Pool(_) | Error::Internal(_))) => {
                return Err(error);
            }
            Err(error) => Some(error.to_string()),
        };
        outcomes.push(AssignmentOutcome { id: id.0, error });
    }
    Ok(outcomes)
}

/// Those to whom an instructor may hand a request of that API over.
///
/// # Errors
/// No such API (404); not an instructor of it (403).
pub fn colleagues(tx: &mut Tx<'_>, target_api: &str) -> Result<Vec<Colleague>> {
    let policy = tx.context.policies.require(target_api)?;
    if !tx.user.is_instructor(&policy.target_api) {
        return Err(Denial::NotInstructor.into());
    }
    let today = tx.context.now.date_naive();
    let mut colleagues = queue::instructors(tx.connection, target_api, None)?;
    for colleague in &mut colleagues {
        colleague.absent_until = colleague.absent_until.filter(|until| *until >= today);
    }
    Ok(colleagues)
}

/// The absence of the caller; one that is over is none.
///
/// # Errors
/// The database's.
pub fn absence(tx: &mut Tx<'_>) -> Result<Absence> {
    let absence = Absence { until: queue::absence(tx.connection, tx.user_id())? };
    Ok(if absence.is_on(tx.context.now.date_naive()) { absence } else { Absence::default() })
}

/// Begins or ends the absence of the caller, and unassigns what they have not answered yet.
///
/// # Errors
/// Not an instructor (403); a day that has passed or is far ahead (400).
pub fn set_absence(tx: &mut Tx<'_>, absence: Absence) -> Result<Absence> {
    if RoleScope::instructed(tx.user).is_empty() {
        return Err(Denial::NotInstructor.into());
    }
    let today = tx.context.now.date_naive();
    let last = today + Days::new(MAX_ABSENCE_DAYS.unsigned_abs());
    if let Some(until) = absence.until
        && !(today..=last).contains(&until)
    {
        let detail = "Indiquez un jour à partir d’aujourd’hui, dans un an au plus.";
        return Err(Error::pointer("/until", ItemCode::OutOfRange, detail));
    }
    queue::set_absence(tx.connection, tx.user_id(), absence.until)?;
    if absence.until.is_some() {
        queue::give_back(tx.connection, tx.user_id())?;
    }
    Ok(absence)
}

/// How many requests each view of the caller's home holds.
///
/// # Errors
/// The database's.
pub fn counts(tx: &mut Tx<'_>) -> Result<QueueCounts> {
    let policies = tx.context.policies.current();
    let scope = ListScope::of(tx.user, policies.values().map(AsRef::as_ref));
    let instructed = RoleScope::instructed(tx.user);
    let mut counts = queue::counts(tx.connection, &scope, &instructed)?;
    if !tx.user.is_administrator() && instructed.is_empty() {
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
    Ok(times_of(connection, context, &policy.target_api)?)
}

/// The same of an API that there is, or was.
pub(super) fn times_of(
    connection: &mut AnyConnection,
    context: &Context,
    target_api: &str,
) -> QueryResult<WaitingTimes> {
    let first = (context.now - TimeDelta::days(WINDOW_DAYS)).date_naive();
    let answers = decision::latest(connection, target_api, first.and_time(NaiveTime::MIN), MAX_DECISIONS)?;
    let oldest = answers.get(MAX_DECISIONS - 1).map(|(at, _)| at.date());
    Ok(WaitingTimes::of(answers.into_iter().map(|(_, waited)| waited).collect(), oldest.unwrap_or(first)))
}

/// Names who takes care of each row, for those who may know. For the others nobody does, and no point is left unanswered.
///
/// # Errors
/// The database's.
pub fn name_assignees(connection: &mut AnyConnection, user: &User, rows: &mut [EnrollmentRow]) -> Result<()> {
    for row in rows.iter_mut().filter(|row| !rights::sees_assignment(user, &row.target_api, &row.counts_as)) {
        row.assigned_to = None;
        row.unanswered_points = 0;
    }
    let ids: BTreeSet<UserId> =
        rows.iter().filter_map(|row| row.assigned_to.as_ref().map(|assignee| UserId(assignee.id))).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let names = user::names(connection, ids)?;
    for assignee in rows.iter_mut().filter_map(|row| row.assigned_to.as_mut()) {
        assignee.name = names.get(&UserId(assignee.id)).cloned().unwrap_or_default();
    }
    Ok(())
}

/// Unassigns the requests of an instructor who loses that role.
///
/// # Errors
/// The database's.
pub fn unassign_for_role(connection: &mut AnyConnection, email: &str, role: &Role) -> Result<()> {
    if let Role::Instructor { target_api, .. } = role {
        queue::give_back_of(connection, email, target_api)?;
    }
    Ok(())
}

/// Unassigns the requests of somebody who may no longer act.
///
/// # Errors
/// The database's.
pub fn unassign_all(connection: &mut AnyConnection, user_id: UserId) -> Result<()> {
    queue::give_back(connection, user_id)?;
    Ok(())
}
