//! The views of the list that somebody keeps.

use diesel::prelude::*;
use shared::queue::{NewSavedFilter, SavedFilter};

use crate::connection::AnyConnection;
use crate::ids::{SavedFilterId, UserId};
use crate::schema::saved_filters;

/// All of somebody's, by name.
///
/// # Errors
/// The database's.
pub fn of_user(connection: &mut AnyConnection, user_id: UserId) -> QueryResult<Vec<SavedFilter>> {
    let rows: Vec<(i64, String, String, bool)> = saved_filters::table
        .filter(saved_filters::user_id.eq(user_id))
        .order((saved_filters::name, saved_filters::id))
        .select((saved_filters::id, saved_filters::name, saved_filters::query, saved_filters::is_default))
        .load(connection)?;
    Ok(rows.into_iter().map(|(id, name, query, is_default)| SavedFilter { id, name, query, is_default }).collect())
}

/// Keeps a view.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, user_id: UserId, new: &NewSavedFilter) -> QueryResult<SavedFilterId> {
    diesel::insert_into(saved_filters::table)
        .values((
            saved_filters::user_id.eq(user_id),
            saved_filters::name.eq(&new.name),
            saved_filters::query.eq(&new.query),
            saved_filters::is_default.eq(new.is_default),
        ))
        .returning(saved_filters::id)
        .get_result(connection)
}

/// Writes a view of somebody's anew; `false` where they have none of that number.
///
/// # Errors
/// The database's.
pub fn update(
    connection: &mut AnyConnection,
    user_id: UserId,
    id: SavedFilterId,
    new: &NewSavedFilter,
) -> QueryResult<bool> {
    let own = saved_filters::table.filter(saved_filters::id.eq(id)).filter(saved_filters::user_id.eq(user_id));
    let written = diesel::update(own)
        .set((
            saved_filters::name.eq(&new.name),
            saved_filters::query.eq(&new.query),
            saved_filters::is_default.eq(new.is_default),
        ))
        .execute(connection)?;
    Ok(written == 1)
}

/// The list opens with no other view of theirs.
///
/// # Errors
/// The database's.
pub fn only_default(connection: &mut AnyConnection, user_id: UserId, id: SavedFilterId) -> QueryResult<()> {
    let others = saved_filters::table.filter(saved_filters::user_id.eq(user_id)).filter(saved_filters::id.ne(id));
    diesel::update(others).set(saved_filters::is_default.eq(false)).execute(connection)?;
    Ok(())
}

/// Forgets a view of somebody's; `false` where they have none of that number.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, user_id: UserId, id: SavedFilterId) -> QueryResult<bool> {
    let own = saved_filters::table.filter(saved_filters::id.eq(id)).filter(saved_filters::user_id.eq(user_id));
    Ok(diesel::delete(own).execute(connection)? == 1)
}
