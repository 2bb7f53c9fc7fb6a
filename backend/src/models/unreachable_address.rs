//! Addresses that mails do not reach, as the mail service says.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::outbox::UnreachableAddress;

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::on_each;
use crate::schema::unreachable_addresses as addresses;

/// Remembers that mails do not reach that address, unless it was heard of since.
///
/// # Errors
/// The database's.
pub fn remember(
    connection: &mut AnyConnection,
    address: &UnreachableAddress,
    noticed_at: NaiveDateTime,
) -> QueryResult<()> {
    reached(connection, &address.email, noticed_at)?;
    let row = (
        addresses::email.eq(&address.email),
        addresses::rejection.eq(Name(address.rejection)),
        addresses::permanent.eq(address.permanent),
        addresses::noticed_at.eq(noticed_at),
    );
    on_each!(connection, c => diesel::insert_into(addresses::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Forgets what was said of that address until then: a mail has reached it.
///
/// # Errors
/// The database's.
pub fn reached(connection: &mut AnyConnection, email: &str, at: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(addresses::table.filter(addresses::email.eq(email)).filter(addresses::noticed_at.le(at)))
        .execute(connection)?;
    Ok(())
}

/// Forgets what was said before that time.
///
/// # Errors
/// The database's.
pub fn forget_before(connection: &mut AnyConnection, time: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(addresses::table.filter(addresses::noticed_at.lt(time))).execute(connection)?;
    Ok(())
}
