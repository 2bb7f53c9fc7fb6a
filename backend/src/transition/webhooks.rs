//! What the webhooks of an API are told of a change, in the change's own transaction. Whom people are told is
//! [`super::announcing`]'s.

use shared::user::User;
use shared::webhook::WebhookState;
use shared::workflow::EventName;

use super::{Context, Loaded, Tx};
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::outbox::{self, NewMessage, Payload};
use crate::models::{enrollment, user};
use crate::notification::webhook::WebhookNotice;

/// What happened to an enrollment.
#[derive(Clone, Copy)]
pub(super) struct WebhookEvent<'a> {
    pub enrollment_id: EnrollmentId,
    pub event: EventName,
    /// What was written about it.
    pub comment: &'a str,
    /// It granted what was asked for.
    pub grants: bool,
    /// Who did it; nobody where the clock did.
    pub actor: Option<&'a User>,
}

impl<'a> WebhookEvent<'a> {
    /// Something that somebody did, of which nothing was written.
    pub fn by(tx: &Tx<'a>, enrollment_id: EnrollmentId, event: EventName) -> Self {
        Self { enrollment_id, event, comment: "", grants: false, actor: Some(tx.user) }
    }
}

/// Stores the calls to the webhooks that ask for the event, of the API of `loaded`. One that is switched off is called later.
///
/// # Errors
/// The database's.
pub(super) fn enqueue(
    connection: &mut AnyConnection,
    context: &Context,
    loaded: &Loaded,
    event: WebhookEvent<'_>,
) -> Result<()> {
    let webhooks = loaded.webhooks(connection)?;
    if webhooks.is_empty() {
        return Ok(());
    }
    let id = event.enrollment_id;
    let record = enrollment::find(connection, id)?;
    let policy = context.policies.at(connection, &record.target_api, &record.policy_revision)?;
    let notice = WebhookNotice {
        event: event.event,
        at: context.now,
        comment: event.comment,
        grants: event.grants,
        actor: event.actor,
        record: &record,
        applicant_sub: &user::sub(connection, record.demandeur_id)?,
        policy: &policy,
    };
    for webhook in webhooks.iter().filter(|webhook| webhook.events.0.contains(&notice.subscribed_event())) {
        let granting_event = webhook.granting_event.0;
        let payload = Payload::Webhook {
            webhook_id: webhook.id.clone(),
            event: notice.event_name(granting_event).to_owned(),
            body: notice.body(granting_event),
        };
        let message = NewMessage {
            enrollment_id: Some(id),
            sequence: record.version,
            payload,
            held: webhook.state.0 != WebhookState::On,
        };
        outbox::insert(connection, message, context.now.naive_utc())?;
    }
    Ok(())
}
