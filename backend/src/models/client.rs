//! The services that sign people in with the embedded provider, beside DataPass itself.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::client::{AuthMethod, Client, Userinfo};

use crate::db::AnyConnection;
use crate::db::types::{Json, Name, utc};
use crate::schema::{access_tokens, authorization_codes, clients, refresh_tokens};

/// A service as it is kept. Not `Debug`: hashes have no place in a log.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = clients)]
pub struct Row {
    /// What it calls itself.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Hash of its secret.
    pub secret_hash: String,
    /// Hash of the secret before, where that one still opens.
    pub previous_secret_hash: Option<String>,
    /// Where people may be sent back.
    pub redirect_uris: Json<Vec<String>>,
    /// Where people may be sent after signing out.
    pub post_logout_redirect_uris: Json<Vec<String>>,
    /// What it may be told.
    pub scopes: Json<Vec<String>>,
    /// Where it shows its secret.
    pub auth_method: Name<AuthMethod>,
    /// How it wants userinfo.
    pub userinfo: Name<Userinfo>,
    /// Since when.
    pub created_at: NaiveDateTime,
}

impl From<Row> for Client {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            redirect_uris: row.redirect_uris.0,
            post_logout_redirect_uris: row.post_logout_redirect_uris.0,
            scopes: row.scopes.0,
            auth_method: row.auth_method.0,
            userinfo: row.userinfo.0,
            has_previous_secret: row.previous_secret_hash.is_some(),
            created_at: utc(row.created_at),
        }
    }
}

/// The service of that name.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, id: &str) -> QueryResult<Option<Row>> {
    clients::table.find(id).first(connection).optional()
}

/// Every service, by name.
///
/// # Errors
/// The database's.
pub fn all(connection: &mut AnyConnection) -> QueryResult<Vec<Client>> {
    let rows: Vec<Row> = clients::table.order((clients::name, clients::id)).load(connection)?;
    Ok(rows.into_iter().map(Client::from).collect())
}

/// Lets a service in.
///
/// # Errors
/// There is one of that name, or the database's.
pub fn insert(connection: &mut AnyConnection, row: &Row) -> QueryResult<()> {
    diesel::insert_into(clients::table).values(row).execute(connection)?;
    Ok(())
}

/// Gives a service another secret, and has the present one open no longer unless it is to be kept.
///
/// # Errors
/// There is none of that name, or the database's.
pub fn rotate(connection: &mut AnyConnection, id: &str, secret_hash: &str, keep_previous: bool) -> QueryResult<Client> {
    let present: String = clients::table.find(id).select(clients::secret_hash).first(connection)?;
    diesel::update(clients::table.find(id))
        .set((clients::secret_hash.eq(secret_hash), clients::previous_secret_hash.eq(keep_previous.then_some(present))))
        .execute(connection)?;
    Ok(clients::table.find(id).first::<Row>(connection)?.into())
}

/// Shuts a service out, with all that it was given.
///
/// # Errors
/// There is none of that name, or the database's.
pub fn remove(connection: &mut AnyConnection, id: &str) -> QueryResult<()> {
    if diesel::delete(clients::table.find(id)).execute(connection)? == 0 {
        return Err(diesel::result::Error::NotFound);
    }
    diesel::delete(authorization_codes::table.filter(authorization_codes::client_id.eq(id))).execute(connection)?;
    diesel::delete(access_tokens::table.filter(access_tokens::client_id.eq(id))).execute(connection)?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::client_id.eq(id))).execute(connection)?;
    Ok(())
}
