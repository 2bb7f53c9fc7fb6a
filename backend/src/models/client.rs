//! OpenID clients (relying parties) of the embedded provider: the services that sign people in with it, beside DataPass
//! itself. Third-party tools that call the API are in [`super::api_client`].

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::client::{AuthMethod, Client, Userinfo};

use crate::connection::AnyConnection;
use crate::connection::types::{Json, Name, utc};
use crate::schema::{access_tokens, authorization_codes, clients, refresh_tokens};

/// A client as it is stored. Not `Debug`: hashes have no place in a log.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = clients)]
pub struct ClientRow {
    /// Its `client_id`.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Hash of its secret.
    pub secret_hash: String,
    /// Hash of the previous secret, where that one is still valid.
    pub previous_secret_hash: Option<String>,
    pub redirect_uris: Json<Vec<String>>,
    /// Its post-logout redirect URIs.
    pub post_logout_redirect_uris: Json<Vec<String>>,
    /// The scopes that it may ask for.
    pub scopes: Json<Vec<String>>,
    /// How it authenticates.
    pub auth_method: Name<AuthMethod>,
    /// The format of userinfo.
    pub userinfo: Name<Userinfo>,
    pub created_at: NaiveDateTime,
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
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

/// The client of that id.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, id: &str) -> QueryResult<Option<ClientRow>> {
    clients::table.find(id).first(connection).optional()
}

/// Every client, by name.
///
/// # Errors
/// The database's.
pub fn all(connection: &mut AnyConnection) -> QueryResult<Vec<Client>> {
    let rows: Vec<ClientRow> = clients::table.order((clients::name, clients::id)).load(connection)?;
    Ok(rows.into_iter().map(Client::from).collect())
}

/// Stores a client.
///
/// # Errors
/// The id is taken, or the database's.
pub fn insert(connection: &mut AnyConnection, row: &ClientRow) -> QueryResult<()> {
    diesel::insert_into(clients::table).values(row).execute(connection)?;
    Ok(())
}

/// Replaces the secret of a client; the present one stays valid beside it if it is to be kept.
///
/// # Errors
/// There is no such client, or the database's.
pub fn rotate(connection: &mut AnyConnection, id: &str, secret_hash: &str, keep_previous: bool) -> QueryResult<Client> {
    let present: String = clients::table.find(id).select(clients::secret_hash).first(connection)?;
    diesel::update(clients::table.find(id))
        .set((clients::secret_hash.eq(secret_hash), clients::previous_secret_hash.eq(keep_previous.then_some(present))))
        .execute(connection)?;
    Ok(clients::table.find(id).first::<ClientRow>(connection)?.into())
}

/// Deletes a client, with the codes and tokens issued to it.
///
/// # Errors
/// There is no such client, or the database's.
pub fn remove(connection: &mut AnyConnection, id: &str) -> QueryResult<()> {
    if diesel::delete(clients::table.find(id)).execute(connection)? == 0 {
        return Err(diesel::result::Error::NotFound);
    }
    diesel::delete(authorization_codes::table.filter(authorization_codes::client_id.eq(id))).execute(connection)?;
    diesel::delete(access_tokens::table.filter(access_tokens::client_id.eq(id))).execute(connection)?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::client_id.eq(id))).execute(connection)?;
    Ok(())
}
