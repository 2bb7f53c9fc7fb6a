//! Connecting third-party tools to one's own account, and disconnecting them.

use chrono::TimeDelta;
use shared::access::{ApiClient, ApiClientWithSecret, NewApiClient};
use shared::problem::ItemCode;
use uuid::Uuid;

use crate::connection::lock;
use crate::connection::types::{Json, now};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::models::api_client::{self, Row};
use crate::models::user;
use crate::notification::account::AccountMail;
use crate::transition::Context;
use crate::{outbox, secret, trail};

/// How long a secret opens.
const LIFETIME: TimeDelta = TimeDelta::days(365);

/// The most tools of one person, and the most characters of a name.
const MAX_TOOLS: usize = 20;
const MAX_NAME: usize = 100;

/// Taken with the number of their owner while one counts their tools and adds one. Any constant would do.
const LOCK: i64 = 0x6461_7461_746f_6f6c;

/// Who connects a tool, and whether they showed a second factor.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    pub user_id: UserId,
    pub second_factor: bool,
}

/// Connects a tool and tells its owner by mail; the answer is the only place where its secret ever stands.
///
/// # Errors
/// 400, naming the member; 409: there are too many; the database's.
pub async fn add(db: &Db, context: Context, owner: Owner, new: NewApiClient) -> Result<ApiClientWithSecret> {
    let Owner { user_id, .. } = owner;
    let secret = secret::new()?;
    let row = checked(owner, new, secret::hash(&secret))?;
    let stored = db.write(move |connection| {
        lock(connection, LOCK ^ user_id.0)?;
        if api_client::of_user(connection, user_id)?.len() >= MAX_TOOLS {
            return Err(Error::WrongStatus(format!(
                "Vous avez déjà {MAX_TOOLS} outils\u{a0}: déconnectez d’abord ceux qui ne servent plus."
            )));
        }
        api_client::insert(connection, &row)?;
        let owner = user::find(connection, user_id)?;
        let mail =
            AccountMail::ToolConnected(&row.name).render(&owner.email, &context.public_url, &context.mail_from)?;
        outbox::post(connection, mail)?;
        trail::about(&row.id);
        Ok(row)
    });
    Ok(ApiClientWithSecret { api_client: stored.await?.into(), secret })
}

/// Gives a tool another secret. The present one opens until it is done away with, or yet another is made.
///
/// # Errors
/// 404; the database's.
pub async fn rotate(db: &Db, user_id: UserId, id: String) -> Result<ApiClientWithSecret> {
    let secret = secret::new()?;
    let hash = secret::hash(&secret);
    let rotated = db.write(move |connection| {
        let row = api_client::find_own(connection, user_id, &id)?;
        let now = now().naive_utc();
        let previous = Some((row.secret_hash.as_str(), row.expires_at)).filter(|(_, end)| now < *end);
        api_client::set_secrets(connection, &id, (&hash, now + LIFETIME), previous)?;
        Ok(api_client::find_own(connection, user_id, &id)?)
    });
    Ok(ApiClientWithSecret { api_client: rotated.await?.into(), secret })
}

/// Does away with the secret before the present one; the tools that remain as they are.
///
/// # Errors
/// 404; the database's.
pub async fn forget_previous(db: &Db, user_id: UserId, id: String) -> Result<Vec<ApiClient>> {
    db.write(move |connection| {
        let row = api_client::find_own(connection, user_id, &id)?;
        api_client::set_secrets(connection, &id, (&row.secret_hash, row.expires_at), None)?;
        Ok(api_client::of_user(connection, user_id)?)
    })
    .await
}

/// Disconnects a tool, with the tokens that it has; the tools that remain.
///
/// # Errors
/// 404; the database's.
pub async fn revoke(db: &Db, user_id: UserId, id: String) -> Result<Vec<ApiClient>> {
    db.write(move |connection| {
        api_client::find_own(connection, user_id, &id)?;
        api_client::revoke(connection, &id, now().naive_utc())?;
        Ok(api_client::of_user(connection, user_id)?)
    })
    .await
}

/// The tool of that name, if the secret is one of its two and still opens, and its owner may sign in.
///
/// # Errors
/// The database's.
pub async fn authenticate(db: &Db, id: String, secret: String) -> Result<Option<Row>> {
    db.read(move |connection| {
        let Some(row) = api_client::find(connection, &id)? else { return Ok(None) };
        let known = row.open_hashes(now().naive_utc());
        if !secret::is_one_of(&secret, known) || user::find_welcome(connection, row.user_id)?.is_none() {
            return Ok(None);
        }
        Ok(Some(row))
    })
    .await
}

fn checked(owner: Owner, new: NewApiClient, secret_hash: String) -> Result<Row> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        let detail = format!("Nommez l’outil, en {MAX_NAME} caractères au plus.");
        return Err(Error::pointer("/name", ItemCode::Format, detail));
    }
    let mut scopes = new.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Error::pointer("/scopes", ItemCode::Required, "Choisissez au moins un droit."));
    }
    let created_at = now().naive_utc();
    Ok(Row {
        id: Uuid::new_v4().to_string(),
        user_id: owner.user_id,
        name,
        secret_hash,
        previous_secret_hash: None,
        scopes: Json(scopes),
        created_at,
        last_used_at: None,
        revoked_at: None,
        second_factor: owner.second_factor,
        expires_at: created_at + LIFETIME,
        previous_expires_at: None,
    })
}
