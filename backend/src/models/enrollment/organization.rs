//! What an organisation has under way and what it holds, as its members see it: no content.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::enrollment::AuthorisationState;
use shared::organization::Siret;
use shared::workflow::Status;

use crate::connection::AnyConnection;
use crate::connection::types::Name;
use crate::ids::{AuthorisationId, EnrollmentId, UserId};
use crate::schema::{authorisations, enrollments, users};

/// A request without its content.
#[derive(Clone, Debug, Queryable)]
pub struct MemberRow {
    pub id: EnrollmentId,
    pub target_api: String,
    pub status: Name<Status>,
    pub reopening: bool,
    pub created_at: NaiveDateTime,
    pub submitted_at: Option<NaiveDateTime>,
    pub validated_at: Option<NaiveDateTime>,
    pub demandeur_id: UserId,
    pub given_name: String,
    pub family_name: String,
    /// What is in force for it.
    pub authorisation: Option<AuthorisationId>,
}

/// The requests of an organisation (for that API, unless it is empty) that have one of these statuses, newest first, from
/// before that number; at most `limit`.
///
/// # Errors
/// The database's.
pub fn requests(
    connection: &mut AnyConnection,
    (siret, target_api): (&Siret, &str),
    statuses: &[Status],
    before: Option<EnrollmentId>,
    limit: i64,
) -> QueryResult<Vec<MemberRow>> {
    let in_force = authorisations::enrollment_id
        .eq(enrollments::id)
        .and(authorisations::state.eq(Name(AuthorisationState::Active)));
    let statuses: Vec<Name<Status>> = statuses.iter().copied().map(Name).collect();
    let mut query = enrollments::table
        .inner_join(users::table)
        .left_join(authorisations::table.on(in_force))
        .filter(enrollments::siret.eq(siret.as_str()))
        .filter(enrollments::status.eq_any(statuses))
        .filter(enrollments::id.lt(before.unwrap_or(EnrollmentId(i64::MAX))))
        .order(enrollments::id.desc())
        .limit(limit)
        .into_boxed();
    if !target_api.is_empty() {
        query = query.filter(enrollments::target_api.eq(target_api.to_owned()));
    }
    query
        .select((
            enrollments::id,
            enrollments::target_api,
            enrollments::status,
            enrollments::reopening,
            enrollments::created_at,
            enrollments::submitted_at,
            enrollments::validated_at,
            enrollments::demandeur_id,
            users::given_name,
            users::family_name,
            authorisations::id.nullable(),
        ))
        .load(connection)
}
