//! The audit log: entries, their chain, and pages of them.

pub mod chain;
pub mod things;

use chrono::NaiveDateTime;
use diesel::dsl::{exists, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;
use shared::audit::{Outcome, READS};

use super::role::escaped;
use crate::connection::search::Condition;
use crate::connection::types::Name;
use crate::connection::{AnyConnection, MultiBackend, lock, lower};
use crate::ids::UserId;
use crate::on_each;
use crate::schema::{accounts, audit_entries, join_requests, role_changes, role_requests, users};

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

/// Entries, newest first.
///
/// # Errors
/// The database's.
pub fn list(connection: &mut AnyConnection, wanted: &AuditQuery) -> QueryResult<Vec<StoredEntry>> {
    filtered(wanted)
        .order(audit_entries::id.desc())
        .limit(wanted.limit)
        .select(StoredEntry::as_select())
        .load(connection)
}

fn filtered<'a>(wanted: &AuditQuery) -> audit_entries::BoxedQuery<'a, MultiBackend> {
    let mut query = audit_entries::table.into_boxed();
    if let Some(person) = &wanted.person {
        query = query.filter(concerns_person(person));
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
    query
}

/// Whether an entry is by these people, or about them, their roles or their memberships.
fn concerns_person(person: &str) -> Condition<audit_entries::table> {
    let pattern = format!("%{}%", escaped(person));
    let found = users::table.filter(
        users::email.like(pattern.clone()).escape('\\').or(lower(
            users::given_name.concat(" ").concat(users::family_name),
        )
        .like(pattern.clone())
        .escape('\\')),
    );
    let changes = role_changes::table.filter(
        role_changes::email
            .like(pattern.clone())
            .escape('\\')
            .or(role_changes::email.eq_any(found.clone().select(users::email))),
    );
    let requests = role_requests::table.filter(role_requests::user_id.eq_any(found.clone().select(users::id)));
    let memberships = join_requests::table.inner_join(accounts::table).filter(
        accounts::email.like(pattern.clone()).escape('\\').or(lower(
            accounts::given_name.concat(" ").concat(accounts::family_name),
        )
        .like(pattern)
        .escape('\\')),
    );
    let by = audit_entries::actor_id
        .eq_any(found.clone().select(users::id.nullable()))
        .or(audit_entries::administrator_id.eq_any(found.clone().select(users::id.nullable())));
    // The numbers of things are texts in the log.
    let user =
        audit_entries::object.eq("user").and(audit_entries::object_id.eq_any(found.clone().select(number("users"))));
    let role_change = audit_entries::object
        .eq("role_change")
        .and(audit_entries::object_id.eq_any(changes.select(number("role_changes"))));
    let role_request = audit_entries::object
        .eq("role_request")
        .and(audit_entries::object_id.eq_any(requests.select(number("role_requests"))));
    let membership = audit_entries::object
        .eq("membership")
        .and(audit_entries::object_id.eq_any(memberships.select(number("join_requests"))));
    Box::new(by.assume_not_null().or(user).or(role_change).or(role_request).or(membership))
}

/// The number of a row, as a text.
fn number(table: &str) -> SqlLiteral<Text> {
    sql(&format!("CAST({table}.id AS TEXT)"))
}
