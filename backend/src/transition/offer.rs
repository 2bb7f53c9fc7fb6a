//! A partial grant that is offered: by whom, whether it may be, whether it waits for an answer. It is stored as the event
//! that made it.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde_json::Value;
use shared::diff::{Change, Version};
use shared::field::Field;
use shared::offer::{self, Offer};
use shared::problem::{ErrorItem, Place};
use shared::validation::FieldError;
use shared::validation::Input;
use shared::workflow::EventName;

use super::Loaded;
use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, UserId};
use crate::models::event::{self, NamedEvent};

/// The offer that was made last.
pub(super) struct LastOffer {
    /// The data that is taken out.
    pub struck: BTreeSet<String>,
    pub reason: String,
    /// Who offers: the authorisation is given in their name.
    pub user_id: UserId,
    author: String,
    created_at: NaiveDateTime,
}

/// Whether that data may be taken out.
///
/// # Errors
/// 422: why not.
pub(super) fn check(loaded: &Loaded, present: &Version, struck: &BTreeSet<String>) -> Result<()> {
    let input = Input::new(&present.content, &present.documents, &loaded.record.nom_raison_sociale);
    let objections = offer::objections(&loaded.policy, input, struck);
    if objections.is_empty() {
        return Ok(());
    }
    // Whatever field they are about, it is the choice of the data that is wrong.
    let item = |error: FieldError| ErrorItem::new(Place::Pointer("/struck".to_owned()), error.code, error.detail);
    Err(Error::Invalid(objections.into_iter().map(item).collect()))
}

/// The offer that was made last.
///
/// # Errors
/// There is none, or the database's.
pub(super) fn last(connection: &mut AnyConnection, id: EnrollmentId) -> Result<LastOffer> {
    let Some(made) = event::last_of(connection, id, EventName::OfferPartialGrant)? else {
        return Err(Error::Internal(format!("nothing was offered for enrollment {id}")));
    };
    let NamedEvent { user_id, comment: reason, changes, author, created_at, .. } = made;
    Ok(LastOffer { struck: struck(&changes.0), reason, user_id, author, created_at })
}

/// The offer that the applicant has to answer, if there is one.
///
/// # Errors
/// The database's.
pub(super) fn pending(connection: &mut AnyConnection, loaded: &Loaded) -> Result<Option<Offer>> {
    if !loaded.record.offered {
        return Ok(None);
    }
    let LastOffer { struck, reason, author, created_at, .. } = last(connection, loaded.record.id)?;
    Ok(Some(Offer { struck, reason, author, created_at: utc(created_at) }))
}

/// The data that a change takes out.
fn struck(changes: &[Change]) -> BTreeSet<String> {
    let ids = |value: &Value| -> BTreeSet<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let scopes = changes.iter().find(|change| change.field == Field::Scopes);
    scopes.map(|change| &ids(&change.before) - &ids(&change.after)).unwrap_or_default()
}
