//! Requests that pass to a colleague of their applicant: what waits for an answer, and what became of the others.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::transfer::{TransferKind, TransferOutcome};

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::ids::{EnrollmentId, TransferId, UserId};
use crate::schema::transfers;

/// A transfer that begins.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = transfers)]
pub struct NewTransferRow {
    /// The request.
    pub enrollment_id: EnrollmentId,
    /// How it begins.
    pub kind: Name<TransferKind>,
    /// The applicant.
    pub from_id: UserId,
    /// E-mail address of who is to have it.
    pub to_email: String,
    /// Their number, where it is known.
    pub to_id: Option<UserId>,
    /// Why.
    pub reason: String,
    /// Now.
    pub created_at: NaiveDateTime,
    /// Nothing yet.
    pub answer: String,
}

/// A transfer that waits for an answer.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = transfers)]
pub struct TransferRecord {
    /// Its number.
    pub id: TransferId,
    /// How it began.
    pub kind: Name<TransferKind>,
    /// The applicant at that time.
    pub from_id: UserId,
    /// E-mail address of who is to have it.
    pub to_email: String,
    /// Their number, where it is known.
    pub to_id: Option<UserId>,
    /// Why.
    pub reason: String,
    /// When it began.
    pub created_at: NaiveDateTime,
}

/// How a transfer ends.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// How.
    pub outcome: TransferOutcome,
    /// By whom.
    pub by: UserId,
    /// Who has the request, where that was not known before.
    pub to: Option<UserId>,
    /// Why.
    pub answer: &'a str,
    /// Now.
    pub at: NaiveDateTime,
}

/// Stores a transfer; its number. A second one that waits for the same request is a violation of the unique index.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, new: &NewTransferRow) -> QueryResult<TransferId> {
    diesel::insert_into(transfers::table).values(new).returning(transfers::id).get_result(connection)
}

/// The one that waits for an answer, if one does.
///
/// # Errors
/// The database's.
pub fn waiting(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Option<TransferRecord>> {
    transfers::table
        .filter(transfers::enrollment_id.eq(enrollment_id))
        .filter(transfers::outcome.is_null())
        .select(TransferRecord::as_select())
        .first(connection)
        .optional()
}

/// The requests whose transfer somebody may have to answer, the oldest first: their applicant was asked, or they were offered to
/// that address.
///
/// # Errors
/// The database's.
pub fn waiting_for(
    connection: &mut AnyConnection,
    user_id: UserId,
    email: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<EnrollmentId>> {
    let is_asked = transfers::from_id.eq(user_id).and(transfers::kind.eq(Name(TransferKind::Ask)));
    // Nobody has no address.
    let is_offered =
        transfers::to_email.eq(email.unwrap_or_default()).and(transfers::kind.eq(Name(TransferKind::Offer)));
    transfers::table
        .filter(transfers::outcome.is_null())
        .filter(is_asked.or(is_offered))
        .order(transfers::id)
        .limit(limit)
        .select(transfers::enrollment_id)
        .load(connection)
}

/// Ends a transfer; `false` where it has ended already.
///
/// # Errors
/// The database's.
pub fn end(connection: &mut AnyConnection, id: TransferId, ending: &Ending<'_>) -> QueryResult<bool> {
    let waiting = transfers::table.find(id).filter(transfers::outcome.is_null());
    let to = ending.to.map(|to| transfers::to_id.eq(to));
    let ended = diesel::update(waiting)
        .set((
            transfers::outcome.eq(Name(ending.outcome)),
            transfers::decided_by.eq(ending.by),
            transfers::decided_at.eq(ending.at),
            transfers::answer.eq(ending.answer),
            to,
        ))
        .execute(connection)?;
    Ok(ended == 1)
}

/// Ends whatever waits for a request that has changed hands, or is about to.
///
/// # Errors
/// The database's.
pub fn supersede(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    by: UserId,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let waiting =
        transfers::table.filter(transfers::enrollment_id.eq(enrollment_id)).filter(transfers::outcome.is_null());
    diesel::update(waiting)
        .set((
            transfers::outcome.eq(Name(TransferOutcome::Superseded)),
            transfers::decided_by.eq(by),
            transfers::decided_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}
