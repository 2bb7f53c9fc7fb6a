//! How much somebody has sent lately, and keeps: what their quotas are compared with.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use shared::workflow::Status;

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::ids::UserId;
use crate::schema::{documents, enrollments, messages};

/// How many drafts somebody has.
///
/// # Errors
/// The database's.
pub fn drafts(connection: &mut AnyConnection, user_id: UserId) -> QueryResult<i64> {
    let own = enrollments::table.filter(enrollments::demandeur_id.eq(user_id));
    own.filter(enrollments::status.eq(Name(Status::Draft))).count().get_result(connection)
}

/// How many requests somebody has begun since then.
///
/// # Errors
/// The database's.
pub fn begun_since(connection: &mut AnyConnection, user_id: UserId, since: NaiveDateTime) -> QueryResult<i64> {
    // What was begun since was changed since, which the index knows.
    let own =
        enrollments::table.filter(enrollments::demandeur_id.eq(user_id)).filter(enrollments::updated_at.ge(since));
    own.filter(enrollments::created_at.ge(since)).count().get_result(connection)
}

/// How many bytes the documents of somebody's requests have.
///
/// # Errors
/// The database's.
pub fn document_bytes(connection: &mut AnyConnection, user_id: UserId) -> QueryResult<i64> {
    // A sum of `BIGINT` is a decimal on PostgreSQL.
    let bytes = sql::<BigInt>("CAST(COALESCE(SUM(documents.size), 0) AS BIGINT)");
    let own = documents::table.inner_join(enrollments::table).filter(enrollments::demandeur_id.eq(user_id));
    own.select(bytes).get_result(connection)
}

/// How many documents were joined to somebody's requests since then.
///
/// # Errors
/// The database's.
pub fn uploads_since(connection: &mut AnyConnection, user_id: UserId, since: NaiveDateTime) -> QueryResult<i64> {
    let own = documents::table.inner_join(enrollments::table).filter(enrollments::demandeur_id.eq(user_id));
    own.filter(documents::created_at.ge(since)).count().get_result(connection)
}

/// How many messages somebody has written since then.
///
/// # Errors
/// The database's.
pub fn messages_since(connection: &mut AnyConnection, user_id: UserId, since: NaiveDateTime) -> QueryResult<i64> {
    let own = messages::table.filter(messages::user_id.eq(user_id)).filter(messages::created_at.ge(since));
    own.count().get_result(connection)
}
