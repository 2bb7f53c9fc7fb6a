//! Requests to join an organisation, which an administrator accepts or refuses.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::ids::{AccountId, JoinRequestId, UserId};
use crate::schema::{accounts, join_requests};

/// A request with its author, mostly one without a decision.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = join_requests)]
pub struct PendingRequest {
    pub id: JoinRequestId,
    /// Its author.
    pub account_id: AccountId,
    /// Their e-mail address.
    #[diesel(select_expression = accounts::email)]
    pub email: String,
    #[diesel(select_expression = accounts::given_name)]
    pub given_name: String,
    #[diesel(select_expression = accounts::family_name)]
    pub family_name: String,
    #[diesel(select_expression = accounts::job)]
    pub job: String,
    /// The organisation.
    pub siret: String,
    /// Its name.
    pub label: String,
    /// Whether the author is a contractor.
    pub is_external: bool,
    pub created_at: NaiveDateTime,
}

/// A request as its author sees it: pending or refused.
#[derive(Clone, Debug, Queryable)]
pub struct OwnRequest {
    /// The organisation.
    pub siret: String,
    /// Its name.
    pub label: String,
    /// When it was refused; `None` where it is pending.
    pub decided_at: Option<NaiveDateTime>,
    /// Why it was refused.
    pub reason: String,
}

/// Stores a request; `false` where the same is pending already.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    account_id: AccountId,
    (siret, label, is_external): (&str, &str, bool),
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let row = (
        join_requests::account_id.eq(account_id),
        join_requests::siret.eq(siret),
        join_requests::label.eq(label),
        join_requests::is_external.eq(is_external),
        join_requests::created_at.eq(now),
        join_requests::is_accepted.eq(false),
        join_requests::reason.eq(""),
    );
    let stored = crate::on_each!(connection, c => {
        diesel::insert_into(join_requests::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(stored == 1)
}

/// The pending requests, the oldest first.
///
/// # Errors
/// The database's.
pub fn pending(connection: &mut AnyConnection, limit: i64) -> QueryResult<Vec<PendingRequest>> {
    join_requests::table
        .inner_join(accounts::table)
        .filter(join_requests::decided_at.is_null())
        .order(join_requests::id)
        .limit(limit)
        .select(PendingRequest::as_select())
        .load(connection)
}

/// The request of that number, if it is pending.
///
/// # Errors
/// The database's.
pub fn find_pending(connection: &mut AnyConnection, id: JoinRequestId) -> QueryResult<Option<PendingRequest>> {
    join_requests::table
        .inner_join(accounts::table)
        .filter(join_requests::id.eq(id))
        .filter(join_requests::decided_at.is_null())
        .select(PendingRequest::as_select())
        .first(connection)
        .optional()
}

/// The request of that number, once it is decided: its author, the organisation, and whether it was accepted.
///
/// # Errors
/// The database's.
pub fn find_decided(connection: &mut AnyConnection, id: JoinRequestId) -> QueryResult<Option<(PendingRequest, bool)>> {
    join_requests::table
        .inner_join(accounts::table)
        .filter(join_requests::id.eq(id))
        .filter(join_requests::decided_at.is_not_null())
        .select((PendingRequest::as_select(), join_requests::is_accepted))
        .first(connection)
        .optional()
}

/// The requests of an account that were not accepted, the newest first.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, account_id: AccountId) -> QueryResult<Vec<OwnRequest>> {
    join_requests::table
        .filter(join_requests::account_id.eq(account_id))
        .filter(join_requests::is_accepted.eq(false))
        .order(join_requests::id.desc())
        .select((join_requests::siret, join_requests::label, join_requests::decided_at, join_requests::reason))
        .load(connection)
}

/// How many are pending.
///
/// # Errors
/// The database's.
pub fn count_pending(connection: &mut AnyConnection) -> QueryResult<i64> {
    join_requests::table.filter(join_requests::decided_at.is_null()).count().get_result(connection)
}

/// Decides on a pending request: refuses it where there is a `reason`. `false` where somebody else was faster.
///
/// # Errors
/// The database's.
pub fn decide(
    connection: &mut AnyConnection,
    id: JoinRequestId,
    reason: Option<&str>,
    actor: UserId,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let pending = join_requests::table.find(id).filter(join_requests::decided_at.is_null());
    let decided = diesel::update(pending)
        .set((
            join_requests::decided_at.eq(now),
            join_requests::is_accepted.eq(reason.is_none()),
            join_requests::reason.eq(reason.unwrap_or_default()),
            join_requests::decided_by.eq(actor),
        ))
        .execute(connection)?;
    Ok(decided == 1)
}
