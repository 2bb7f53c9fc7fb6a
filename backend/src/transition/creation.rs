//! Starting a draft.

use std::sync::Arc;

use serde_json::{Map, Value};
use shared::enrollment::Enrollment;
use shared::policy::Policy;
use shared::validation::Stage;
use shared::workflow::EventName;

use super::content::{check, unreadable};
use super::webhooks::{self, WebhookEvent};
use super::{Context, Tx, announcing, counting, facts, quotas, reading};
use crate::error::{Error, Result};
use crate::models::enrollment::{self, NewEnrollment};
use crate::models::event;

/// Starts a draft; its applicant gets a mail, also where a tool or an administrator begins it in their name.
///
/// # Errors
/// No such API (404) or a retired one (403); members that cannot be read (400) or stored (422).
pub fn create(tx: &mut Tx<'_>, target_api: &str, members: &Map<String, Value>) -> Result<Enrollment> {
    let policy = open_policy(tx.context, target_api)?;
    quotas::new_request(tx)?;
    let draft = policy.new_draft().merged(members).map_err(|error| unreadable(members, error))?;
    let facts = facts::complete(tx, &policy, draft, "")?;
    facts.refuse_closed(tx.connection)?;
    check(tx.connection, &policy, &facts, &[], Stage::Save, None)?;

    let columns = facts.first_columns(&policy, tx.now());
    let new = NewEnrollment {
        target_api: policy.target_api.clone(),
        demandeur_id: tx.user_id(),
        demandeur_email: tx.user.email.clone(),
        copied_from_id: None,
        created_at: tx.now(),
    };
    let id = enrollment::insert(tx.connection, &new, &columns)?;
    let event = tx.event(id, EventName::Create);
    event::insert(tx.connection, event)?;
    let loaded = tx.load(id)?;
    webhooks::enqueue(tx.connection, tx.context, &loaded, WebhookEvent::by(tx, id, EventName::Create))?;
    announcing::announce_draft(tx, &loaded)?;
    counting::count_start(tx.connection, &policy.target_api, tx.now())?;
    reading::outcome(tx, id)
}

/// The policy in force of an API for which one may file a request here.
pub(super) fn open_policy(context: &Context, target_api: &str) -> Result<Arc<Policy>> {
    let policy = context.policies.require(target_api)?;
    if policy.retired || policy.frozen {
        return Err(Error::Forbidden(format!("{} n’accepte plus de nouvelles demandes.", policy.label)));
    }
    if let Some(url) = &policy.start_url {
        return Err(Error::Forbidden(format!("La demande pour {} se fait à l’adresse {url}.", policy.label)));
    }
    Ok(policy)
}
