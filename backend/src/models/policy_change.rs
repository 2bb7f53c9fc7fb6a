//! What administrators have done to the policies in force: texts that were published, withdrawn, files read again.

use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;
use shared::policy_file::PolicyChange;

use super::user::shown_name;
use crate::connection::types::utc;
use crate::connection::{AnyConnection, lock};
use crate::ids::UserId;
use crate::schema::{policy_changes, users};

/// The most changes of an API that are shown.
const SHOWN: i64 = 200;

/// See [`lock_changes`]. Any constant would do.
const LOCK: i64 = 0x6461_7461_706f_6c69;

/// A change that is to be written down.
#[derive(Clone, Debug)]
pub struct NewChange {
    /// The API; `None`: the files were read again.
    pub target_api: Option<String>,
    /// The policy file; `None`: that of the server is in force.
    pub text: Option<String>,
    pub reason: String,
    pub actor_id: UserId,
    pub at: NaiveDateTime,
}

/// A policy file that is in force, unless this version cannot read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub target_api: String,
    pub text: String,
}

/// What all changes come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The number of the last; 0 where there is none.
    pub latest: i64,
    /// The number of the last by which files were read again; 0 where there is none.
    pub reread: i64,
    pub published: Vec<Published>,
}

/// Held from here to the end of the transaction, so that the numbers of changes come in the order in which they can be read:
/// whoever follows them looks at the last one alone.
///
/// # Errors
/// The database's.
pub fn lock_changes(connection: &mut AnyConnection) -> QueryResult<()> {
    lock(connection, LOCK)
}

/// Writes a change down; its number. [`lock_changes`] comes before.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, change: &NewChange) -> QueryResult<i64> {
    diesel::insert_into(policy_changes::table)
        .values((
            policy_changes::target_api.eq(&change.target_api),
            policy_changes::text.eq(&change.text),
            policy_changes::reason.eq(&change.reason),
            policy_changes::actor_id.eq(change.actor_id),
            policy_changes::created_at.eq(change.at),
        ))
        .returning(policy_changes::id)
        .get_result(connection)
}

/// The number of the last change; 0 where there is none.
///
/// # Errors
/// The database's.
pub fn latest(connection: &mut AnyConnection) -> QueryResult<i64> {
    let latest: Option<i64> = policy_changes::table.select(max(policy_changes::id)).get_result(connection)?;
    Ok(latest.unwrap_or_default())
}

/// The number of the last change of an API, if there is one.
///
/// # Errors
/// The database's.
pub fn latest_of(connection: &mut AnyConnection, target_api: &str) -> QueryResult<Option<i64>> {
    let own = policy_changes::table.filter(policy_changes::target_api.eq(target_api));
    own.select(max(policy_changes::id)).get_result(connection)
}

/// What all changes come to. What is written meanwhile may be among them, and is then told once more.
///
/// # Errors
/// The database's.
pub fn all(connection: &mut AnyConnection) -> QueryResult<Changes> {
    let latest = latest(connection)?;
    let rereads = policy_changes::table.filter(policy_changes::target_api.is_null());
    let reread: Option<i64> = rereads.select(max(policy_changes::id)).get_result(connection)?;
    let last: Vec<Option<i64>> = policy_changes::table
        .filter(policy_changes::target_api.is_not_null())
        .group_by(policy_changes::target_api)
        .select(max(policy_changes::id))
        .load(connection)?;
    let rows: Vec<(Option<String>, Option<String>)> = policy_changes::table
        .filter(policy_changes::id.eq_any(last.into_iter().flatten().collect::<Vec<i64>>()))
        .filter(policy_changes::text.is_not_null())
        .order(policy_changes::target_api)
        .select((policy_changes::target_api, policy_changes::text))
        .load(connection)?;
    let published = rows.into_iter().filter_map(|(api, text)| Some(Published { target_api: api?, text: text? }));
    Ok(Changes { latest, reread: reread.unwrap_or_default(), published: published.collect() })
}

/// The changes of an API, newest first.
///
/// # Errors
/// The database's.
pub fn of_api(connection: &mut AnyConnection, target_api: &str) -> QueryResult<Vec<PolicyChange>> {
    type Row = (i64, bool, String, NaiveDateTime, (String, String, String));

    let rows: Vec<Row> = policy_changes::table
        .inner_join(users::table)
        .filter(policy_changes::target_api.eq(target_api))
        .order(policy_changes::id.desc())
        .limit(SHOWN)
        .select((
            policy_changes::id,
            policy_changes::text.is_not_null(),
            policy_changes::reason,
            policy_changes::created_at,
            (users::given_name, users::family_name, users::email),
        ))
        .load(connection)?;
    let change = |(id, is_published, reason, at, name): Row| PolicyChange {
        id,
        is_published,
        reason,
        actor: shown_name(name),
        created_at: utc(at),
    };
    Ok(rows.into_iter().map(change).collect())
}

/// The text that a change of an API has published.
///
/// # Errors
/// There is none, or the database's.
pub fn text(connection: &mut AnyConnection, target_api: &str, id: i64) -> QueryResult<String> {
    policy_changes::table
        .find(id)
        .filter(policy_changes::target_api.eq(target_api))
        .select(policy_changes::text)
        .first::<Option<String>>(connection)?
        .ok_or(diesel::result::Error::NotFound)
}
