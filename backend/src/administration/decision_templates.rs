//! The templates of the messages that go with the decisions of an API, as its instructors write them.

use diesel::result::{DatabaseErrorKind, Error as DatabaseError};
use shared::decision_message::{DecisionTemplate, MAX_TEMPLATES, NewDecisionTemplate};
use shared::problem::{ErrorItem, ItemCode, Place};
use shared::rights::require_template_writer;

use crate::connection::lock;
use crate::error::{Error, Result};
use crate::ids::DecisionTemplateId;
use crate::models::decision_template;
use crate::trail;
use crate::transition::Tx;

/// Held while templates are written, so that there are not too many of them, and one by default at most. Any constant would do.
const LOCK: i64 = 0x6461_7461_6465_6369;

/// Those of an API, by name.
///
/// # Errors
/// No such API (404); not one of its instructors (403); the database's.
pub fn list(tx: &mut Tx<'_>, target_api: &str) -> Result<Vec<DecisionTemplate>> {
    tx.context.policies.require(target_api)?;
    require_template_writer(tx.user, target_api)?;
    Ok(decision_template::of_api(tx.connection, target_api)?)
}

/// Adds a template. All come back.
///
/// # Errors
/// As for [`list`]; the API has as many as it may have, or one of that name (409); 422, naming the member.
pub fn create(tx: &mut Tx<'_>, target_api: &str, new: NewDecisionTemplate) -> Result<Vec<DecisionTemplate>> {
    lock(tx.connection, LOCK)?;
    if list(tx, target_api)?.len() >= MAX_TEMPLATES {
        return Err(Error::WrongStatus(format!(
            "Cette API a déjà {MAX_TEMPLATES} modèles de décision\u{a0}: supprimez-en un d’abord."
        )));
    }
    let new = checked(new)?;
    let id = decision_template::insert(tx.connection, target_api, &new).map_err(taken)?;
    settled(tx, target_api, id, &new)
}

/// Writes a template anew. All come back.
///
/// # Errors
/// As for [`list`]; it has none of that number (404); another of that name, or a member is wrong (422).
pub fn update(
    tx: &mut Tx<'_>,
    target_api: &str,
    id: DecisionTemplateId,
    new: NewDecisionTemplate,
) -> Result<Vec<DecisionTemplate>> {
    lock(tx.connection, LOCK)?;
    list(tx, target_api)?;
    let new = checked(new)?;
    if !decision_template::update(tx.connection, target_api, id, &new).map_err(taken)? {
        return Err(Error::NotFound);
    }
    settled(tx, target_api, id, &new)
}

/// Removes a template. The others come back.
///
/// # Errors
/// As for [`list`]; it has none of that number (404).
pub fn remove(tx: &mut Tx<'_>, target_api: &str, id: DecisionTemplateId) -> Result<Vec<DecisionTemplate>> {
    list(tx, target_api)?;
    if !decision_template::delete(tx.connection, target_api, id)? {
        return Err(Error::NotFound);
    }
    trail::about(id);
    list(tx, target_api)
}

fn checked(new: NewDecisionTemplate) -> Result<NewDecisionTemplate> {
    let item = |(pointer, code, detail): (&str, ItemCode, String)| {
        ErrorItem::new(Place::Pointer(pointer.to_owned()), code, detail)
    };
    new.checked().map_err(|wrong| Error::Invalid(wrong.into_iter().map(item).collect()))
}

fn settled(
    tx: &mut Tx<'_>,
    target_api: &str,
    id: DecisionTemplateId,
    new: &NewDecisionTemplate,
) -> Result<Vec<DecisionTemplate>> {
    if new.is_default {
        decision_template::only_default(tx.connection, (target_api, new.decision), id)?;
    }
    trail::about(id);
    list(tx, target_api)
}

fn taken(error: DatabaseError) -> Error {
    match error {
        DatabaseError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            let detail = "Un modèle de cette décision porte déjà ce nom\u{a0}: choisissez-en un autre.";
            Error::invalid_pointer("/name", ItemCode::Incompatible, detail)
        }
        other => other.into(),
    }
}
