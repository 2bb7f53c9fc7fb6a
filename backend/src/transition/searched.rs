//! Works out what a search looks into, for the requests from before these columns existed.

use crate::connection::AnyConnection;
use crate::error::Result;
use crate::models::enrollment::searched;

/// How many at a time: what a writer may wait for.
const AT_ONCE: i64 = 200;

/// Works out the next ones; how many there were.
///
/// # Errors
/// The database's.
pub fn fill_in(connection: &mut AnyConnection) -> Result<usize> {
    Ok(searched::fill_in(connection, AT_ONCE)?)
}
