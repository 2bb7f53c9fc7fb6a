//! Keys that sign JSON Web Tokens.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::schema::signing_keys;

/// A key that signs ID tokens. Not `Debug`: it is private.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKey {
    /// Its name in the header of what it signs.
    pub kid: String,
    /// PKCS #8, PEM; sealed as it is stored.
    pub private_pem: String,
    pub created_at: NaiveDateTime,
    /// Since when it signs, until another one does.
    pub signs_from: NaiveDateTime,
}

/// Every key, the one that signs last first.
///
/// # Errors
/// The database's.
pub fn all(connection: &mut AnyConnection) -> QueryResult<Vec<SigningKey>> {
    signing_keys::table.order((signing_keys::signs_from.desc(), signing_keys::kid)).load(connection)
}

/// Stores a key.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, key: &SigningKey) -> QueryResult<()> {
    diesel::insert_into(signing_keys::table).values(key).execute(connection)?;
    Ok(())
}

/// Replaces what is stored of a private key.
///
/// # Errors
/// The database's.
pub fn seal(connection: &mut AnyConnection, kid: &str, sealed: &str) -> QueryResult<()> {
    diesel::update(signing_keys::table.find(kid)).set(signing_keys::private_pem.eq(sealed)).execute(connection)?;
    Ok(())
}

/// Deletes keys.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, kids: &[String]) -> QueryResult<()> {
    diesel::delete(signing_keys::table.filter(signing_keys::kid.eq_any(kids))).execute(connection)?;
    Ok(())
}
