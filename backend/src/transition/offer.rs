//! A partial grant: what is offered, by whom, and whether it may be. The event that made the offer is its record.

use std::collections::BTreeSet;

use serde_json::Value;
use shared::diff::{Change, Version};
use shared::event::EventName;
use shared::field::Field;
use shared::offer::{self, Offer};
use shared::validation::Candidate;

use super::Loaded;
use crate::db::AnyConnection;
use crate::db::types::utc;
use crate::error::{Error, Result};
use crate::models::event;

/// What is offered.
pub(super) struct Terms {
    /// The data that is taken out.
    pub struck: BTreeSet<String>,
    /// Why.
    pub reason: String,
    /// Who offers: the authorisation is given in their name.
    pub user_id: i64,
}

/// Whether that data may be taken out.
///
/// # Errors
/// 422: why not.
pub(super) fn check(loaded: &Loaded, present: &Version, struck: &BTreeSet<String>) -> Result<()> {
    let candidate = Candidate {
        draft: &present.content,
        documents: &present.documents,
        nom_raison_sociale: &loaded.record.nom_raison_sociale,
        establishment: None,
        granted: None,
        previous: None,
    };
    let objections = offer::objections(&loaded.policy, candidate, struck);
    if objections.is_empty() { Ok(()) } else { Err(Error::Invalid(objections)) }
}

/// The offer that was made last, with who made it as readers see them.
fn last(connection: &mut AnyConnection, id: i64) -> Result<(Terms, Offer)> {
    let Some(made) = event::last_of(connection, id, EventName::OfferPartialGrant)? else {
        return Err(Error::Internal(format!("nothing was offered for enrollment {id}")));
    };
    let struck = struck(&made.changes.0);
    let offer = Offer {
        struck: struck.clone(),
        reason: made.comment.clone(),
        author: made.author,
        created_at: utc(made.created_at),
    };
    Ok((Terms { struck, reason: made.comment, user_id: made.user_id }, offer))
}

/// The terms of the offer that was made last.
///
/// # Errors
/// The database's.
pub(super) fn terms(connection: &mut AnyConnection, id: i64) -> Result<Terms> {
    Ok(last(connection, id)?.0)
}

/// The offer that stands, if one does.
///
/// # Errors
/// The database's.
pub(super) fn standing(connection: &mut AnyConnection, loaded: &Loaded) -> Result<Option<Offer>> {
    if !loaded.record.offered {
        return Ok(None);
    }
    Ok(Some(last(connection, loaded.record.id)?.1))
}

/// The data that a change takes out.
fn struck(changes: &[Change]) -> BTreeSet<String> {
    let ids = |value: &Value| -> BTreeSet<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let scopes = changes.iter().find(|change| change.field == Field::Scopes);
    scopes.map(|change| &ids(&change.before) - &ids(&change.after)).unwrap_or_default()
}
