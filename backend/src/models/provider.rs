//! What the embedded identity provider remembers between two requests: its sessions, codes, tokens and keys.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::db::AnyConnection;
use crate::schema::{
    access_tokens, accounts, authorization_codes, owed_codes, provider_sessions, refresh_tokens, signing_keys,
};

/// How long a code is kept after its end, so that using it again is noticed. Longer than any token lives.
const CODE_MEMORY: Duration = Duration::days(1);

/// A browser that signs in at the provider.
#[derive(Debug, Insertable)]
#[diesel(table_name = provider_sessions)]
pub struct NewSession {
    /// Hash of the cookie's value.
    pub id_hash: String,
    /// Who.
    pub account_id: i64,
    /// When they gave their password.
    pub authenticated_at: NaiveDateTime,
    /// They gave a code of their second factor too.
    pub second_factor: bool,
    /// Until when.
    pub expires_at: NaiveDateTime,
    /// What the browser said of itself, in a few words.
    pub device: String,
}

/// One of the browsers where an account is signed in.
#[derive(Clone, Debug, Queryable)]
pub struct OpenSession {
    /// Hash of the cookie's value.
    pub id_hash: String,
    /// What the browser said of itself, in a few words.
    pub device: String,
    /// When they gave their password.
    pub authenticated_at: NaiveDateTime,
}

/// A browser that is signed in at the provider.
#[derive(Clone, Debug, Queryable)]
pub struct Session {
    /// Who.
    pub account_id: i64,
    /// When they gave their password.
    pub authenticated_at: NaiveDateTime,
    /// They gave a code of their second factor too.
    pub second_factor: bool,
    /// The organisation that they chose to speak for, which may no longer be theirs.
    pub siret: Option<String>,
}

/// Stores a session, and forgets those that are over at its beginning.
///
/// # Errors
/// The database's.
pub fn open_session(connection: &mut AnyConnection, session: &NewSession) -> QueryResult<()> {
    diesel::delete(provider_sessions::table.filter(provider_sessions::expires_at.lt(session.authenticated_at)))
        .execute(connection)?;
    diesel::insert_into(provider_sessions::table).values(session).execute(connection)?;
    Ok(())
}

/// The session of that cookie, if it is valid at `now`.
///
/// # Errors
/// The database's.
pub fn find_session(connection: &mut AnyConnection, id_hash: &str, now: NaiveDateTime) -> QueryResult<Option<Session>> {
    provider_sessions::table
        .filter(provider_sessions::id_hash.eq(id_hash))
        .filter(provider_sessions::expires_at.gt(now))
        .select((
            provider_sessions::account_id,
            provider_sessions::authenticated_at,
            provider_sessions::second_factor,
            provider_sessions::siret,
        ))
        .first(connection)
        .optional()
}

/// From now on that browser speaks for that organisation.
///
/// # Errors
/// The database's.
pub fn choose_organization(connection: &mut AnyConnection, id_hash: &str, siret: &str) -> QueryResult<()> {
    diesel::update(provider_sessions::table.find(id_hash))
        .set(provider_sessions::siret.eq(siret))
        .execute(connection)?;
    Ok(())
}

/// The sessions of an account that are valid at `now`, the newest first.
///
/// # Errors
/// The database's.
pub fn sessions_of(
    connection: &mut AnyConnection,
    account_id: i64,
    now: NaiveDateTime,
) -> QueryResult<Vec<OpenSession>> {
    provider_sessions::table
        .filter(provider_sessions::account_id.eq(account_id))
        .filter(provider_sessions::expires_at.gt(now))
        .order(provider_sessions::authenticated_at.desc())
        .select((provider_sessions::id_hash, provider_sessions::device, provider_sessions::authenticated_at))
        .load(connection)
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub fn close_session(connection: &mut AnyConnection, id_hash: &str) -> QueryResult<()> {
    diesel::delete(provider_sessions::table.filter(provider_sessions::id_hash.eq(id_hash))).execute(connection)?;
    Ok(())
}

/// An authorization code to give.
#[derive(Debug, Insertable)]
#[diesel(table_name = authorization_codes)]
pub struct NewCode {
    /// Hash of the code.
    pub code_hash: String,
    /// The client that may use it.
    pub client_id: String,
    /// Whom it speaks of.
    pub account_id: i64,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What it gives access to.
    pub scope: String,
    /// The organisation that they chose to speak for.
    pub siret: Option<String>,
    /// What the ID token must repeat; empty where nothing was asked.
    pub nonce: String,
    /// What the client's verifier must hash to.
    pub code_challenge: String,
    /// When they gave their password.
    pub authenticated_at: NaiveDateTime,
    /// They gave a code of their second factor too.
    pub second_factor: bool,
    /// Until when.
    pub expires_at: NaiveDateTime,
}

/// A code that has just been used.
#[derive(Debug, Queryable)]
pub struct Code {
    /// Whom it speaks of.
    pub account_id: i64,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What it gives access to.
    pub scope: String,
    /// The organisation that they chose to speak for.
    pub siret: Option<String>,
    /// What the ID token must repeat; empty where nothing was asked.
    pub nonce: String,
    /// What the client's verifier must hash to.
    pub code_challenge: String,
    /// When they gave their password.
    pub authenticated_at: NaiveDateTime,
    /// They gave a code of their second factor too.
    pub second_factor: bool,
    /// Until when.
    pub expires_at: NaiveDateTime,
}

/// Stores a code, and forgets the very old ones.
///
/// # Errors
/// The database's.
pub fn insert_code(connection: &mut AnyConnection, code: &NewCode, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(authorization_codes::table.filter(authorization_codes::expires_at.lt(now - CODE_MEMORY)))
        .execute(connection)?;
    diesel::insert_into(authorization_codes::table).values(code).execute(connection)?;
    Ok(())
}

/// Uses a code of that client up: one statement, so that of two that try at once only one gets it.
///
/// # Errors
/// The database's.
pub fn consume_code(
    connection: &mut AnyConnection,
    code_hash: &str,
    client_id: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<Code>> {
    diesel::update(
        authorization_codes::table
            .filter(authorization_codes::code_hash.eq(code_hash))
            .filter(authorization_codes::client_id.eq(client_id))
            .filter(authorization_codes::consumed_at.is_null()),
    )
    .set(authorization_codes::consumed_at.eq(now))
    .returning((
        authorization_codes::account_id,
        authorization_codes::redirect_uri,
        authorization_codes::scope,
        authorization_codes::siret,
        authorization_codes::nonce,
        authorization_codes::code_challenge,
        authorization_codes::authenticated_at,
        authorization_codes::second_factor,
        authorization_codes::expires_at,
    ))
    .get_result(connection)
    .optional()
}

/// An access token to give.
#[derive(Debug, Insertable)]
#[diesel(table_name = access_tokens)]
pub struct NewToken {
    /// Hash of the token.
    pub token_hash: String,
    /// The code that it was given for.
    pub code_hash: String,
    /// The client that may use it.
    pub client_id: String,
    /// Whom it speaks of.
    pub account_id: i64,
    /// What it gives access to.
    pub scope: String,
    /// The organisation that they chose to speak for.
    pub siret: Option<String>,
    /// Until when.
    pub expires_at: NaiveDateTime,
}

/// Stores a token, and forgets those that are over.
///
/// # Errors
/// The database's.
pub fn insert_token(connection: &mut AnyConnection, token: &NewToken, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(access_tokens::table.filter(access_tokens::expires_at.lt(now))).execute(connection)?;
    diesel::insert_into(access_tokens::table).values(token).execute(connection)?;
    Ok(())
}

/// A token that may be used.
#[derive(Debug, Queryable)]
pub struct Token {
    /// The client that may use it.
    pub client_id: String,
    /// Whom it speaks of.
    pub account_id: i64,
    /// What it gives access to.
    pub scope: String,
    /// The organisation that they chose to speak for.
    pub siret: Option<String>,
    /// Until when.
    pub expires_at: NaiveDateTime,
}

/// A token that is valid at `now`.
///
/// # Errors
/// The database's.
pub fn find_token(connection: &mut AnyConnection, token_hash: &str, now: NaiveDateTime) -> QueryResult<Option<Token>> {
    access_tokens::table
        .filter(access_tokens::token_hash.eq(token_hash))
        .filter(access_tokens::expires_at.gt(now))
        .filter(access_tokens::revoked_at.is_null())
        .select((
            access_tokens::client_id,
            access_tokens::account_id,
            access_tokens::scope,
            access_tokens::siret,
            access_tokens::expires_at,
        ))
        .first(connection)
        .optional()
}

/// Revokes a token of that client.
///
/// # Errors
/// The database's.
pub fn revoke_token(
    connection: &mut AnyConnection,
    token_hash: &str,
    client_id: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::update(
        access_tokens::table
            .filter(access_tokens::token_hash.eq(token_hash))
            .filter(access_tokens::client_id.eq(client_id)),
    )
    .set(access_tokens::revoked_at.eq(now))
    .execute(connection)?;
    Ok(())
}

/// A key that signs ID tokens. Not `Debug`: it is private.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKey {
    /// Its name in the header of what it signs.
    pub kid: String,
    /// PKCS #8, PEM; sealed as it is stored.
    pub private_pem: String,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// Since when it signs, until another one does.
    pub signs_from: NaiveDateTime,
}

/// Every key, the one that signs last first.
///
/// # Errors
/// The database's.
pub fn signing_keys(connection: &mut AnyConnection) -> QueryResult<Vec<SigningKey>> {
    signing_keys::table.order((signing_keys::signs_from.desc(), signing_keys::kid)).load(connection)
}

/// Stores a key.
///
/// # Errors
/// The database's.
pub fn insert_signing_key(connection: &mut AnyConnection, key: &SigningKey) -> QueryResult<()> {
    diesel::insert_into(signing_keys::table).values(key).execute(connection)?;
    Ok(())
}

/// Replaces what is stored of a private key.
///
/// # Errors
/// The database's.
pub fn seal_signing_key(connection: &mut AnyConnection, kid: &str, sealed: &str) -> QueryResult<()> {
    diesel::update(signing_keys::table.find(kid)).set(signing_keys::private_pem.eq(sealed)).execute(connection)?;
    Ok(())
}

/// Takes keys away.
///
/// # Errors
/// The database's.
pub fn delete_signing_keys(connection: &mut AnyConnection, kids: &[String]) -> QueryResult<()> {
    diesel::delete(signing_keys::table.filter(signing_keys::kid.eq_any(kids))).execute(connection)?;
    Ok(())
}

/// Ends everything that these accounts have open: sessions, sign-ins that wait for a code, codes, tokens.
///
/// # Errors
/// The database's.
pub fn close_all(connection: &mut AnyConnection, subs: &[String], now: NaiveDateTime) -> QueryResult<()> {
    let ids: Vec<i64> = accounts::table.filter(accounts::sub.eq_any(subs)).select(accounts::id).load(connection)?;
    diesel::delete(provider_sessions::table.filter(provider_sessions::account_id.eq_any(&ids))).execute(connection)?;
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
