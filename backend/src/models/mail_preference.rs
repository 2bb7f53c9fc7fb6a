//! Which mails people do without, by address, API and kind, and the links that end them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::mail::{MailKind, MailPreference};

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::on_each;
use crate::schema::mail_preferences;

/// What somebody has chosen about mails of one kind and one API.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mail_preferences)]
pub struct Choice {
    /// Whose.
    pub email: String,
    /// The secret of the link that ends them, sealed.
    pub token: String,
    /// Since when they do without; `None`: they get these mails.
    pub refused_at: Option<NaiveDateTime>,
}

/// The secret of a link: sealed, and its hash.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub sealed: String,
    pub hash: String,
}

/// What those of these people have chosen who were sent such mails before.
///
/// # Errors
/// The database's.
pub fn of(
    connection: &mut AnyConnection,
    (target_api, kind): (&str, MailKind),
    emails: &[&str],
) -> QueryResult<Vec<Choice>> {
    mail_preferences::table
        .filter(mail_preferences::target_api.eq(target_api))
        .filter(mail_preferences::kind.eq(Name(kind)))
        .filter(mail_preferences::email.eq_any(emails))
        .select(Choice::as_select())
        .load(connection)
}

/// Begins with somebody; nothing happens where that was done already.
///
/// # Errors
/// The database's.
pub fn insert(
    connection: &mut AnyConnection,
    email: &str,
    (target_api, kind): (&str, MailKind),
    token: &NewToken,
) -> QueryResult<()> {
    let row = (
        mail_preferences::email.eq(email),
        mail_preferences::target_api.eq(target_api),
        mail_preferences::kind.eq(Name(kind)),
        mail_preferences::token.eq(&token.sealed),
        mail_preferences::token_hash.eq(&token.hash),
    );
    on_each!(connection, c => diesel::insert_into(mail_preferences::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Gives somebody another link: the one before opens no more.
///
/// # Errors
/// The database's.
pub fn renew(
    connection: &mut AnyConnection,
    email: &str,
    (target_api, kind): (&str, MailKind),
    token: &NewToken,
) -> QueryResult<()> {
    diesel::update(mail_preferences::table.find((email, target_api, Name(kind))))
        .set((mail_preferences::token.eq(&token.sealed), mail_preferences::token_hash.eq(&token.hash)))
        .execute(connection)?;
    Ok(())
}

/// Writes what somebody chooses.
///
/// # Errors
/// The database's.
pub fn set(
    connection: &mut AnyConnection,
    email: &str,
    (target_api, kind): (&str, MailKind),
    refused_at: Option<NaiveDateTime>,
) -> QueryResult<()> {
    diesel::update(mail_preferences::table.find((email, target_api, Name(kind))))
        .set(mail_preferences::refused_at.eq(refused_at))
        .execute(connection)?;
    Ok(())
}

/// Whose link that is, and about which mails; `None` for nobody's.
///
/// # Errors
/// The database's.
pub fn of_link(connection: &mut AnyConnection, token_hash: &str) -> QueryResult<Option<(String, MailPreference)>> {
    let row: Option<(String, String, Name<MailKind>, Option<NaiveDateTime>)> = mail_preferences::table
        .filter(mail_preferences::token_hash.eq(token_hash))
        .select((
            mail_preferences::email,
            mail_preferences::target_api,
            mail_preferences::kind,
            mail_preferences::refused_at,
        ))
        .first(connection)
        .optional()?;
    Ok(row.map(|(email, target_api, kind, refused_at)| {
        (email, MailPreference { target_api, kind: kind.0, wanted: refused_at.is_none() })
    }))
}

/// What somebody does without.
///
/// # Errors
/// The database's.
pub fn refused(connection: &mut AnyConnection, email: &str) -> QueryResult<Vec<(String, MailKind)>> {
    let rows: Vec<(String, Name<MailKind>)> = mail_preferences::table
        .filter(mail_preferences::email.eq(email))
        .filter(mail_preferences::refused_at.is_not_null())
        .select((mail_preferences::target_api, mail_preferences::kind))
        .load(connection)?;
    Ok(rows.into_iter().map(|(target_api, kind)| (target_api, kind.0)).collect())
}

/// Forgets what was chosen for an address.
///
/// # Errors
/// The database's.
pub fn forget(connection: &mut AnyConnection, email: &str) -> QueryResult<()> {
    diesel::delete(mail_preferences::table.filter(mail_preferences::email.eq(email))).execute(connection)?;
    Ok(())
}
