//! Webhooks, as the developers of an API look after them.

use serde_json::json;
use shared::problem::ItemCode;
use shared::rights::require_developer;
use shared::user::User;
use shared::webhook::{
    EVENTS, NewWebhook, Replay, Webhook, WebhookAttempt, WebhookChanges, WebhookState, WebhookWithSecret,
};
use shared::workflow::EventName;
use uuid::Uuid;

use crate::connection::AnyConnection;
use crate::connection::types::{Json, Name, now};
use crate::delivery::DeliveryContext;
use crate::delivery::webhook::{call, place};
use crate::error::{Error, Result};
use crate::models::webhook::{self, WebhookRow};
use crate::models::webhook_delivery;
use crate::outbound::webhook::new_secret;
use crate::policies::Policies;
use crate::trail;

/// The most webhooks of an API, and the most characters of an address.
const MAX_WEBHOOKS: usize = 10;
const MAX_ADDRESS: usize = 2_000;

/// The APIs whose webhooks somebody looks after; `None` for all.
///
/// # Errors
/// 403: they look after none.
pub fn developed(user: &User) -> Result<Option<Vec<String>>> {
    if user.is_administrator() {
        return Ok(None);
    }
    let apis: Vec<String> = user.developed_apis().map(ToOwned::to_owned).collect();
    if apis.is_empty() { Err(shared::rights::Denial::NotDeveloper.into()) } else { Ok(Some(apis)) }
}

/// A webhook that the user looks after.
///
/// # Errors
/// 404: there is none of that number, or it is of an API whose webhooks are not theirs to know; the database's.
pub fn find_own(connection: &mut AnyConnection, user: &User, id: &str) -> Result<WebhookRow> {
    let row = webhook::find(connection, id)?;
    require_developer(user, &row.target_api).map_err(|_| Error::NotFound)?;
    trail::about(&row.id);
    Ok(row)
}

/// Makes a webhook, switched on. Its secret is in the answer, and nowhere else.
///
/// # Errors
/// 403; 404: no such API; 422, naming the member; the database's.
pub async fn add(
    context: &DeliveryContext,
    policies: &Policies,
    user: &User,
    new: NewWebhook,
) -> Result<WebhookWithSecret> {
    policies.require(&new.target_api)?;
    require_developer(user, &new.target_api)?;
    check_url(context, &new.url)?;
    let events = checked_events(new.events)?;
    let id = Uuid::now_v7().to_string();
    let secret = new_secret()?;
    let row = WebhookRow {
        secret: context.seal.seal(&secret, &place(&id))?,
        id,
        target_api: new.target_api,
        url: new.url,
        events: Json(events),
        granting_event: Name(new.granting_event),
        previous_secret: None,
        state: Name(WebhookState::On),
        disabled_reason: String::new(),
        failing_since: None,
        created_at: now().naive_utc(),
    };
    let stored = context.db.write(move |connection| {
        if webhook::of_api(connection, &row.target_api)?.len() >= MAX_WEBHOOKS {
            let detail = format!("Cette API a déjà {MAX_WEBHOOKS} webhooks\u{a0}: supprimez-en un.");
            return Err(Error::invalid_pointer("/target_api", ItemCode::OutOfRange, detail));
        }
        webhook::insert(connection, &row)?;
        trail::about(&row.id);
        Ok(row)
    });
    Ok(WebhookWithSecret { webhook: stored.await?.into(), secret })
}

/// Changes a webhook, switches it on or off.
///
/// # Errors
/// 404; 422, naming the member; the database's.
pub async fn change(context: &DeliveryContext, user: User, id: String, changes: WebhookChanges) -> Result<Webhook> {
    if let Some(url) = &changes.url {
        check_url(context, url)?;
    }
    let events = changes.events.map(checked_events).transpose()?;
    let changed = context.db.write(move |connection| {
        let mut row = find_own(connection, &user, &id)?;
        row.url = changes.url.unwrap_or(row.url);
        row.events = events.map_or(row.events, Json);
        row.granting_event = changes.granting_event.map_or(row.granting_event, Name);
        webhook::update(connection, &row)?;
        match changes.active {
            Some(true) => webhook::switch_on(connection, &id, now().naive_utc())?,
            Some(false) => webhook::switch_off(connection, &id, WebhookState::Off, "")?,
            None => {}
        }
        Ok(webhook::find(connection, &id)?)
    });
    Ok(changed.await?.into())
}

/// Replaces the secret; calls are signed with the one before, too, until that is removed.
///
/// # Errors
/// 404; the database's.
pub async fn rotate(context: &DeliveryContext, user: User, id: String) -> Result<WebhookWithSecret> {
    let secret = new_secret()?;
    let sealed = context.seal.seal(&secret, &place(&id))?;
    let rotated = context.db.write(move |connection| {
        let row = find_own(connection, &user, &id)?;
        webhook::set_secrets(connection, &id, &sealed, Some(&row.secret))?;
        Ok(webhook::find(connection, &id)?)
    });
    Ok(WebhookWithSecret { webhook: rotated.await?.into(), secret })
}

/// Removes the secret before the present one.
///
/// # Errors
/// 404; the database's.
pub async fn forget_previous_secret(context: &DeliveryContext, user: User, id: String) -> Result<Webhook> {
    let forgotten = context.db.write(move |connection| {
        let row = find_own(connection, &user, &id)?;
        webhook::set_secrets(connection, &id, &row.secret, None)?;
        Ok(webhook::find(connection, &id)?)
    });
    Ok(forgotten.await?.into())
}

/// Removes a webhook, with the log of its calls and what waits for it.
///
/// # Errors
/// 404; the database's.
pub async fn remove(context: &DeliveryContext, user: User, id: String) -> Result<()> {
    let removed = context.db.write(move |connection| {
        find_own(connection, &user, &id)?;
        Ok(webhook::remove(connection, &id)?)
    });
    removed.await
}

/// Calls a webhook with an event `test`, about no request; it may be switched off.
///
/// # Errors
/// 404; the database's.
pub async fn test(context: &DeliveryContext, user: User, id: String) -> Result<WebhookAttempt> {
    let row = context.db.read(move |connection| find_own(connection, &user, &id)).await?;
    let body = json!({
        "event": "test",
        "fired_at": now().timestamp(),
        "model_type": format!("enrollment/{}", row.target_api),
        "data": {},
    });
    Ok(call(context, &row, &Uuid::now_v7().to_string(), &body).await.attempt)
}

/// Has deliveries made again; how many.
///
/// # Errors
/// 404; 422: neither a delivery nor a span; the database's.
pub async fn replay(context: &DeliveryContext, user: User, id: String, replay: Replay) -> Result<usize> {
    if replay == Replay::default() {
        let detail =
            "Indiquez un envoi («\u{a0}delivery\u{a0}») ou une période («\u{a0}from\u{a0}», «\u{a0}until\u{a0}»).";
        return Err(Error::invalid_pointer("/delivery", ItemCode::Required, detail));
    }
    let replayed = context.db.write(move |connection| {
        let row = find_own(connection, &user, &id)?;
        let held = row.state.0 != WebhookState::On;
        Ok(webhook_delivery::replay(connection, &id, &replay, (now().naive_utc(), held))?)
    });
    replayed.await
}

fn check_url(context: &DeliveryContext, url: &str) -> Result<()> {
    if url.len() > MAX_ADDRESS {
        let detail = format!("Indiquez une adresse d’au plus {MAX_ADDRESS} caractères.");
        return Err(Error::invalid_pointer("/url", ItemCode::TooLong, detail));
    }
    context.webhooks.check(url).map_err(|detail| Error::invalid_pointer("/url", ItemCode::Format, detail))
}

fn checked_events(mut events: Vec<EventName>) -> Result<Vec<EventName>> {
    if let Some(index) = events.iter().position(|event| !EVENTS.contains(event)) {
        let known: Vec<&str> = EVENTS.iter().map(|event| event.as_str()).collect();
        let detail = format!("Choisissez parmi {}.", known.join(", "));
        return Err(Error::invalid_pointer(format!("/events/{index}"), ItemCode::Unknown, detail));
    }
    events.sort_unstable();
    events.dedup();
    if events.is_empty() {
        return Err(Error::invalid_pointer("/events", ItemCode::Required, "Choisissez au moins un événement."));
    }
    Ok(events)
}
