//! Who takes care of which enrollment, and how many wait.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use shared::message::Audience;
use shared::queue::{Colleague, QueueCounts};
use shared::rights::ListScope;
use shared::user::Role;
use shared::workflow::Status;

use super::list::{instructed, visible};
use crate::db::AnyConnection;
use crate::db::search::Condition;
use crate::db::types::Name;
use crate::models::user::shown_name;
use crate::schema::{enrollments, messages, user_roles, users};

/// Nothing more is expected of the administration, unless the applicant comes back.
const ANSWERED: [Status; 4] = [Status::Validated, Status::Refused, Status::Revoked, Status::Archived];

/// Gives an enrollment to somebody, if `from` still has it and it was not put away; `false` where that is no longer so.
///
/// # Errors
/// The database's.
pub fn assign(connection: &mut AnyConnection, id: i64, from: Option<i64>, to: Option<i64>) -> QueryResult<bool> {
    let is_theirs: Condition<enrollments::table> = match from {
        Some(from) => Box::new(enrollments::assigned_to.eq(from).assume_not_null()),
        None => Box::new(enrollments::assigned_to.is_null()),
    };
    let present = enrollments::table
        .filter(enrollments::id.eq(id))
        .filter(enrollments::status.ne(Name(Status::Archived)))
        .filter(is_theirs);
    Ok(diesel::update(present).set(enrollments::assigned_to.eq(to)).execute(connection)? == 1)
}

/// Gives back what somebody took care of and that has no answer yet; how many there were.
///
/// # Errors
/// The database's.
pub fn give_back(connection: &mut AnyConnection, user_id: i64) -> QueryResult<usize> {
    let answered: Vec<_> = ANSWERED.into_iter().map(Name).collect();
    let theirs =
        enrollments::table.filter(enrollments::assigned_to.eq(user_id)).filter(enrollments::status.ne_all(answered));
    diesel::update(theirs).set(enrollments::assigned_to.eq(None::<i64>)).execute(connection)
}

/// Gives back all of an API that the people of that e-mail address took care of.
///
/// # Errors
/// The database's.
pub fn give_back_of(connection: &mut AnyConnection, email: &str, target_api: &str) -> QueryResult<()> {
    let people = users::table.filter(users::email.eq(email)).select(users::id.nullable());
    let theirs = enrollments::table
        .filter(enrollments::target_api.eq(target_api))
        .filter(enrollments::assigned_to.eq_any(people));
    diesel::update(theirs).set(enrollments::assigned_to.eq(None::<i64>)).execute(connection)?;
    Ok(())
}

/// The instructors of an API, by name.
///
/// # Errors
/// The database's.
pub fn instructors(connection: &mut AnyConnection, target_api: &str) -> QueryResult<Vec<Colleague>> {
    type Row = (i64, (String, String, String), Option<NaiveDate>);

    let role = Role::Instructor { target_api: target_api.to_owned() };
    let rows: Vec<Row> = users::table
        .inner_join(user_roles::table)
        .filter(user_roles::role.eq(role.to_string()))
        .order((users::family_name, users::given_name, users::id))
        .select((users::id, (users::given_name, users::family_name, users::email), users::absent_until))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, absent_until)| Colleague { id, name: shown_name(name), absent_until })
        .collect())
}

/// First and last names of these people.
///
/// # Errors
/// The database's.
pub fn names(connection: &mut AnyConnection, ids: Vec<i64>) -> QueryResult<BTreeMap<i64, String>> {
    let rows: Vec<(i64, (String, String, String))> = users::table
        .filter(users::id.eq_any(ids))
        .select((users::id, (users::given_name, users::family_name, users::email)))
        .load(connection)?;
    Ok(rows.into_iter().map(|(id, name)| (id, shown_name(name))).collect())
}

/// Until which day somebody is absent.
///
/// # Errors
/// There is nobody of that number, or the database's.
pub fn absence(connection: &mut AnyConnection, user_id: i64) -> QueryResult<Option<NaiveDate>> {
    users::table.find(user_id).select(users::absent_until).first(connection)
}

/// Writes down until which day somebody is absent.
///
/// # Errors
/// The database's.
pub fn set_absence(connection: &mut AnyConnection, user_id: i64, until: Option<NaiveDate>) -> QueryResult<()> {
    diesel::update(users::table.find(user_id)).set(users::absent_until.eq(until)).execute(connection)?;
    Ok(())
}

/// How many enrollments each view holds, for who sees that `scope`. Messages are those of the APIs in `own`, which they
/// instruct.
///
/// # Errors
/// The database's.
pub fn counts(connection: &mut AnyConnection, scope: &ListScope, own: &[String]) -> QueryResult<QueueCounts> {
    let me = scope.demandeur_id;
    let mut counts = QueueCounts::default();
    for part in instructed(scope) {
        let by_status: Vec<(Name<Status>, i64)> = enrollments::table
            .filter(visible(&part))
            .filter(enrollments::status.ne(Name(Status::Archived)))
            .group_by(enrollments::status)
            .select((enrollments::status, count_star()))
            .load(connection)?;
        for (status, count) in by_status {
            counts.all += count;
            if status.0 == Status::ChangesRequested {
                counts.changes_requested += count;
            }
        }
        let waiting: Vec<(Option<i64>, bool, i64)> = enrollments::table
            .filter(visible(&part))
            .filter(enrollments::waiting_from.is_not_null())
            .group_by((enrollments::assigned_to, enrollments::resubmitted))
            .select((enrollments::assigned_to, enrollments::resubmitted, count_star()))
            .load(connection)?;
        for (assigned_to, resubmitted, count) in waiting {
            counts.submitted += count;
            counts.unassigned += if assigned_to.is_none() { count } else { 0 };
            counts.waiting_for_me += if assigned_to == Some(me) { count } else { 0 };
            counts.resubmitted += if resubmitted { count } else { 0 };
        }
    }
    counts.mine = enrollments::table
        .filter(enrollments::assigned_to.eq(me))
        .filter(enrollments::target_api.eq_any(own.to_vec()))
        .filter(enrollments::status.ne(Name(Status::Archived)))
        .count()
        .get_result(connection)?;
    let unread: Vec<i64> = messages::table
        .inner_join(enrollments::table)
        .filter(messages::audience.eq(Name(Audience::Instructors)))
        .filter(messages::read_at.is_null())
        .filter(enrollments::target_api.eq_any(own.to_vec()))
        .filter(enrollments::status.ne(Name(Status::Archived)))
        .select(messages::enrollment_id)
        .distinct()
        .load(connection)?;
    counts.unread = i64::try_from(unread.len()).unwrap_or(i64::MAX);
    Ok(counts)
}
