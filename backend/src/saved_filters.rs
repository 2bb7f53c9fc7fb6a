//! The views of the list that somebody keeps: what makes sense, and how many.

use diesel::result::{DatabaseErrorKind, Error as DatabaseError};
use shared::problem::ItemCode;
use shared::queue::{MAX_FILTER_NAME, MAX_FILTER_QUERY, MAX_FILTERS, NewSavedFilter, SavedFilter};

use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::ids::{SavedFilterId, UserId};
use crate::models::saved_filter;

/// A view that can be kept.
///
/// # Errors
/// 400, naming the member.
pub fn checked(mut new: NewSavedFilter) -> Result<NewSavedFilter> {
    new.name = new.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_odd = |text: &str| text.chars().any(|c| c.is_control() || is_direction(c));
    if new.name.is_empty() || new.name.chars().count() > MAX_FILTER_NAME || is_odd(&new.name) {
        let detail = format!("Donnez un nom de {MAX_FILTER_NAME} caractères au plus.");
        return Err(Error::pointer("/name", ItemCode::Format, detail));
    }
    if new.query.chars().count() > MAX_FILTER_QUERY || is_odd(&new.query) {
        let detail = format!("Un filtre compte {MAX_FILTER_QUERY} caractères au plus.");
        return Err(Error::pointer("/query", ItemCode::TooLong, detail));
    }
    Ok(new)
}

/// What makes a text run the other way, and a name look like another.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Keeps a view. All of the user's come back.
///
/// # Errors
/// They have one of that name, or as many as one may have (409).
pub fn create(connection: &mut AnyConnection, user_id: UserId, new: &NewSavedFilter) -> Result<Vec<SavedFilter>> {
    if saved_filter::of_user(connection, user_id)?.len() >= MAX_FILTERS {
        return Err(Error::WrongStatus(format!(
            "Vous avez déjà {MAX_FILTERS} filtres enregistrés\u{a0}: supprimez-en un d’abord."
        )));
    }
    let id = saved_filter::insert(connection, user_id, new).map_err(taken)?;
    settled(connection, user_id, id, new)
}

/// Names a view anew, changes what it shows, or makes it the one that the list opens with. All come back.
///
/// # Errors
/// They have none of that number (404), or another of that name (409).
pub fn update(
    connection: &mut AnyConnection,
    user_id: UserId,
    id: SavedFilterId,
    new: &NewSavedFilter,
) -> Result<Vec<SavedFilter>> {
    if !saved_filter::update(connection, user_id, id, new).map_err(taken)? {
        return Err(Error::NotFound);
    }
    settled(connection, user_id, id, new)
}

/// Forgets a view. The others come back.
///
/// # Errors
/// They have none of that number (404).
pub fn delete(connection: &mut AnyConnection, user_id: UserId, id: SavedFilterId) -> Result<Vec<SavedFilter>> {
    if !saved_filter::delete(connection, user_id, id)? {
        return Err(Error::NotFound);
    }
    Ok(saved_filter::of_user(connection, user_id)?)
}

fn settled(
    connection: &mut AnyConnection,
    user_id: UserId,
    id: SavedFilterId,
    new: &NewSavedFilter,
) -> Result<Vec<SavedFilter>> {
    if new.is_default {
        saved_filter::only_default(connection, user_id, id)?;
    }
    Ok(saved_filter::of_user(connection, user_id)?)
}

fn taken(error: DatabaseError) -> Error {
    match error {
        DatabaseError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            Error::WrongStatus("Vous avez déjà un filtre de ce nom.".to_owned())
        }
        other => other.into(),
    }
}
