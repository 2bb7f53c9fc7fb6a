//! Addresses that mails do not reach, as the mail service says.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
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

/// Those of the people of an enrollment who get mails, as a part of a query of `enrollments`, so that reading one takes no
/// further statement: a line each, for [`read`].
pub fn of_enrollment() -> SqlLiteral<Nullable<Text>> {
    sql(
        "(SELECT string_agg(address.email || ' ' || address.rejection || CASE WHEN address.permanent THEN ' permanent' \
          ELSE ' passing' END, '\n') FROM unreachable_addresses AS address WHERE address.email = \
          lower(enrollments.demandeur_email) OR address.email IN (SELECT lower(reader.email) FROM enrollment_readers AS reader \
          WHERE reader.enrollment_id = enrollments.id))",
    )
}

/// Reads what [`of_enrollment`] gives.
pub fn read(lines: Option<&str>) -> Vec<UnreachableAddress> {
    let address = |line: &str| {
        let mut words = line.rsplitn(3, ' ');
        let (duration, rejection, email) = (words.next()?, words.next()?, words.next()?);
        let rejection = rejection.parse().ok()?;
        Some(UnreachableAddress { email: email.to_owned(), rejection, permanent: duration == "permanent" })
    };
    let mut found: Vec<_> = lines.unwrap_or_default().lines().filter_map(address).collect();
    found.sort_by(|one, other| one.email.cmp(&other.email));
    found
}
