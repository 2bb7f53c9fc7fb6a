//! What administrators did with accounts, and why.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::user::{AccountAction, AccountChange};

use super::user::shown_name;
use crate::connection::AnyConnection;
use crate::connection::types::{Name, utc};
use crate::ids::UserId;
use crate::schema::{account_changes, users};

/// What was done, to write down.
#[derive(Debug, Insertable)]
#[diesel(table_name = account_changes)]
pub struct NewAccountChange<'a> {
    /// With whose account.
    pub user_id: UserId,
    /// By which administrator.
    pub administrator_id: UserId,
    pub action: Name<AccountAction>,
    /// The reason that they gave.
    pub reason: &'a str,
    pub created_at: NaiveDateTime,
}

/// Writes down what was done.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, new: &NewAccountChange<'_>) -> QueryResult<()> {
    diesel::insert_into(account_changes::table).values(new).execute(connection)?;
    Ok(())
}

/// What was done with the accounts of that address, newest first.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, email: &str, limit: i64) -> QueryResult<Vec<AccountChange>> {
    type Row = (i64, Name<AccountAction>, String, NaiveDateTime, (String, String, String));

    let ids: Vec<UserId> = users::table.filter(users::email.eq(email)).select(users::id).load(connection)?;
    let rows: Vec<Row> = account_changes::table
        .inner_join(users::table)
        .filter(account_changes::user_id.eq_any(ids))
        .order(account_changes::id.desc())
        .limit(limit)
        .select((
            account_changes::id,
            account_changes::action,
            account_changes::reason,
            account_changes::created_at,
            (users::given_name, users::family_name, users::email),
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, action, reason, created_at, administrator)| AccountChange {
            id,
            action: action.0,
            reason,
            administrator: shown_name(administrator),
            created_at: utc(created_at),
        })
        .collect())
}
