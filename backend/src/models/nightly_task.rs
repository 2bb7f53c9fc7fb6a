//! What is done once a night, by whichever process comes first.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::on_each;
use crate::schema::nightly_tasks as tasks;

/// Notes that a task begins in the night to that day; `false` where a process has begun it already.
///
/// # Errors
/// The database's.
pub fn begin(connection: &mut AnyConnection, name: &str, day: NaiveDate) -> QueryResult<bool> {
    let night = day.to_string();
    let before = tasks::table.filter(tasks::name.eq(name)).filter(tasks::night.ne(&night));
    if diesel::update(before).set(tasks::night.eq(&night)).execute(connection)? > 0 {
        return Ok(true);
    }
    let row = (tasks::name.eq(name), tasks::night.eq(&night));
    let first =
        on_each!(connection, c => diesel::insert_into(tasks::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(first > 0)
}
