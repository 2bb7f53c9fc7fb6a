//! Every policy under which an enrollment was ever written.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::policy::Policy;

use crate::connection::AnyConnection;
use crate::connection::types::Json;
use crate::on_each;
use crate::schema::policy_revisions;

/// Stores a revision; nothing happens where it is known.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, policy: &Policy, now: NaiveDateTime) -> QueryResult<()> {
    let row = (
        policy_revisions::revision.eq(&policy.revision),
        policy_revisions::target_api.eq(&policy.target_api),
        policy_revisions::content.eq(Json(policy.clone())),
        policy_revisions::created_at.eq(now),
    );
    on_each!(connection, c => {
        diesel::insert_into(policy_revisions::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// The APIs that there ever was a policy for.
///
/// # Errors
/// The database's.
pub fn apis(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    policy_revisions::table.select(policy_revisions::target_api).distinct().load(connection)
}

/// The policy as it was at that revision.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, target_api: &str, revision: &str) -> QueryResult<Policy> {
    policy_revisions::table
        .find(revision)
        .filter(policy_revisions::target_api.eq(target_api))
        .select(policy_revisions::content)
        .first::<Json<Policy>>(connection)
        .map(|json| json.0)
}
