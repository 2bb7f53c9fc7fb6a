//! What administrators did with accounts, and why.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::user::{AccountAction, AccountChange};

use super::user::shown_name;
use crate::db::AnyConnection;
use crate::db::types::{Name, utc};
use crate::schema::{account_changes, users};

/// Writes down what was done.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    user_id: i64,
    action: AccountAction,
    reason: &str,
    administrator_id: i64,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::insert_into(account_changes::table)
        .values((
            account_changes::user_id.eq(user_id),
            account_changes::action.eq(Name(action)),
            account_changes::reason.eq(reason),
            account_changes::administrator_id.eq(administrator_id),
            account_changes::created_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// What was done with the accounts of that address, newest first.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, email: &str, limit: i64) -> QueryResult<Vec<AccountChange>> {
    type Row = (i64, Name<AccountAction>, String, NaiveDateTime, (String, String, String));

    let ids: Vec<i64> = users::table.filter(users::email.eq(email)).select(users::id).load(connection)?;
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
