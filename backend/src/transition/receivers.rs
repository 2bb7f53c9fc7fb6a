//! What the webhooks of an API are told of a change, in the change's own transaction. Whom people are told is
//! [`super::announcing`]'s.

use shared::user::User;
use shared::webhook::WebhookState;
use shared::workflow::EventName;

use super::{Context, Tx};
use crate::connection::AnyConnection;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::outbox::{self, NewMessage, Payload};
use crate::models::{enrollment, user, webhook};
use crate::notification::webhook::Told;

/// What happened to an enrollment.
#[derive(Clone, Copy)]
pub(super) struct Happening<'a> {
    pub enrollment_id: EnrollmentId,
    /// Its API.
    pub target_api: &'a str,
    pub event: EventName,
    /// What was written about it.
    pub comment: &'a str,
    /// It granted what was asked for.
    pub grants: bool,
    /// Who did it; nobody where the clock did.
    pub actor: Option<&'a User>,
}

impl<'a> Happening<'a> {
    /// Something that somebody did, of which nothing was written.
    pub fn by(tx: &Tx<'a>, enrollment_id: EnrollmentId, target_api: &'a str, event: EventName) -> Self {
        Self { enrollment_id, target_api, event, comment: "", grants: false, actor: Some(tx.user) }
    }
}

/// Stores the calls to the webhooks of the API that ask for the last event. One that is switched off is told later.
///
/// # Errors
/// The database's.
pub(super) fn tell(connection: &mut AnyConnection, context: &Context, happening: Happening<'_>) -> Result<()> {
    let webhooks = webhook::of_api(connection, happening.target_api)?;
    if webhooks.is_empty() {
        return Ok(());
    }
    let id = happening.enrollment_id;
    let record = enrollment::find(connection, id)?;
    let policy = context.policies.at(connection, &record.target_api, &record.policy_revision)?;
    let told = Told {
        event: happening.event,
        at: context.now,
        comment: happening.comment,
        grants: happening.grants,
        actor: happening.actor,
        record: &record,
        applicant_sub: &user::sub(connection, record.demandeur_id)?,
        policy: &policy,
    };
    for webhook in webhooks.iter().filter(|webhook| webhook.events.0.contains(&told.asked_as())) {
        let granting_event = webhook.granting_event.0;
        let payload = Payload::Webhook {
            webhook_id: webhook.id.clone(),
            event: told.told_as(granting_event).to_owned(),
            body: told.body(granting_event),
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
