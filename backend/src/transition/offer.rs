//! A partial grant that is offered: by whom, whether it may be, whether it waits for an answer. It is stored as the event
//! that made it.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::QueryResult;
use serde_json::Value;
use shared::diff::{Change, Version};
use shared::field::Field;
use shared::offer::{self, Offer};
use shared::problem::{ErrorItem, Place};
use shared::validation::FieldError;
use shared::validation::Input;

use super::Loaded;
use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, UserId};
use crate::models::enrollment::shown::MadeOffer;
use crate::models::event::{self, OfferEvent};

/// The offer that was made last.
pub(super) struct LastOffer {
    /// The data that is taken out.
    pub struck: BTreeSet<String>,
    pub reason: String,
    /// Who offers: the authorisation is given in their name.
    pub user_id: UserId,
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
    let made = event::last_offer(connection, id)?;
    let Some(OfferEvent { user_id: Some(user_id), comment: reason, changes }) = made else {
        return Err(Error::Internal(format!("nothing was offered for enrollment {id}")));
    };
    Ok(LastOffer { struck: struck(&changes.0), reason, user_id })
}

/// The data that was asked for and not granted, at that instant, by accepting a partial grant; none by any other grant.
///
/// # Errors
/// The database's.
pub(super) fn struck_from(
    connection: &mut AnyConnection,
    id: EnrollmentId,
    granted_at: NaiveDateTime,
) -> QueryResult<BTreeSet<String>> {
    let accepted = event::offer_accepted_at(connection, id, granted_at)?;
    Ok(accepted.map(|changes| struck(&changes)).unwrap_or_default())
}

/// An offer as it is shown.
pub(super) fn shown(MadeOffer { comment, changes, author, created_at }: MadeOffer) -> Offer {
    Offer { struck: struck(&changes), reason: comment, author, created_at: utc(created_at) }
}

/// The data that a change takes out.
fn struck(changes: &[Change]) -> BTreeSet<String> {
    let ids = |value: &Value| -> BTreeSet<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let scopes = changes.iter().find(|change| change.field == Field::Scopes);
    scopes.map(|change| &ids(&change.before) - &ids(&change.after)).unwrap_or_default()
}
