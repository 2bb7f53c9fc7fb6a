//! The audit log: entries, their chain, and pages of them.

pub mod chain;
pub mod things;

use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Text;
use shared::audit::{Outcome, READS};

use super::role::{escaped, lower};
use crate::connection::types::Name;
use crate::connection::{AnyConnection, MultiBackend, lock};
use crate::ids::UserId;
use crate::on_each;
use crate::schema::{audit_entries, role_changes, role_requests, users};

/// Held by whoever seals. Any constant would do.
const SEAL_LOCK: i64 = 0x6461_7461_7365_616c;

/// An entry to store.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = audit_entries)]
pub struct NewEntry {
    pub at: NaiveDateTime,
    /// `None` for the operator of the server, and for its antivirus.
    pub actor_id: Option<UserId>,
    /// The administrator who acted for them.
    pub administrator_id: Option<UserId>,
    pub action: String,
    /// On what sort of thing.
    pub object: String,
    /// On which.
    pub object_id: String,
    /// In which request.
    pub request_id: String,
    /// What became of it.
    pub outcome: Name<Outcome>,
    /// How often.
    pub times: i64,
}

/// An entry as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = audit_entries)]
pub struct StoredEntry {
    pub id: i64,
    pub at: NaiveDateTime,
    /// `None` for the operator of the server, and for its antivirus.
    pub actor_id: Option<UserId>,
    /// The administrator who acted for them.
    pub administrator_id: Option<UserId>,
    pub action: String,
    /// On what sort of thing.
    pub object: String,
    /// On which.
    pub object_id: String,
    /// In which request.
    pub request_id: String,
    /// What became of it.
    pub outcome: Name<Outcome>,
    /// Its place in the chain, once it is sealed.
    pub sequence: Option<i64>,
    /// Its hash, once it is sealed.
    pub hash: Option<String>,
    /// How often it was done.
    pub times: i64,
}

/// Stores entries, unsealed.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, entries: &[NewEntry]) -> QueryResult<()> {
    on_each!(connection, c => diesel::insert_into(audit_entries::table).values(entries).execute(c))?;
    Ok(())
}

/// Whether there are entries that are not sealed yet.
///
/// # Errors
/// The database's.
pub fn has_unsealed(connection: &mut AnyConnection) -> QueryResult<bool> {
    diesel::select(exists(audit_entries::table.filter(audit_entries::sequence.is_null()))).get_result(connection)
}

/// How many entries are not sealed yet.
///
/// # Errors
/// The database's.
pub fn unsealed(connection: &mut AnyConnection) -> QueryResult<i64> {
    audit_entries::table.filter(audit_entries::sequence.is_null()).count().get_result(connection)
}

/// Appends entries to the chain, in the order of their numbers. One at a time: another process waits.
///
/// # Errors
/// The database's.
pub fn seal(connection: &mut AnyConnection, limit: i64) -> QueryResult<()> {
    lock(connection, SEAL_LOCK)?;
    let head: Option<(Option<i64>, Option<String>)> = audit_entries::table
        .filter(audit_entries::sequence.is_not_null())
        .order(audit_entries::sequence.desc())
        .select((audit_entries::sequence, audit_entries::hash))
        .first(connection)
        .optional()?;
    let (sequence, hash) = head.unwrap_or_default();
    let (mut sequence, mut hash) = (sequence.unwrap_or_default(), hash.unwrap_or_default());
    let entries: Vec<StoredEntry> = audit_entries::table
        .filter(audit_entries::sequence.is_null())
        .order(audit_entries::id)
        .limit(limit)
        .select(StoredEntry::as_select())
        .load(connection)?;
    let mut sealed = Vec::with_capacity(entries.len());
    for entry in entries {
        sequence += 1;
        hash = chain::hash(&hash, sequence, &entry);
        sealed.push((entry.id, sequence, hash.clone()));
    }
    if sealed.is_empty() { Ok(()) } else { put_seals(connection, &sealed) }
}

/// Writes numbers, places and hashes in one statement: there are as many as reads.
fn put_seals(connection: &mut AnyConnection, sealed: &[(i64, i64, String)]) -> QueryResult<()> {
    let seals =
        serde_json::to_string(sealed).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let rows = match connection {
        AnyConnection::Postgres(_) => {
            "SELECT (value ->> 0)::bigint AS id, (value ->> 1)::bigint AS sequence, value ->> 2 AS hash \
             FROM json_array_elements($1::json)"
        }
        AnyConnection::Sqlite(_) => {
            "SELECT value ->> 0 AS id, value ->> 1 AS sequence, value ->> 2 AS hash FROM json_each($1)"
        }
    };
    let statement = format!(
        "UPDATE audit_entries SET sequence = sealed.sequence, hash = sealed.hash FROM ({rows}) AS sealed \
         WHERE audit_entries.id = sealed.id"
    );
    on_each!(connection, c => diesel::sql_query(statement).bind::<Text, _>(seals).execute(c))?;
    Ok(())
}

/// The last entry that is sealed: its place, from 1, and its hash. Place 0 where there is none.
///
/// # Errors
/// The database's.
pub fn head(connection: &mut AnyConnection) -> QueryResult<(i64, String)> {
    let last: Option<(Option<i64>, Option<String>)> = audit_entries::table
        .filter(audit_entries::sequence.is_not_null())
        .order(audit_entries::sequence.desc())
        .select((audit_entries::sequence, audit_entries::hash))
        .first(connection)
        .optional()?;
    Ok(last.map(|(sequence, hash)| (sequence.unwrap_or(0), hash.unwrap_or_default())).unwrap_or_default())
}

/// The sealed entries after that place, in the order of the chain.
///
/// # Errors
/// The database's.
pub fn sealed_after(connection: &mut AnyConnection, sequence: i64, limit: i64) -> QueryResult<Vec<StoredEntry>> {
    audit_entries::table
        .filter(audit_entries::sequence.gt(sequence))
        .order(audit_entries::sequence)
        .limit(limit)
        .select(StoredEntry::as_select())
        .load(connection)
}

/// Which entries. Empty members filter nothing.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Part of the name or of the e-mail address, in lower case, of who did it, of the administrator who acted for them, or of
    /// whom it is about.
    pub person: Option<String>,
    /// The sort of thing.
    pub object: Option<String>,
    /// Which thing.
    pub object_id: Option<String>,
    pub action: Option<String>,
    /// From when on.
    pub from: Option<NaiveDateTime>,
    /// Before when.
    pub until: Option<NaiveDateTime>,
    /// Without reads that were not refused.
    pub without_reads: bool,
    /// Only those before that number.
    pub before: Option<i64>,
    pub limit: i64,
}

/// How many people a filter may mean.
const PEOPLE: i64 = 500;

/// Entries, newest first.
///
/// # Errors
/// The database's.
pub fn list(connection: &mut AnyConnection, wanted: &AuditQuery) -> QueryResult<Vec<StoredEntry>> {
    let query = filtered(connection, wanted)?;
    query.order(audit_entries::id.desc()).limit(wanted.limit).select(StoredEntry::as_select()).load(connection)
}

fn filtered<'a>(
    connection: &mut AnyConnection,
    wanted: &AuditQuery,
) -> QueryResult<audit_entries::BoxedQuery<'a, MultiBackend>> {
    let mut query = audit_entries::table.into_boxed();
    if let Some(person) = &wanted.person {
        let People { users, role_changes, role_requests } = people(connection, person)?;
        let about = |object: &'static str, ids: Vec<i64>| {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            audit_entries::object.eq(object).and(audit_entries::object_id.eq_any(ids))
        };
        let by =
            audit_entries::actor_id.eq_any(users.clone()).or(audit_entries::administrator_id.eq_any(users.clone()));
        let concerned = about("user", users.iter().map(|id| id.0).collect())
            .or(about("role_change", role_changes))
            .or(about("role_request", role_requests));
        query = query.filter(by.assume_not_null().or(concerned));
    }
    if let Some(object) = &wanted.object {
        query = query.filter(audit_entries::object.eq(object.clone()));
    }
    if let Some(id) = &wanted.object_id {
        query = query.filter(audit_entries::object_id.eq(id.clone()));
    }
    if let Some(action) = &wanted.action {
        query = query.filter(audit_entries::action.eq(action.clone()));
    }
    if let Some(from) = wanted.from {
        query = query.filter(audit_entries::at.ge(from));
    }
    if let Some(until) = wanted.until {
        query = query.filter(audit_entries::at.lt(until));
    }
    if wanted.without_reads {
        let reads = READS.iter().map(|(action, _)| *action);
        let is_refused = audit_entries::outcome.eq(Name(Outcome::Denied));
        query = query.filter(audit_entries::action.ne_all(reads).or(is_refused));
    }
    if let Some(before) = wanted.before {
        query = query.filter(audit_entries::id.lt(before));
    }
    Ok(query)
}

/// Those that a filter means, and what was done about their roles.
struct People {
    users: Vec<UserId>,
    role_changes: Vec<i64>,
    role_requests: Vec<i64>,
}

fn people(connection: &mut AnyConnection, person: &str) -> QueryResult<People> {
    let pattern = format!("%{}%", escaped(person));
    let name = lower(users::given_name.concat(" ").concat(users::family_name));
    let is_meant = users::email.like(pattern.clone()).escape('\\').or(name.like(pattern.clone()).escape('\\'));
    let found: Vec<(UserId, String)> =
        users::table.filter(is_meant).limit(PEOPLE).select((users::id, users::email)).load(connection)?;
    let (users, emails): (Vec<UserId>, Vec<String>) = found.into_iter().unzip();
    let theirs = role_changes::email.like(pattern).escape('\\').or(role_changes::email.eq_any(emails));
    Ok(People {
        role_changes: role_changes::table.filter(theirs).limit(PEOPLE).select(role_changes::id).load(connection)?,
        role_requests: role_requests::table
            .filter(role_requests::user_id.eq_any(&users))
            .select(role_requests::id)
            .load(connection)?,
        users,
    })
}
