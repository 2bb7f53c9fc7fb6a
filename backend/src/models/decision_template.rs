//! The templates of the messages that go with the decisions of an API.

use diesel::prelude::*;
use shared::decision_message::{DecisionTemplate, NewDecisionTemplate};
use shared::workflow::Action;

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::ids::DecisionTemplateId;
use crate::schema::decision_templates;

/// Those of an API, by name.
///
/// # Errors
/// The database's.
pub fn of_api(connection: &mut AnyConnection, target_api: &str) -> QueryResult<Vec<DecisionTemplate>> {
    type Row = (i64, Name<Action>, String, String, bool);

    let rows: Vec<Row> = decision_templates::table
        .filter(decision_templates::target_api.eq(target_api))
        .order((decision_templates::name, decision_templates::id))
        .select((
            decision_templates::id,
            decision_templates::decision,
            decision_templates::name,
            decision_templates::body,
            decision_templates::is_default,
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, decision, name, body, is_default)| DecisionTemplate {
            id,
            decision: decision.0,
            name,
            body,
            is_default,
        })
        .collect())
}

/// Keeps a template.
///
/// # Errors
/// The API has one of that name for that decision; the database's.
pub fn insert(
    connection: &mut AnyConnection,
    target_api: &str,
    new: &NewDecisionTemplate,
) -> QueryResult<DecisionTemplateId> {
    diesel::insert_into(decision_templates::table)
        .values((
            decision_templates::target_api.eq(target_api),
            decision_templates::decision.eq(Name(new.decision)),
            decision_templates::name.eq(&new.name),
            decision_templates::body.eq(&new.body),
            decision_templates::is_default.eq(new.is_default),
        ))
        .returning(decision_templates::id)
        .get_result(connection)
}

/// Writes a template of an API anew; `false` where it has none of that number.
///
/// # Errors
/// The API has another of that name for that decision; the database's.
pub fn update(
    connection: &mut AnyConnection,
    target_api: &str,
    id: DecisionTemplateId,
    new: &NewDecisionTemplate,
) -> QueryResult<bool> {
    let own = decision_templates::table
        .filter(decision_templates::id.eq(id))
        .filter(decision_templates::target_api.eq(target_api));
    let written = diesel::update(own)
        .set((
            decision_templates::decision.eq(Name(new.decision)),
            decision_templates::name.eq(&new.name),
            decision_templates::body.eq(&new.body),
            decision_templates::is_default.eq(new.is_default),
        ))
        .execute(connection)?;
    Ok(written == 1)
}

/// The messages of that decision begin with no other template.
///
/// # Errors
/// The database's.
pub fn only_default(
    connection: &mut AnyConnection,
    (target_api, decision): (&str, Action),
    id: DecisionTemplateId,
) -> QueryResult<()> {
    let others = decision_templates::table
        .filter(decision_templates::target_api.eq(target_api))
        .filter(decision_templates::decision.eq(Name(decision)))
        .filter(decision_templates::id.ne(id));
    diesel::update(others).set(decision_templates::is_default.eq(false)).execute(connection)?;
    Ok(())
}

/// Removes a template of an API; `false` where it has none of that number.
///
/// # Errors
/// The database's.
pub fn delete(connection: &mut AnyConnection, target_api: &str, id: DecisionTemplateId) -> QueryResult<bool> {
    let own = decision_templates::table
        .filter(decision_templates::id.eq(id))
        .filter(decision_templates::target_api.eq(target_api));
    Ok(diesel::delete(own).execute(connection)? == 1)
}
