//! The accesses that API managers have opened, or are asked to: one for each request and manager.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::policy::Delivery;
use shared::provisioning::{Provisioning, ProvisioningIssue, ProvisioningState};

use crate::connection::AnyConnection;
use crate::connection::types::{Json, Name, utc};
use crate::ids::{AuthorisationId, EnrollmentId};
use crate::on_each;
use crate::outbound::managers::{self, Remote};
use crate::schema::{authorisations, provisionings};

/// An access as it is kept.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = provisionings)]
pub struct ProvisioningRow {
    pub enrollment_id: EnrollmentId,
    pub manager: Name<Delivery>,
    pub state: Name<ProvisioningState>,
    /// What the manager calls it.
    pub remote: Json<Remote>,
    pub link: String,
    /// When it was opened first.
    pub opened_at: Option<NaiveDateTime>,
    /// Since when the manager does not do what it is asked.
    pub failing_since: Option<NaiveDateTime>,
    /// Why it does not.
    pub error: String,
    /// How what the manager holds differed when it was last asked.
    pub drift: String,
    pub checked_at: Option<NaiveDateTime>,
}

impl From<ProvisioningRow> for Provisioning {
    fn from(row: ProvisioningRow) -> Self {
        Self {
            manager: row.manager.0,
            state: row.state.0,
            unconfirmed: managers::unconfirmed(&row.remote.0),
            link: row.link,
            opened_at: row.opened_at.map(utc),
            failing_since: row.failing_since.map(utc),
            error: row.error,
        }
    }
}

/// Asks for an access, for that authorisation: it is to be opened, or brought up to date where there is one.
///
/// # Errors
/// The database's.
pub fn ask(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    manager: Delivery,
    authorisation_id: AuthorisationId,
) -> QueryResult<()> {
    let asked = (
        provisionings::authorisation_id.eq(authorisation_id),
        provisionings::state.eq(Name(ProvisioningState::Pending)),
    );
    let row = (provisionings::enrollment_id.eq(enrollment_id), provisionings::manager.eq(Name(manager)), asked);
    on_each!(connection, c => {
        diesel::insert_into(provisionings::table)
            .values(row)
            .on_conflict((provisionings::enrollment_id, provisionings::manager))
            .do_update()
            .set(asked)
            .execute(c)
    })?;
    Ok(())
}

/// Asks for the withdrawal of an access; whether there is one.
///
/// # Errors
/// The database's.
pub fn withdraw(connection: &mut AnyConnection, enrollment_id: EnrollmentId, manager: Delivery) -> QueryResult<bool> {
    let rows = diesel::update(provisionings::table.find((enrollment_id, Name(manager))))
        .set(provisionings::state.eq(Name(ProvisioningState::Withdrawing)))
        .execute(connection)?;
    Ok(rows > 0)
}

/// The accesses of a request.
///
/// # Errors
/// The database's.
pub fn of_enrollment(connection: &mut AnyConnection, id: EnrollmentId) -> QueryResult<Vec<ProvisioningRow>> {
    provisionings::table
        .filter(provisionings::enrollment_id.eq(id))
        .select(ProvisioningRow::as_select())
        .load(connection)
}

/// The access of a request at a manager.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: EnrollmentId, manager: Delivery) -> QueryResult<ProvisioningRow> {
    provisionings::table.find((id, Name(manager))).select(ProvisioningRow::as_select()).first(connection)
}

/// Notes that a manager has done what it was asked, and what it calls what it has opened. An access that another decision
/// asks for meanwhile stays asked for.
///
/// # Errors
/// The database's.
pub fn done(
    connection: &mut AnyConnection,
    (id, manager): (EnrollmentId, Delivery),
    remote: Remote,
    link: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let row = find(connection, id, manager)?;
    let state = match row.state.0 {
        ProvisioningState::Pending | ProvisioningState::Open => ProvisioningState::Open,
        ProvisioningState::Withdrawing | ProvisioningState::Withdrawn => ProvisioningState::Withdrawn,
    };
    diesel::update(provisionings::table.find((id, Name(manager))))
        .set((
            provisionings::state.eq(Name(state)),
            provisionings::remote.eq(Json(remote)),
            provisionings::link.eq(link),
            provisionings::opened_at.eq(row.opened_at.or(Some(now))),
            provisionings::failing_since.eq(None::<NaiveDateTime>),
            provisionings::error.eq(""),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes that a manager has not done what it was asked, why, and what it has opened all the same.
///
/// # Errors
/// The database's.
pub fn failed(
    connection: &mut AnyConnection,
    (id, manager): (EnrollmentId, Delivery),
    remote: Remote,
    error: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let row = find(connection, id, manager)?;
    diesel::update(provisionings::table.find((id, Name(manager))))
        .set((
            provisionings::remote.eq(Json(remote)),
            provisionings::failing_since.eq(row.failing_since.or(Some(now))),
            provisionings::error.eq(error),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes what asking a manager has shown: how what it holds differs; empty where it does not.
///
/// # Errors
/// The database's.
pub fn checked(
    connection: &mut AnyConnection,
    (id, manager): (EnrollmentId, Delivery),
    drift: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::update(provisionings::table.find((id, Name(manager))))
        .set((provisionings::drift.eq(drift), provisionings::checked_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

/// Accesses that are open or withdrawn, after that one (all, where it is `None`), by request and manager.
///
/// # Errors
/// The database's.
pub fn settled_after(
    connection: &mut AnyConnection,
    after: Option<(EnrollmentId, Delivery)>,
    limit: i64,
) -> QueryResult<Vec<ProvisioningRow>> {
    let settled = [Name(ProvisioningState::Open), Name(ProvisioningState::Withdrawn)];
    let (id, manager) = after.map_or((EnrollmentId(0), ""), |(id, manager)| (id, manager.as_str()));
    let of_same = provisionings::enrollment_id.eq(id).and(provisionings::manager.gt(manager));
    provisionings::table
        .filter(provisionings::state.eq_any(settled))
        .filter(provisionings::enrollment_id.gt(id).or(of_same))
        .order((provisionings::enrollment_id, provisionings::manager))
        .limit(limit)
        .select(ProvisioningRow::as_select())
        .load(connection)
}

#[diesel::dsl::auto_type]
fn is_wrong() -> _ {
    provisionings::failing_since.is_not_null().or(provisionings::drift.ne(""))
}

/// How many accesses somebody must look at.
///
/// # Errors
/// The database's.
pub fn count_issues(connection: &mut AnyConnection) -> QueryResult<i64> {
    provisionings::table.filter(is_wrong()).count().get_result(connection)
}

/// The accesses that somebody must look at, before that request (all, where it is `None`), newest first.
///
/// # Errors
/// The database's.
pub fn issues(connection: &mut AnyConnection, before: Option<i64>, limit: i64) -> QueryResult<Vec<ProvisioningIssue>> {
    let rows: Vec<(ProvisioningRow, String)> = provisionings::table
        .inner_join(authorisations::table)
        .filter(is_wrong())
        .filter(provisionings::enrollment_id.lt(before.unwrap_or(i64::MAX)))
        .order((provisionings::enrollment_id.desc(), provisionings::manager))
        .limit(limit)
        .select((ProvisioningRow::as_select(), authorisations::target_api))
        .load(connection)?;
    let issue = |(row, target_api): (ProvisioningRow, String)| ProvisioningIssue {
        enrollment_id: row.enrollment_id.0,
        target_api,
        drift: row.drift.clone(),
        checked_at: row.checked_at.map(utc),
        provisioning: row.into(),
    };
    Ok(rows.into_iter().map(issue).collect())
}
