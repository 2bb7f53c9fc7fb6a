//! Renewal: a new draft with the content of a request that was decided. v1 calls it a copy.

use diesel::result::{DatabaseErrorKind, Error as DatabaseError};
use shared::enrollment::Enrollment;
use shared::event::EventName;
use shared::policy::revision;
use shared::user::User;
use shared::workflow::Action;

use super::{Context, Loaded, facts, permitted, reading};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::models::document;
use crate::models::enrollment::{self, NewEnrollment};
use crate::models::event::{self, NewEvent};

/// Starts a draft with the same content, files included, under the policy in force. A request has one live copy at most.
///
/// # Errors
/// No such enrollment (404); not allowed, or no longer offered (403); not from this status, or copied already (409).
pub fn copy(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Enrollment> {
    let loaded = Loaded::find(connection, context, id)?;
    permitted(&loaded, user, Action::Copy, None)?;
    if let Some(copy) = enrollment::related(connection, id)?.copies.first() {
        return Err(already(Some(*copy)));
    }
    let policy = super::offered(context, &loaded.record.target_api)?;
    let draft = revision::fitted(&policy, loaded.record.content.0.clone());
    let facts = facts::impose(connection, context, user, &policy, draft, &loaded.record.nom_raison_sociale)?;
    facts.refuse_closed(connection)?;
    let now = context.now.naive_utc();
    let new = NewEnrollment {
        target_api: policy.target_api.clone(),
        demandeur_id: user.id,
        demandeur_email: user.email.clone(),
        copied_from_id: Some(id),
        created_at: now,
    };
    let copy =
        enrollment::insert(connection, &new, &facts.first_columns(&policy, now)).map_err(|error| match error {
            // Somebody else was faster.
            DatabaseError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => already(None),
            other => other.into(),
        })?;
    let documents = document::live(connection, id)?;
    document::restore(connection, copy, &documents, now)?;
    for (enrollment_id, name, comment) in [
        (id, EventName::Copy, format!("Nouvelle demande n°\u{a0}{copy}.")),
        (copy, EventName::Create, format!("Renouvellement de la demande n°\u{a0}{id}.")),
    ] {
        let (changes, snapshot, user_id) = (Vec::new(), None, Some(user.id));
        event::insert(
            connection,
            NewEvent { enrollment_id, name, comment, changes, snapshot, user_id, created_at: now },
        )?;
    }
    reading::show(connection, context, user, copy)
}

fn already(copy: Option<i64>) -> Error {
    let number = copy.map(|copy| format!(" (n°\u{a0}{copy})")).unwrap_or_default();
    Error::WrongStatus(format!("Cette demande a déjà été renouvelée{number}\u{a0}: continuez la nouvelle demande."))
}
