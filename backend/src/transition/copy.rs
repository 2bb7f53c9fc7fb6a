//! Renewal: a new draft with the content of a request that was decided. v1 calls it a copy.

use diesel::result::{DatabaseErrorKind, Error as DatabaseError};
use shared::enrollment::Enrollment;
use shared::policy::revision;
use shared::workflow::{Action, EventName};

use super::creation::open_policy;
use super::webhooks::{self, WebhookEvent};
use super::{Tx, counting, facts, quotas, reading};
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::models::document;
use crate::models::enrollment::{self, NewEnrollment};
use crate::models::event::{self, NewEvent};

/// Starts a draft with the same content, files included, under the policy in force. A request has one live copy at most.
///
/// # Errors
/// No such enrollment (404); not allowed, or no longer offered (403); not from this status, or copied already (409).
pub fn copy(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Enrollment> {
    let loaded = tx.load_for(Action::Copy, id)?;
    if let Some(copy) = enrollment::live_copy(tx.connection, id)? {
        return Err(already(Some(copy)));
    }
    let policy = open_policy(tx.context, &loaded.record.target_api)?;
    quotas::new_request(tx)?;
    let draft = revision::renewed(&loaded.policy, &policy, loaded.record.content.0.clone());
    let facts = facts::complete(tx, &policy, draft, &loaded.record.nom_raison_sociale)?;
    facts.refuse_closed(tx.connection)?;
    let now = tx.now();
    let new = NewEnrollment {
        target_api: policy.target_api.clone(),
        demandeur_id: tx.user_id(),
        demandeur_email: tx.user.email.clone(),
        copied_from_id: Some(id),
        created_at: now,
    };
    let copy =
        enrollment::insert(tx.connection, &new, &facts.first_columns(&policy, now)).map_err(|error| match error {
            // Somebody else was faster.
            DatabaseError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => already(None),
            other => other.into(),
        })?;
    let mut documents = document::live(tx.connection, id)?;
    documents.retain(|document| !document.is_infected());
    document::restore(tx.connection, copy, &documents, now)?;
    for (enrollment_id, name, comment) in [
        (id, EventName::Copy, format!("Nouvelle demande n°\u{a0}{copy}.")),
        (copy, EventName::Create, format!("Renouvellement de la demande n°\u{a0}{id}.")),
    ] {
        let event = NewEvent { comment: comment.clone(), ..tx.event(enrollment_id, name) };
        event::insert(tx.connection, event)?;
        let event = WebhookEvent { comment: &comment, ..WebhookEvent::by(tx, enrollment_id, name) };
        webhooks::enqueue(tx.connection, tx.context, &loaded, event)?;
    }
    counting::count_start(tx.connection, &policy.target_api, now)?;
    reading::show(tx, copy)
}

pub(super) fn already(copy: Option<EnrollmentId>) -> Error {
    let number = copy.map(|copy| format!(" (n°\u{a0}{copy})")).unwrap_or_default();
    Error::WrongStatus(format!("Cette demande a déjà été renouvelée{number}\u{a0}: continuez la nouvelle demande."))
}
