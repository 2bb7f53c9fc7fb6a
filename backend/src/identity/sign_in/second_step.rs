//! The second step of a sign-in, for accounts with a second factor: a code. The browser is known by a cookie since it gave
//! the right password; there is no session before the code.

pub mod pages;

use chrono::{Duration, NaiveDateTime};

use crate::connection::AnyConnection;
use crate::error::Result;
use crate::ids::AccountId;
use crate::models::account::{self, Account};
use crate::models::owed_code;

/// How long after the password the code may come, in minutes.
const MINUTES: i64 = 10;

/// Begins the step in the browser whose cookie has that hash.
fn begin(connection: &mut AnyConnection, id_hash: &str, account_id: AccountId, now: NaiveDateTime) -> Result<()> {
    Ok(owed_code::insert(connection, id_hash, account_id, now + Duration::minutes(MINUTES), now)?)
}

/// The account that is signed in to in that browser.
fn account(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> Result<Option<Account>> {
    let account_id = owed_code::account_of(connection, id_hash, now)?;
    Ok(account_id.map(|id| account::find(connection, id)).transpose()?)
}
