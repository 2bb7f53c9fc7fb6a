//! Sign-ins that have left for the identity provider and not come back yet.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::schema::sign_ins;

/// A sign-in under way. Not `Debug`: it holds secrets.
#[derive(Insertable)]
#[diesel(table_name = sign_ins)]
pub struct NewSignIn {
    /// Hash of the `state` that must come back.
    pub state_hash: String,
    /// Hash of the cookie of the browser that left.
    pub browser_hash: String,
    /// What the ID token must repeat.
    pub nonce: String,
    /// What proves to the provider that the code comes from who asked for it.
    pub pkce_verifier: String,
    /// Where to go afterwards.
    pub return_to: String,
    pub expires_at: NaiveDateTime,
}

/// What is left to know of a sign-in that comes back. Not `Debug`: it holds secrets.
#[derive(Queryable)]
pub struct SignIn {
    /// What the ID token must repeat.
    pub nonce: String,
    /// What proves to the provider that the code comes from who asked for it.
    pub pkce_verifier: String,
    /// Where to go afterwards.
    pub return_to: String,
}

/// Stores a sign-in, and forgets those that are too old at `now`.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, sign_in: &NewSignIn, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(sign_ins::table.filter(sign_ins::expires_at.lt(now))).execute(connection)?;
    diesel::insert_into(sign_ins::table).values(sign_in).execute(connection)?;
    Ok(())
}

/// Takes out the sign-in of that state and browser, if it is still valid at `now`: it comes back once. A state in
/// another browser finds nothing and uses nothing up.
///
/// # Errors
/// The database's.
pub fn take(
    connection: &mut AnyConnection,
    state_hash: &str,
    browser_hash: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<SignIn>> {
    diesel::delete(
        sign_ins::table
            .filter(sign_ins::state_hash.eq(state_hash))
            .filter(sign_ins::browser_hash.eq(browser_hash))
            .filter(sign_ins::expires_at.gt(now)),
    )
    .returning((sign_ins::nonce, sign_ins::pkce_verifier, sign_ins::return_to))
    .get_result(connection)
    .optional()
}
