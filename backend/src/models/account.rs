//! Accounts of the embedded identity provider. What they know of somebody is theirs to tell: `users` holds what was
//! told to us.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use super::membership::{self, Membership};
use crate::db::AnyConnection;
use crate::schema::accounts;

/// An account, without its password.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    /// Our number.
    pub id: i64,
    /// What clients know them by: says nothing, never changes.
    pub sub: String,
    /// E-mail address, lower case.
    pub email: String,
    /// Whether they have shown that it is theirs.
    pub email_verified: bool,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Telephone.
    pub phone_number: String,
    /// Position held.
    pub job: String,
    /// When it last changed.
    pub updated_at: NaiveDateTime,
}

/// What an account says of its owner, beside the address.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = accounts)]
pub struct Personal {
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Telephone.
    pub phone_number: String,
    /// Position held.
    pub job: String,
}

/// What is needed to check a password. Not `Debug`, so that no log can hold it.
#[derive(Queryable)]
pub struct Credentials {
    /// The account.
    pub account_id: i64,
    /// PHC string of its password.
    pub password_hash: String,
}

/// An account to create.
pub struct NewAccount {
    /// E-mail address; stored in lower case.
    pub email: String,
    /// Whether they have shown that it is theirs.
    pub email_verified: bool,
    /// PHC string, from `identity::account::hash_password`.
    pub password_hash: String,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// Telephone.
    pub phone_number: String,
    /// Position held.
    pub job: String,
    /// The organisations they may speak for.
    pub organizations: Vec<Membership>,
}

/// Creates an account and returns its number.
///
/// # Errors
/// The address has an account, or the database's.
pub fn create(connection: &mut AnyConnection, account: &NewAccount, now: NaiveDateTime) -> QueryResult<i64> {
    let id = diesel::insert_into(accounts::table)
        .values((
            accounts::sub.eq(Uuid::new_v4().to_string()),
            accounts::email.eq(normal_email(&account.email)),
            accounts::email_verified.eq(account.email_verified),
            accounts::password_hash.eq(&account.password_hash),
            accounts::given_name.eq(&account.given_name),
            accounts::family_name.eq(&account.family_name),
            accounts::phone_number.eq(&account.phone_number),
            accounts::job.eq(&account.job),
            accounts::created_at.eq(now),
            accounts::updated_at.eq(now),
        ))
        .returning(accounts::id)
        .get_result(connection)?;
    for organization in &account.organizations {
        membership::insert(connection, id, organization)?;
    }
    Ok(id)
}

/// The account of that number.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: i64) -> QueryResult<Account> {
    accounts::table.find(id).select(Account::as_select()).first(connection)
}

/// The account that clients know by that name, if it is still there.
///
/// # Errors
/// The database's.
pub fn find_by_sub(connection: &mut AnyConnection, sub: &str) -> QueryResult<Option<Account>> {
    accounts::table.filter(accounts::sub.eq(sub)).select(Account::as_select()).first(connection).optional()
}

/// What to check the password of that address against, if it has an account.
///
/// # Errors
/// The database's.
pub fn credentials(connection: &mut AnyConnection, email: &str) -> QueryResult<Option<Credentials>> {
    accounts::table
        .filter(accounts::email.eq(normal_email(email)))
        .select((accounts::id, accounts::password_hash))
        .first(connection)
        .optional()
}

/// Changes what an account says of its owner.
///
/// # Errors
/// The database's.
pub fn set_personal(
    connection: &mut AnyConnection,
    id: i64,
    personal: &Personal,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::update(accounts::table.find(id)).set((personal, accounts::updated_at.eq(now))).execute(connection)?;
    Ok(())
}

/// Gives an account another address, which its owner has shown to be theirs.
///
/// # Errors
/// The address has an account, or the database's.
pub fn set_email(connection: &mut AnyConnection, id: i64, email: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(accounts::table.find(id))
        .set((accounts::email.eq(normal_email(email)), accounts::email_verified.eq(true), accounts::updated_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

/// Changes a password: `hash` is from `identity::account::hash_password`.
///
/// # Errors
/// The database's.
pub fn set_password(connection: &mut AnyConnection, id: i64, hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(accounts::table.find(id))
        .set((accounts::password_hash.eq(hash), accounts::updated_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

/// Takes an account away, with its memberships, sessions, codes, tokens and second factor.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::delete(accounts::table.find(id)).execute(connection)?;
    Ok(())
}

/// The oldest accounts, for the hint that the sign-in page of a demonstration gives.
///
/// # Errors
/// The database's.
pub fn first(connection: &mut AnyConnection, limit: i64) -> QueryResult<Vec<Account>> {
    accounts::table.order(accounts::id).limit(limit).select(Account::as_select()).load(connection)
}

/// An address as it is stored and looked for.
pub fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}
