//! Webhooks: whom the service of an API has called. What was delivered to them is in [`super::webhook_delivery`].

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::webhook::{GrantingEvent, Webhook, WebhookState};
use shared::workflow::EventName;

use super::outbox::queue;
use crate::connection::AnyConnection;
use crate::connection::types::{Json, Name, utc};
use crate::schema::{outbox, webhooks};

/// A webhook as it is kept. Not `Debug`: secrets have no place in a log.
#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = webhooks)]
pub struct WebhookRow {
    pub id: String,
    /// The API whose requests it tells of.
    pub target_api: String,
    pub url: String,
    /// What it tells.
    pub events: Json<Vec<EventName>>,
    /// What a grant is called.
    pub granting_event: Name<GrantingEvent>,
    /// Sealed.
    pub secret: String,
    /// The one before, sealed, until it is removed.
    pub previous_secret: Option<String>,
    pub state: Name<WebhookState>,
    /// Why it was switched off; empty unless it was.
    pub disabled_reason: String,
    /// Since when every call has failed.
    pub failing_since: Option<NaiveDateTime>,
    pub created_at: NaiveDateTime,
}

impl From<WebhookRow> for Webhook {
    fn from(row: WebhookRow) -> Self {
        Self {
            id: row.id,
            target_api: row.target_api,
            url: row.url,
            events: row.events.0,
            granting_event: row.granting_event.0,
            state: row.state.0,
            disabled_reason: row.disabled_reason,
            failing_since: row.failing_since.map(utc),
            has_previous_secret: row.previous_secret.is_some(),
            created_at: utc(row.created_at),
        }
    }
}

/// How many were switched off because their receiver fails.
///
/// # Errors
/// The database's.
pub fn count_disabled(connection: &mut AnyConnection) -> QueryResult<i64> {
    webhooks::table.filter(webhooks::state.eq(Name(WebhookState::Disabled))).count().get_result(connection)
}

/// The webhook of that number.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: &str) -> QueryResult<WebhookRow> {
    webhooks::table.find(id).first(connection)
}

/// The webhooks of an API, the oldest first.
///
/// # Errors
/// The database's.
pub fn of_api(connection: &mut AnyConnection, target_api: &str) -> QueryResult<Vec<WebhookRow>> {
    webhooks::table.filter(webhooks::target_api.eq(target_api)).order(webhooks::id).load(connection)
}

/// The webhooks of these APIs, of all where there are none, by API.
///
/// # Errors
/// The database's.
pub fn of_apis(connection: &mut AnyConnection, apis: Option<Vec<String>>) -> QueryResult<Vec<Webhook>> {
    let mut query = webhooks::table.order((webhooks::target_api, webhooks::id)).into_boxed();
    if let Some(apis) = apis {
        query = query.filter(webhooks::target_api.eq_any(apis));
    }
    let rows: Vec<WebhookRow> = query.load(connection)?;
    Ok(rows.into_iter().map(Webhook::from).collect())
}

/// Keeps a webhook.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, row: &WebhookRow) -> QueryResult<()> {
    diesel::insert_into(webhooks::table).values(row).execute(connection)?;
    Ok(())
}

/// Writes what may be changed of a webhook: address, events, name of the grant.
///
/// # Errors
/// The database's.
pub fn update(connection: &mut AnyConnection, row: &WebhookRow) -> QueryResult<()> {
    diesel::update(webhooks::table.find(&row.id))
        .set((
            webhooks::url.eq(&row.url),
            webhooks::events.eq(&row.events),
            webhooks::granting_event.eq(row.granting_event),
        ))
        .execute(connection)?;
    Ok(())
}

/// Writes the two secrets, sealed.
///
/// # Errors
/// The database's.
pub fn set_secrets(connection: &mut AnyConnection, id: &str, present: &str, previous: Option<&str>) -> QueryResult<()> {
    diesel::update(webhooks::table.find(id))
        .set((webhooks::secret.eq(present), webhooks::previous_secret.eq(previous)))
        .execute(connection)?;
    Ok(())
}

/// Switches a webhook on: what waited for it is due now.
///
/// # Errors
/// The database's.
pub fn switch_on(connection: &mut AnyConnection, id: &str, now: NaiveDateTime) -> QueryResult<()> {
    set_state(connection, id, WebhookState::On, "")?;
    diesel::update(webhooks::table.find(id))
        .set(webhooks::failing_since.eq(None::<NaiveDateTime>))
        .execute(connection)?;
    queue::release(connection, id, now)
}

/// Switches a webhook off, or disables it for a reason: what it would be told waits.
///
/// # Errors
/// The database's.
pub fn switch_off(connection: &mut AnyConnection, id: &str, state: WebhookState, reason: &str) -> QueryResult<()> {
    set_state(connection, id, state, reason)?;
    queue::hold(connection, id)
}

fn set_state(connection: &mut AnyConnection, id: &str, state: WebhookState, reason: &str) -> QueryResult<()> {
    diesel::update(webhooks::table.find(id))
        .set((webhooks::state.eq(Name(state)), webhooks::disabled_reason.eq(reason)))
        .execute(connection)?;
    Ok(())
}

/// Notes that a call was taken.
///
/// # Errors
/// The database's.
pub fn succeeded(connection: &mut AnyConnection, id: &str) -> QueryResult<()> {
    let failing = webhooks::table.find(id).filter(webhooks::failing_since.is_not_null());
    diesel::update(failing).set(webhooks::failing_since.eq(None::<NaiveDateTime>)).execute(connection)?;
    Ok(())
}

/// Notes that a call failed. Since when every call has.
///
/// # Errors
/// The database's.
pub fn failed(connection: &mut AnyConnection, id: &str, now: NaiveDateTime) -> QueryResult<NaiveDateTime> {
    let first = webhooks::table.find(id).filter(webhooks::failing_since.is_null());
    diesel::update(first).set(webhooks::failing_since.eq(now)).execute(connection)?;
    let since: Option<NaiveDateTime> = webhooks::table.find(id).select(webhooks::failing_since).first(connection)?;
    Ok(since.unwrap_or(now))
}

/// Forgets a webhook, with what was and would be delivered to it.
///
/// # Errors
/// The database's.
pub fn remove(connection: &mut AnyConnection, id: &str) -> QueryResult<()> {
    diesel::delete(outbox::table.filter(outbox::receiver.eq(id))).execute(connection)?;
    diesel::delete(webhooks::table.find(id)).execute(connection)?;
    Ok(())
}
