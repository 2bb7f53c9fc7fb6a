//! Third-party tools, each of which acts for somebody.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::access::{ApiClient, ApiScope};

use crate::connection::AnyConnection;
use crate::connection::types::{Json, utc};
use crate::ids::UserId;
use crate::schema::api_clients;

/// A tool as it is kept. Not `Debug`: hashes have no place in a log.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = api_clients)]
pub struct Row {
    /// Its `client_id`.
    pub id: String,
    /// Whom it acts for.
    pub user_id: UserId,
    /// Its name, for its owner.
    pub name: String,
    /// Hash of its secret.
    pub secret_hash: String,
    /// Hash of the secret before, where that one still opens.
    pub previous_secret_hash: Option<String>,
    /// What it may do.
    pub scopes: Json<Vec<ApiScope>>,
    pub created_at: NaiveDateTime,
    /// When it last took a token.
    pub last_used_at: Option<NaiveDateTime>,
    /// Since when it no longer may.
    pub revoked_at: Option<NaiveDateTime>,
    /// Whether whoever connected it had shown a second factor.
    pub second_factor: bool,
    /// Until when its secret opens.
    pub expires_at: NaiveDateTime,
    /// Until when the secret before does.
    pub previous_expires_at: Option<NaiveDateTime>,
}

impl Row {
    /// The hashes of the secrets that open at `now`.
    pub fn open_hashes(&self, now: NaiveDateTime) -> [Option<&str>; 2] {
        let previous = self.previous_secret_hash.as_deref();
        [
            Some(self.secret_hash.as_str()).filter(|_| now < self.expires_at),
            previous.filter(|_| self.previous_expires_at.is_some_and(|end| now < end)),
        ]
    }
}

impl From<Row> for ApiClient {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            scopes: row.scopes.0,
            has_previous_secret: row.previous_secret_hash.is_some(),
            expires_at: utc(row.expires_at),
            created_at: utc(row.created_at),
            last_used_at: row.last_used_at.map(utc),
        }
    }
}

/// The tool of that name, unless it was revoked.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, id: &str) -> QueryResult<Option<Row>> {
    api_clients::table.find(id).filter(api_clients::revoked_at.is_null()).first(connection).optional()
}

/// The tool of that name, of that owner.
///
/// # Errors
/// They have none, or the database's.
pub fn find_own(connection: &mut AnyConnection, user_id: UserId, id: &str) -> QueryResult<Row> {
    find(connection, id)?.filter(|row| row.user_id == user_id).ok_or(diesel::result::Error::NotFound)
}

/// The tools of somebody, by name.
///
/// # Errors
/// The database's.
pub fn of_user(connection: &mut AnyConnection, user_id: UserId) -> QueryResult<Vec<ApiClient>> {
    let rows: Vec<Row> = api_clients::table
        .filter(api_clients::user_id.eq(user_id))
        .filter(api_clients::revoked_at.is_null())
        .order((api_clients::name, api_clients::id))
        .load(connection)?;
    Ok(rows.into_iter().map(ApiClient::from).collect())
}

/// Keeps a tool.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, row: &Row) -> QueryResult<()> {
    diesel::insert_into(api_clients::table).values(row).execute(connection)?;
    Ok(())
}

/// A hash of a secret, and until when it opens.
type Secret<'a> = (&'a str, NaiveDateTime);

/// Replaces the two secrets of a tool.
///
/// # Errors
/// The database's.
pub fn set_secrets(
    connection: &mut AnyConnection,
    id: &str,
    (present, expires_at): Secret<'_>,
    previous: Option<Secret<'_>>,
) -> QueryResult<()> {
    let (previous, previous_expires_at) = previous.unzip();
    diesel::update(api_clients::table.find(id))
        .set((
            (api_clients::secret_hash.eq(present), api_clients::expires_at.eq(expires_at)),
            api_clients::previous_secret_hash.eq(previous),
            api_clients::previous_expires_at.eq(previous_expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes that a tool takes a token. `false` where it has just been revoked.
///
/// # Errors
/// The database's.
pub fn used(connection: &mut AnyConnection, id: &str, now: NaiveDateTime) -> QueryResult<bool> {
    let tool = api_clients::table.find(id).filter(api_clients::revoked_at.is_null());
    Ok(diesel::update(tool).set(api_clients::last_used_at.eq(now)).execute(connection)? == 1)
}

/// Revokes a tool; its secrets are forgotten.
///
/// # Errors
/// The database's.
pub fn revoke(connection: &mut AnyConnection, id: &str, now: NaiveDateTime) -> QueryResult<()> {
    diesel::update(api_clients::table.find(id)).set(revoked(now)).execute(connection)?;
    Ok(())
}

/// Revokes every tool of somebody.
///
/// # Errors
/// The database's.
pub fn revoke_all(connection: &mut AnyConnection, user_id: UserId, now: NaiveDateTime) -> QueryResult<()> {
    let own = api_clients::table.filter(api_clients::user_id.eq(user_id)).filter(api_clients::revoked_at.is_null());
    diesel::update(own).set(revoked(now)).execute(connection)?;
    Ok(())
}

#[derive(AsChangeset)]
#[diesel(table_name = api_clients, treat_none_as_null = true)]
struct Revoked {
    secret_hash: &'static str,
    previous_secret_hash: Option<String>,
    previous_expires_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

const fn revoked(now: NaiveDateTime) -> Revoked {
    Revoked { secret_hash: "", previous_secret_hash: None, previous_expires_at: None, revoked_at: Some(now) }
}
