//! Accounts of the embedded identity provider. DataPass learns of them as a client does, and keeps that in `users`.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use super::membership::{self, Membership};
use crate::config::EMBEDDED_ISSUER;
use crate::connection::AnyConnection;
use crate::email_address::EmailAddress;
use crate::ids::{AccountId, UserId};
use crate::schema::{
    access_tokens, accounts, authorization_codes, owed_codes, provider_sessions, refresh_tokens, users,
};

/// An account, without its password.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    pub id: AccountId,
    /// The subject identifier for clients: opaque, never changes.
    pub sub: String,
    pub email: EmailAddress,
    /// Whether the address is verified.
    pub email_verified: bool,
    pub given_name: String,
    pub family_name: String,
    pub phone_number: String,
    pub job: String,
    /// When it last changed.
    pub updated_at: NaiveDateTime,
}

/// Personal information of an account, besides the address.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = accounts)]
pub struct PersonalInformation {
    pub given_name: String,
    pub family_name: String,
    pub phone_number: String,
    pub job: String,
}

/// What is needed to check a password. Not `Debug`, so that no log can hold it.
#[derive(Queryable)]
pub struct Credentials {
    pub account_id: AccountId,
    /// PHC string of its password.
    pub password_hash: String,
}

/// An account to create.
pub struct NewAccount {
    pub email: EmailAddress,
    /// Whether the address is verified.
    pub email_verified: bool,
    /// PHC string, from `identity::account::password_hash::hash_password`.
    pub password_hash: String,
    pub given_name: String,
    pub family_name: String,
    pub phone_number: String,
    pub job: String,
    pub organizations: Vec<Membership>,
}

/// Creates an account and returns its number.
///
/// # Errors
/// The address has an account, or the database's.
pub fn create(connection: &mut AnyConnection, account: &NewAccount, now: NaiveDateTime) -> QueryResult<AccountId> {
    let id = diesel::insert_into(accounts::table)
        .values((
            accounts::sub.eq(Uuid::new_v4().to_string()),
            accounts::email.eq(&account.email),
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
pub fn find(connection: &mut AnyConnection, id: AccountId) -> QueryResult<Account> {
    accounts::table.find(id).select(Account::as_select()).first(connection)
}

/// The account of that subject identifier, if it is still there.
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
pub fn credentials(connection: &mut AnyConnection, email: &EmailAddress) -> QueryResult<Option<Credentials>> {
    accounts::table
        .filter(accounts::email.eq(email))
        .select((accounts::id, accounts::password_hash))
        .first(connection)
        .optional()
}

/// The hash of the password of an account.
///
/// # Errors
/// There is none, or the database's.
pub fn password_hash(connection: &mut AnyConnection, id: AccountId) -> QueryResult<String> {
    accounts::table.find(id).select(accounts::password_hash).first(connection)
}

/// Each account with the user as which DataPass knows it.
#[diesel::dsl::auto_type(no_type_alias)]
fn with_users() -> _ {
    let issuer: &'static str = EMBEDDED_ISSUER;
    accounts::table.inner_join(users::table.on(users::sub.eq(accounts::sub).and(users::issuer.eq(issuer))))
}

/// As which user DataPass knows the account of that address, if it has one and was signed in with.
///
/// # Errors
/// The database's.
pub fn user(connection: &mut AnyConnection, email: &EmailAddress) -> QueryResult<Option<UserId>> {
    with_users().filter(accounts::email.eq(email)).select(users::id).first(connection).optional()
}

/// As which user DataPass knows that account, if it was signed in with.
///
/// # Errors
/// The database's.
pub fn user_of(connection: &mut AnyConnection, id: AccountId) -> QueryResult<Option<UserId>> {
    with_users().filter(accounts::id.eq(id)).select(users::id).first(connection).optional()
}

/// Changes the personal information of an account.
///
/// # Errors
/// The database's.
pub fn set_personal(
    connection: &mut AnyConnection,
    id: AccountId,
    personal: &PersonalInformation,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::update(accounts::table.find(id)).set((personal, accounts::updated_at.eq(now))).execute(connection)?;
    Ok(())
}

/// Changes the address of an account to one that is verified.
///
/// # Errors
/// The address has an account, or the database's.
pub fn set_email(
    connection: &mut AnyConnection,
    id: AccountId,
    email: &EmailAddress,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::update(accounts::table.find(id))
        .set((accounts::email.eq(email), accounts::email_verified.eq(true), accounts::updated_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

/// Changes a password: `hash` is from `identity::account::password_hash::hash_password`.
///
/// # Errors
/// The database's.
pub fn set_password(connection: &mut AnyConnection, id: AccountId, hash: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(accounts::table.find(id))
        .set((accounts::password_hash.eq(hash), accounts::updated_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

/// Deletes an account, with its memberships, sessions, codes, tokens and second factor.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, id: AccountId) -> QueryResult<()> {
    diesel::delete(accounts::table.find(id)).execute(connection)?;
    Ok(())
}

/// Ends all access through these accounts: sessions, pending second steps, authorization codes, tokens.
///
/// # Errors
/// The database's.
pub fn end_access(connection: &mut AnyConnection, subs: &[String], now: NaiveDateTime) -> QueryResult<()> {
    end_other_access(connection, subs, "", now)
}

/// The same, but for one session at the provider, of that hash.
///
/// # Errors
/// The database's.
pub fn end_other_access(
    connection: &mut AnyConnection,
    subs: &[String],
    kept: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let ids: Vec<AccountId> =
        accounts::table.filter(accounts::sub.eq_any(subs)).select(accounts::id).load(connection)?;
    let sessions = provider_sessions::table.filter(provider_sessions::account_id.eq_any(&ids));
    diesel::delete(sessions.filter(provider_sessions::id_hash.ne(kept))).execute(connection)?;
    diesel::delete(owed_codes::table.filter(owed_codes::account_id.eq_any(&ids))).execute(connection)?;
    diesel::delete(authorization_codes::table.filter(authorization_codes::account_id.eq_any(&ids)))
        .execute(connection)?;
    diesel::update(access_tokens::table.filter(access_tokens::account_id.eq_any(&ids)))
        .set(access_tokens::revoked_at.eq(now))
        .execute(connection)?;
    diesel::update(refresh_tokens::table.filter(refresh_tokens::account_id.eq_any(&ids)))
        .set(refresh_tokens::revoked_at.eq(now))
        .execute(connection)?;
    Ok(())
}

/// The oldest accounts, for the hint that the sign-in page of a demonstration gives.
///
/// # Errors
/// The database's.
pub fn first(connection: &mut AnyConnection, limit: i64) -> QueryResult<Vec<Account>> {
    accounts::table.order(accounts::id).limit(limit).select(Account::as_select()).load(connection)
}
