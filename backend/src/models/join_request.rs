//! Who wants to speak for an organisation, and waits for an administrator to say whether they may.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::AnyConnection;
use crate::schema::{accounts, join_requests};

/// One that waits.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = join_requests)]
pub struct Waiting {
    /// Its number.
    pub id: i64,
    /// Who asks.
    pub account_id: i64,
    /// Their e-mail address.
    #[diesel(select_expression = accounts::email)]
    pub email: String,
    /// First name.
    #[diesel(select_expression = accounts::given_name)]
    pub given_name: String,
    /// Last name.
    #[diesel(select_expression = accounts::family_name)]
    pub family_name: String,
    /// Position held.
    #[diesel(select_expression = accounts::job)]
    pub job: String,
    /// The organisation.
    pub siret: String,
    /// Its name.
    pub label: String,
    /// They work for it without being of it.
    pub is_external: bool,
    /// Since when it waits.
    pub created_at: NaiveDateTime,
}

/// One of one's own, that waits or was refused.
#[derive(Clone, Debug, Queryable)]
pub struct Own {
    /// The organisation.
    pub siret: String,
    /// Its name.
    pub label: String,
    /// When it was refused; `None`: it waits.
    pub decided_at: Option<NaiveDateTime>,
    /// Why it was refused.
    pub reason: String,
}

/// Stores a request; `false` where the same waits already.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    account_id: i64,
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

/// Those that wait, the oldest first.
///
/// # Errors
/// The database's.
pub fn waiting(connection: &mut AnyConnection, limit: i64) -> QueryResult<Vec<Waiting>> {
    join_requests::table
        .inner_join(accounts::table)
        .filter(join_requests::decided_at.is_null())
        .order(join_requests::id)
        .limit(limit)
        .select(Waiting::as_select())
        .load(connection)
}

/// The one of that number, if it waits.
///
/// # Errors
/// The database's.
pub fn find_waiting(connection: &mut AnyConnection, id: i64) -> QueryResult<Option<Waiting>> {
    join_requests::table
        .inner_join(accounts::table)
        .filter(join_requests::id.eq(id))
        .filter(join_requests::decided_at.is_null())
        .select(Waiting::as_select())
        .first(connection)
        .optional()
}

/// Those of an account that were not accepted, the newest first.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, account_id: i64) -> QueryResult<Vec<Own>> {
    join_requests::table
        .filter(join_requests::account_id.eq(account_id))
        .filter(join_requests::is_accepted.eq(false))
        .order(join_requests::id.desc())
        .select((join_requests::siret, join_requests::label, join_requests::decided_at, join_requests::reason))
        .load(connection)
}

/// Answers a request that waits; `false` where somebody else was faster. `reason` says why not.
///
/// # Errors
/// The database's.
pub fn decide(
    connection: &mut AnyConnection,
    id: i64,
    reason: Option<&str>,
    actor: i64,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let waiting = join_requests::table.find(id).filter(join_requests::decided_at.is_null());
    let decided = diesel::update(waiting)
        .set((
            join_requests::decided_at.eq(now),
            join_requests::is_accepted.eq(reason.is_none()),
            join_requests::reason.eq(reason.unwrap_or_default()),
            join_requests::decided_by.eq(actor),
        ))
        .execute(connection)?;
    Ok(decided == 1)
}
