//! How often something was done in a window of time, by a hash of who did it.

use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::connection::AnyConnection;
use crate::on_each;
use crate::schema::rate_counts;

/// Calls to add to a window.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = rate_counts)]
pub struct RateCount {
    /// Of what is counted and of whom.
    pub key_hash: String,
    /// When the window begins, in seconds since 1970.
    pub window_start: i64,
    pub calls: i64,
    /// When the row may be deleted, in seconds since 1970.
    pub ends_at: i64,
}

/// Adds calls to those of that window, and returns how many there are now.
///
/// # Errors
/// The database's.
pub fn add(connection: &mut AnyConnection, row: &RateCount) -> QueryResult<i64> {
    on_each!(connection, c => {
        diesel::insert_into(rate_counts::table)
            .values(row)
            .on_conflict((rate_counts::key_hash, rate_counts::window_start))
            .do_update()
            .set(rate_counts::calls.eq(rate_counts::calls + excluded(rate_counts::calls)))
            .returning(rate_counts::calls)
            .get_result(c)
    })
}

/// Deletes the windows that are over at that moment, in seconds since 1970.
///
/// # Errors
/// The database's.
pub fn delete_ended(connection: &mut AnyConnection, at: i64) -> QueryResult<()> {
    diesel::delete(rate_counts::table.filter(rate_counts::ends_at.le(at))).execute(connection)?;
    Ok(())
}
