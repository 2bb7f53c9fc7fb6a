//! One call to a webhook, and what follows from its outcome: the log, the next try, the mails to the developers, the end.

use chrono::{Duration, NaiveDateTime};
use serde_json::Value;
use shared::policy::Delivery;
use shared::provisioning::ProvisioningState;
use shared::user::Role;
use shared::webhook::{WebhookAttempt, WebhookState};

use super::{DeliveryContext, spread};
use crate::connection::AnyConnection;
use crate::connection::types::now;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::outbox::Payload;
use crate::models::outbox::queue::{self, Due};
use crate::models::webhook::{self, WebhookRow};
use crate::models::{authorisation, provisioning, user, webhook_delivery};
use crate::notification::developer::{self, MailContext};
use crate::notification::webhook::masked_answer;
use crate::outbound::webhook::{Answer, Call};
use crate::outbox;

/// Seconds between two calls for one delivery (the schedule of Standard Webhooks 1.0.0): 5 s, 5 min, 30 min, 2 h, 5 h, 10 h,
/// 14 h, 20 h, 24 h. After the last it is given up.
const DELAYS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// The longest that a receiver may ask us to wait, in seconds.
const MAX_RETRY_AFTER: i64 = 86_400;

/// At which failure of a delivery the developers are told.
const TOLD_AT: i32 = 4;

/// After so many days of failures only, a webhook is switched off.
const MAX_FAILING_DAYS: i64 = 5;

/// 410 Gone: the receiver wants no more calls.
const GONE: u16 = 410;

/// Seals the secrets of that webhook, and no other's.
pub fn place(id: &str) -> String {
    format!("webhook {id}")
}

/// What came of a call: what is kept of it, and what else follows from it.
pub struct CallOutcome {
    pub attempt: WebhookAttempt,
    /// Seconds that the receiver asks us to wait.
    retry_after: i64,
    is_gone: bool,
    /// What the receiver calls the access that it has opened.
    token_id: Option<String>,
}

/// Makes a call, with the number of the delivery in its body.
pub async fn call(context: &DeliveryContext, webhook: &WebhookRow, id: &str, body: &Value) -> CallOutcome {
    let begun = now();
    let outcome = post(context, webhook, (id, begun.timestamp()), body).await;
    let milliseconds = i32::try_from((now() - begun).num_milliseconds()).unwrap_or(i32::MAX);
    let (answer, error) = match outcome {
        Ok(answer) => {
            let error = refusal(answer.status);
            (Some(answer), error)
        }
        Err(error) => (None, error),
    };
    let attempt = WebhookAttempt {
        at: begun,
        milliseconds,
        status: answer.as_ref().map(|answer| i32::from(answer.status)),
        error,
        answer: answer.as_ref().map(|answer| masked_answer(&answer.body, body)).unwrap_or_default(),
    };
    let retry_after = answer.as_ref().and_then(|answer| answer.retry_after).map_or(0, |wait| wait.as_secs());
    CallOutcome {
        attempt,
        retry_after: i64::try_from(retry_after).unwrap_or(MAX_RETRY_AFTER).min(MAX_RETRY_AFTER),
        is_gone: answer.as_ref().is_some_and(|answer| answer.status == GONE),
        token_id: answer.as_ref().and_then(token_id),
    }
}

async fn post(
    context: &DeliveryContext,
    webhook: &WebhookRow,
    (id, timestamp): (&str, i64),
    body: &Value,
) -> std::result::Result<Answer, String> {
    let place = place(&webhook.id);
    let open = |sealed: &String| {
        let lost = "le secret ne peut plus être lu\u{a0}: renouvelez-le et retirez l’ancien";
        context.seal.open(sealed, &place).map_err(|_| lost.to_owned())
    };
    let secret = open(&webhook.secret)?;
    let previous_secret = webhook.previous_secret.as_ref().map(open).transpose()?;
    let mut sent = body.clone();
    if let Some(members) = sent.as_object_mut() {
        members.insert("delivery_id".to_owned(), Value::from(id));
    }
    let call = Call {
        url: &webhook.url,
        id,
        timestamp,
        body: &sent.to_string(),
        secret: &secret,
        previous_secret: previous_secret.as_deref(),
    };
    context.webhooks.post(call).await
}

/// Why an answer is no success; empty where it is one.
fn refusal(status: u16) -> String {
    match status {
        200..=299 => String::new(),
        300..=399 => format!("réponse {status}\u{a0}: les redirections ne sont pas suivies"),
        _ => format!("réponse {status}"),
    }
}

/// `token_id` of a JSON answer: a text or a number.
fn token_id(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_str(&answer.body).ok()?;
    match body.get("token_id")? {
        Value::String(id) if !id.is_empty() && id.len() <= 200 && !id.contains('\0') => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// Delivers a message to its webhook.
pub(super) async fn deliver(context: &DeliveryContext, due: Due) -> Result<()> {
    let Payload::Webhook { webhook_id, body, .. } = due.payload.0.clone() else { return Ok(()) };
    let id = webhook_id.clone();
    let webhook = context.db.read(move |connection| Ok(webhook::find(connection, &id)?)).await?;
    if webhook.state.0 != WebhookState::On {
        return context.db.write(move |connection| Ok(queue::hold(connection, &webhook_id)?)).await;
    }
    let outcome = call(context, &webhook, &due.id, &body).await;
    let delay = next_delay(due.attempts, outcome.retry_after)?;
    let mail_context = MailContext { public_url: context.public_url.clone(), mail_from: context.mail_from.clone() };
    let settle = move |connection: &mut _| {
        webhook_delivery::insert_attempt(connection, &webhook.id, &due.id, &outcome.attempt)?;
        if outcome.attempt.is_success() {
            succeeded(connection, &webhook, &due, outcome.token_id.as_deref())
        } else {
            failed(connection, &webhook, &due, (&outcome, delay), &mail_context)
        }
    };
    context.db.write(settle).await
}

/// When the next call is due after that many; `None` once there is none.
pub(super) fn next_delay(attempts: i32, retry_after: i64) -> Result<Option<Duration>> {
    let Some(delay) = usize::try_from(attempts - 1).ok().and_then(|index| DELAYS.get(index)) else { return Ok(None) };
    Ok(Some(Duration::seconds(spread(*delay)?.max(retry_after))))
}

fn succeeded(connection: &mut AnyConnection, webhook: &WebhookRow, due: &Due, token_id: Option<&str>) -> Result<()> {
    queue::delivered(connection, &due.id, now().naive_utc())?;
    webhook::succeeded(connection, &webhook.id)?;
    let Some(id) = due.enrollment_id else { return Ok(()) };
    if let Some(token_id) = token_id {
        authorisation::keep_token(connection, id, token_id)?;
    }
    settle_access(connection, id, due, token_id)
}

/// Where the service of the API opens the access itself, an answer to a grant or a revocation says that it has.
fn settle_access(connection: &mut AnyConnection, id: EnrollmentId, due: &Due, token_id: Option<&str>) -> Result<()> {
    let Payload::Webhook { event, .. } = &due.payload.0 else { return Ok(()) };
    let is_about = match event.as_str() {
        "approve" | "validate" => ProvisioningState::Pending,
        "revoke" => ProvisioningState::Withdrawing,
        _ => return Ok(()),
    };
    let mut accesses = provisioning::of_enrollment(connection, id)?.into_iter();
    let Some(access) = accesses.find(|access| access.manager.0 == Delivery::Webhook) else { return Ok(()) };
    if access.state.0 == is_about {
        let mut remote = access.remote.0;
        remote.extend(token_id.map(|token_id| ("id".to_owned(), Value::from(token_id))));
        provisioning::done(connection, (id, Delivery::Webhook), remote, &access.link, now().naive_utc())?;
    }
    Ok(())
}

fn failed(
    connection: &mut AnyConnection,
    webhook: &WebhookRow,
    due: &Due,
    (outcome, delay): (&CallOutcome, Option<Duration>),
    mail_context: &MailContext,
) -> Result<()> {
    let (now, error) = (now().naive_utc(), &outcome.attempt.error);
    tracing::warn!(
        id = due.id,
        attempts = due.attempts,
        webhook = webhook.id,
        status = outcome.attempt.status,
        "a call failed"
    );
    match delay {
        Some(delay) => queue::postpone(connection, &due.id, now, now + delay, error)?,
        None => queue::give_up(connection, &due.id, now, error)?,
    }
    let since = webhook::failed(connection, &webhook.id, now)?;
    let end = end_of(outcome.is_gone, since, now);
    if let Some(reason) = end {
        webhook::switch_off(connection, &webhook.id, WebhookState::Disabled, reason)?;
    }
    if end.is_none() && due.attempts != TOLD_AT {
        return Ok(());
    }
    let role = Role::Developer { target_api: webhook.target_api.clone() };
    for to in user::emails_with_roles(connection, &[role], "")? {
        let number = due.enrollment_id.unwrap_or(EnrollmentId(0));
        outbox::post(connection, developer::webhook_fails(mail_context, webhook, (number, error, end), &to)?)?;
    }
    Ok(())
}

/// Why a webhook that fails since then is switched off, if it is.
fn end_of(is_gone: bool, since: NaiveDateTime, now: NaiveDateTime) -> Option<&'static str> {
    if is_gone {
        Some("le récepteur a répondu 410\u{a0}: il ne veut plus être appelé")
    } else if now - since >= Duration::days(MAX_FAILING_DAYS) {
        Some("tous les appels échouent depuis cinq jours")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_tried_ten_times_in_more_than_three_days() {
        let total: i64 = DELAYS.iter().sum();
        assert_eq!(total, 75 * 3_600 + 35 * 60 + 5);
        for attempts in 1..=9 {
            let delay = next_delay(attempts, 0).unwrap().unwrap().num_seconds();
            let base = DELAYS[usize::try_from(attempts - 1).unwrap()];
            assert!((base..=base * 5 / 4).contains(&delay), "{attempts}: {delay}");
        }
        assert_eq!(next_delay(10, 60).unwrap(), None);
        assert_eq!(next_delay(1, 3_600).unwrap(), Some(Duration::hours(1)), "the receiver asks for more time");
    }

    #[test]
    fn a_webhook_ends_on_410_or_after_five_days_of_failures() {
        let now = now().naive_utc();
        assert!(end_of(true, now, now).is_some());
        assert!(end_of(false, now - Duration::days(5), now).is_some());
        assert!(end_of(false, now - Duration::days(4), now).is_none());
    }

    #[test]
    fn the_token_of_an_answer_is_a_text_or_a_number() {
        let read = |body: &str| token_id(&Answer { status: 200, body: body.to_owned(), retry_after: None });
        assert_eq!(read(r#"{"token_id": "abc"}"#).as_deref(), Some("abc"));
        assert_eq!(read(r#"{"token_id": 12}"#).as_deref(), Some("12"));
        for body in ["", "ok", "[]", "{}", r#"{"token_id": ""}"#, r#"{"token_id": null}"#, r#"{"token_id": {}}"#] {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
