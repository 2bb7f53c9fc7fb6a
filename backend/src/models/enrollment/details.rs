//! What an export says of requests beyond what a list does, of many at once.

use std::collections::BTreeMap;

use diesel::prelude::*;
use shared::draft::Draft;

use crate::connection::AnyConnection;
use crate::connection::types::Json;
use crate::ids::EnrollmentId;
use crate::schema::enrollments;

/// What a list leaves out.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = enrollments)]
pub struct Details {
    pub id: EnrollmentId,
    /// What the applicant wrote.
    pub content: Json<Draft>,
    /// Where its organisation is; empty where that is not known.
    pub zip_code: String,
    pub city: String,
    /// The request that this one follows.
    pub previous_enrollment_id: Option<i64>,
    /// The request that it renews.
    pub copied_from_id: Option<i64>,
    /// Seconds that the administration took in its turns before the present one.
    pub waited: i64,
}

/// The details of these requests.
///
/// # Errors
/// The database's.
pub fn of(connection: &mut AnyConnection, ids: &[EnrollmentId]) -> QueryResult<BTreeMap<EnrollmentId, Details>> {
    let rows: Vec<Details> = enrollments::table
        .filter(enrollments::id.eq_any(ids.to_vec()))
        .select(Details::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
