//! What was delivered, or is to be, to webhooks, and each call that was made for it.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use shared::webhook::{DeliveryState, Replay, WebhookAttempt, WebhookDelivery};

use super::outbox::Payload;
use crate::connection::types::{Json, utc};
use crate::connection::{AnyConnection, fill_outbox};
use crate::schema::{outbox, webhook_attempts};

/// Written out, so that both engines take the index that is limited to it.
const IS_WEBHOOK: &str = "kind = 'webhook'";

/// Keeps a call that was made.
///
/// # Errors
/// The database's.
pub fn insert_attempt(
    connection: &mut AnyConnection,
    webhook_id: &str,
    delivery_id: &str,
    attempt: &WebhookAttempt,
) -> QueryResult<()> {
    diesel::insert_into(webhook_attempts::table)
        .values((
            webhook_attempts::id.eq(uuid::Uuid::now_v7().to_string()),
            webhook_attempts::webhook_id.eq(webhook_id),
            webhook_attempts::delivery_id.eq(delivery_id),
            webhook_attempts::at.eq(attempt.at.naive_utc()),
            webhook_attempts::milliseconds.eq(attempt.milliseconds),
            webhook_attempts::status.eq(attempt.status),
            webhook_attempts::error.eq(&attempt.error),
            webhook_attempts::answer.eq(&attempt.answer),
        ))
        .execute(connection)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Row {
    id: String,
    enrollment_id: Option<i64>,
    sequence: i64,
    payload: Json<Payload>,
    next_attempt_at: NaiveDateTime,
    failing_since: Option<NaiveDateTime>,
    given_up_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    delivered_at: Option<NaiveDateTime>,
    held: bool,
}

/// The deliveries to a webhook after that number (all, where it is `None`), oldest first. Their numbers grow with time (UUID
/// v7).
///
/// # Errors
/// The database's.
pub fn after(
    connection: &mut AnyConnection,
    webhook_id: &str,
    after: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<WebhookDelivery>> {
    let mut query = of(webhook_id.to_owned()).into_boxed();
    if let Some(after) = after {
        query = query.filter(outbox::id.gt(after.to_owned()));
    }
    let rows = query.order(outbox::id).limit(limit).select(Row::as_select()).load(connection)?;
    with_attempts(connection, rows)
}

/// The deliveries to a webhook before that number (all, where it is `None`), newest first.
///
/// # Errors
/// The database's.
pub fn before(
    connection: &mut AnyConnection,
    webhook_id: &str,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<WebhookDelivery>> {
    let mut query = of(webhook_id.to_owned()).into_boxed();
    if let Some(before) = before {
        query = query.filter(outbox::id.lt(before.to_owned()));
    }
    let rows = query.order(outbox::id.desc()).limit(limit).select(Row::as_select()).load(connection)?;
    with_attempts(connection, rows)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of(webhook_id: String) -> _ {
    let is_webhook: diesel::expression::SqlLiteral<Bool> = sql::<Bool>(IS_WEBHOOK);
    outbox::table.filter(is_webhook).filter(outbox::receiver.eq(webhook_id))
}

fn with_attempts(connection: &mut AnyConnection, rows: Vec<Row>) -> QueryResult<Vec<WebhookDelivery>> {
    type Call = (String, NaiveDateTime, i32, Option<i32>, String, String);

    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let calls: Vec<Call> = webhook_attempts::table
        .filter(webhook_attempts::delivery_id.eq_any(ids))
        .order(webhook_attempts::id)
        .select((
            webhook_attempts::delivery_id,
            webhook_attempts::at,
            webhook_attempts::milliseconds,
            webhook_attempts::status,
            webhook_attempts::error,
            webhook_attempts::answer,
        ))
        .load(connection)?;
    let mut attempts: BTreeMap<String, Vec<WebhookAttempt>> = BTreeMap::new();
    for (delivery, at, milliseconds, status, error, answer) in calls {
        let attempt = WebhookAttempt { at: utc(at), milliseconds, status, error, answer };
        attempts.entry(delivery).or_default().push(attempt);
    }
    let shown = |row: Row| {
        let attempts = attempts.remove(&row.id).unwrap_or_default();
        shown(row, attempts)
    };
    Ok(rows.into_iter().filter_map(shown).collect())
}

/// The body as it was sent: whoever shows it masks what is personal.
fn shown(row: Row, attempts: Vec<WebhookAttempt>) -> Option<WebhookDelivery> {
    let Payload::Webhook { event, body, .. } = row.payload.0 else { return None };
    let state = match (row.delivered_at, row.given_up_at, row.failing_since) {
        (Some(_), ..) => DeliveryState::Delivered,
        (None, Some(_), _) => DeliveryState::GivenUp,
        (None, None, Some(_)) => DeliveryState::Failing,
        (None, None, None) => DeliveryState::Pending,
    };
    let is_planned = matches!(state, DeliveryState::Pending | DeliveryState::Failing) && !row.held;
    Some(WebhookDelivery {
        id: row.id,
        event,
        enrollment_id: row.enrollment_id?,
        sequence: row.sequence,
        created_at: utc(row.created_at),
        state,
        next_attempt_at: is_planned.then(|| utc(row.next_attempt_at)),
        body,
        attempts,
    })
}

/// Has what was delivered or given up delivered again, with the same numbers; how many.
///
/// # Errors
/// The database's.
pub fn replay(
    connection: &mut AnyConnection,
    webhook_id: &str,
    replay: &Replay,
    (now, held): (NaiveDateTime, bool),
) -> QueryResult<usize> {
    let over = outbox::delivered_at.is_not_null().or(outbox::given_up_at.is_not_null());
    let is_webhook: diesel::expression::SqlLiteral<Bool> = sql::<Bool>(IS_WEBHOOK);
    let mut update = diesel::update(outbox::table)
        .set((
            outbox::delivered_at.eq(None::<NaiveDateTime>),
            outbox::given_up_at.eq(None::<NaiveDateTime>),
            outbox::failing_since.eq(None::<NaiveDateTime>),
            outbox::attempts.eq(0),
            outbox::next_attempt_at.eq(now),
            outbox::held.eq(held),
        ))
        .into_boxed()
        .filter(is_webhook)
        .filter(outbox::receiver.eq(webhook_id.to_owned()))
        .filter(over);
    if let Some(id) = &replay.delivery {
        update = update.filter(outbox::id.eq(id.clone()));
    }
    if let Some(from) = replay.from {
        update = update.filter(outbox::created_at.ge(from.naive_utc()));
    }
    if let Some(until) = replay.until {
        update = update.filter(outbox::created_at.lt(until.naive_utc()));
    }
    let count = update.execute(connection)?;
    if count > 0 && !held {
        fill_outbox();
    }
    Ok(count)
}

/// Forgets what was delivered or given up before then, and the calls that were made for it; how many at most `limit`.
///
/// # Errors
/// The database's.
pub fn purge(connection: &mut AnyConnection, before: NaiveDateTime, limit: i64) -> QueryResult<usize> {
    let over = outbox::delivered_at.is_not_null().or(outbox::given_up_at.is_not_null());
    let is_webhook: diesel::expression::SqlLiteral<Bool> = sql::<Bool>(IS_WEBHOOK);
    let ids: Vec<String> = outbox::table
        .filter(is_webhook)
        .filter(outbox::created_at.lt(before))
        .filter(over)
        .select(outbox::id)
        .limit(limit)
        .load(connection)?;
    diesel::delete(webhook_attempts::table.filter(webhook_attempts::delivery_id.eq_any(&ids))).execute(connection)?;
    diesel::delete(outbox::table.filter(outbox::id.eq_any(&ids))).execute(connection)
}
