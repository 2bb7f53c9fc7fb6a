//! Who takes care of which enrollment, and how many wait.

use chrono::NaiveDate;
use diesel::prelude::*;
use shared::api::MAX_COUNTED;
use shared::queue::{Colleague, QueueCounts};
use shared::rights::{ListScope, RoleScope};
use shared::user::{Demarches, Role};
use shared::workflow::Status;

use super::PUT_AWAY;
use super::list::parts::{by_api, instructed, visible, within};
use crate::connection::counted::Counted;
use crate::connection::search::Condition;
use crate::connection::types::Name;
use crate::connection::{AnyConnection, MultiBackend};
use crate::ids::{EnrollmentId, UserId};
use crate::models::user::{self, shown_name};
use crate::schema::{enrollments, user_roles, users};

/// What was not put away, the most frequent first.
const PRESENT: [Status; 6] =
    [Status::Validated, Status::Refused, Status::Draft, Status::Submitted, Status::ChangesRequested, Status::Revoked];

/// Nothing more is expected of the administration, unless the applicant comes back.
const ANSWERED: [Status; 4] = [Status::Validated, Status::Refused, Status::Revoked, Status::Archived];

/// Who takes care of an enrollment, and who does from now on; nobody, where it is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Handover {
    /// Who has it.
    pub from: Option<UserId>,
    /// Who gets it.
    pub to: Option<UserId>,
}

/// Hands an enrollment over, if `from` still has it and it was not put away; `false` where that is no longer so.
///
/// # Errors
/// The database's.
pub fn assign(connection: &mut AnyConnection, id: EnrollmentId, Handover { from, to }: Handover) -> QueryResult<bool> {
    let is_theirs: Condition<enrollments::table> = match from {
        Some(from) => Box::new(enrollments::assigned_to.eq(from).assume_not_null()),
        None => Box::new(enrollments::assigned_to.is_null()),
    };
    let present = enrollments::table
        .filter(enrollments::id.eq(id))
        .filter(enrollments::status.ne_all(PUT_AWAY))
        .filter(is_theirs);
    Ok(diesel::update(present).set(enrollments::assigned_to.eq(to)).execute(connection)? == 1)
}

/// Gives back what somebody took care of and that has no answer yet; how many there were.
///
/// # Errors
/// The database's.
pub fn give_back(connection: &mut AnyConnection, user_id: UserId) -> QueryResult<usize> {
    let answered: Vec<_> = ANSWERED.into_iter().map(Name).collect();
    let theirs =
        enrollments::table.filter(enrollments::assigned_to.eq(user_id)).filter(enrollments::status.ne_all(answered));
    diesel::update(theirs).set(enrollments::assigned_to.eq(None::<UserId>)).execute(connection)
}

/// Gives back what the people of that e-mail address took care of in an API and no longer instruct.
///
/// # Errors
/// The database's.
pub fn give_back_of(connection: &mut AnyConnection, email: &str, target_api: &str) -> QueryResult<()> {
    let role = Role::Instructor { target_api: target_api.to_owned(), demarches: Demarches::All };
    let people = users::table.filter(users::email.eq(email)).select(users::id);
    for id in people.load::<UserId>(connection)? {
        let theirs =
            enrollments::table.filter(enrollments::target_api.eq(target_api)).filter(enrollments::assigned_to.eq(id));
        let kept = user_roles::table.filter(user_roles::user_id.eq(id)).select(user_roles::role);
        let kept: Vec<String> = kept.load(connection)?;
        let kept: Vec<Role> = kept.iter().filter_map(|role| role.parse().ok()).collect();
        let is_kept =
            |demarche: &str| kept.iter().any(|kept| kept.name() == role.name() && kept.demarches().include(demarche));
        let numbers: Vec<(EnrollmentId, String)> =
            theirs.select((enrollments::id, enrollments::demarche)).load(connection)?;
        let lost: Vec<EnrollmentId> =
            numbers.into_iter().filter(|(_, demarche)| !is_kept(demarche)).map(|(number, _)| number).collect();
        diesel::update(enrollments::table.filter(enrollments::id.eq_any(lost)))
            .set(enrollments::assigned_to.eq(None::<UserId>))
            .execute(connection)?;
    }
    Ok(())
}

/// The instructors of an API, by name; of a démarche of it, where there is one.
///
/// # Errors
/// The database's.
pub fn instructors(
    connection: &mut AnyConnection,
    target_api: &str,
    demarche: Option<&str>,
) -> QueryResult<Vec<Colleague>> {
    type Row = (i64, (String, String, String), Option<NaiveDate>);

    let role = Role::Instructor { target_api: target_api.to_owned(), demarches: Demarches::All };
    let includes = |role: &Role| demarche.is_none_or(|demarche| role.demarches().include(demarche));
    let holders = user::holders_of(connection, &[role], includes)?;
    let ids: Vec<UserId> = holders.into_iter().map(|(id, _)| id).collect();
    let rows: Vec<Row> = users::table
        .filter(users::id.eq_any(ids))
        .order((users::family_name, users::given_name, users::id))
        .select((users::id, (users::given_name, users::family_name, users::email), users::absent_until))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, absent_until)| Colleague { id, name: shown_name(name), absent_until })
        .collect())
}

/// Until which day somebody is absent.
///
/// # Errors
/// There is nobody of that number, or the database's.
pub fn absence(connection: &mut AnyConnection, user_id: UserId) -> QueryResult<Option<NaiveDate>> {
    users::table.find(user_id).select(users::absent_until).first(connection)
}

/// Writes down until which day somebody is absent.
///
/// # Errors
/// The database's.
pub fn set_absence(connection: &mut AnyConnection, user_id: UserId, until: Option<NaiveDate>) -> QueryResult<()> {
    diesel::update(users::table.find(user_id)).set(users::absent_until.eq(until)).execute(connection)?;
    Ok(())
}

/// How many enrollments each view holds, each counted up to [`MAX_COUNTED`] and one more, for who sees that `scope`. Messages
/// are those of what they instruct, `own`.
///
/// # Errors
/// The database's.
pub fn counts(connection: &mut AnyConnection, scope: &ListScope, own: &[RoleScope]) -> QueryResult<QueueCounts> {
    let me = UserId(scope.demandeur_id);
    let mut counts = QueueCounts::default();
    // Whoever sees everything sees what is archived in every list.
    let archived = scope.everything.then_some(Status::Archived);
    for part in instructed(scope) {
        let all = || enrollments::table.into_boxed().filter(visible(&part));
        // What waits was not put away: not to ask is to read nothing but an index.
        let waiting = || all().filter(enrollments::waiting_from.is_not_null());
        let of = |status| all().filter(enrollments::status.eq(Name(status)));
        // One status after the other, the most frequent first: an index begins with what was put away.
        for status in PRESENT.into_iter().chain(archived) {
            add(connection, &mut counts.all, of(status))?;
        }
        add(connection, &mut counts.changes_requested, of(Status::ChangesRequested))?;
        add(connection, &mut counts.submitted, waiting())?;
        add(connection, &mut counts.unassigned, waiting().filter(enrollments::assigned_to.is_null()))?;
        add(connection, &mut counts.waiting_for_me, waiting().filter(enrollments::assigned_to.eq(me)))?;
        add(connection, &mut counts.resubmitted, waiting().filter(enrollments::resubmitted))?;
    }
    let present = || present(archived);
    add(connection, &mut counts.mine, present().filter(enrollments::assigned_to.eq(me)).filter(within(own)))?;
    for part in by_api(own) {
        add(connection, &mut counts.unread, present().filter(visible(&part)).filter(enrollments::unread))?;
    }
    Ok(counts)
}

/// How many requests that these roles show wait for the administration, up to [`MAX_COUNTED`] and one more.
///
/// # Errors
/// The database's.
pub fn count_waiting(connection: &mut AnyConnection, own: &[RoleScope]) -> QueryResult<i64> {
    let mut count = 0;
    for part in by_api(own) {
        let waiting = enrollments::table.into_boxed().filter(visible(&part));
        add(connection, &mut count, waiting.filter(enrollments::waiting_from.is_not_null()))?;
    }
    Ok(count)
}

/// What was not put away, and what is of that status.
fn present<'a>(also: Option<Status>) -> enrollments::BoxedQuery<'a, MultiBackend> {
    // One by one: a list of values would have the statement prepared anew each time.
    let query = enrollments::table.into_boxed();
    let left_out = PUT_AWAY.into_iter().filter(|status| Some(status.0) != also);
    left_out.fold(query, |query, status| query.filter(enrollments::status.ne(status)))
}

/// Adds how many rows a query has to what was counted, as far as that still matters.
fn add(
    connection: &mut AnyConnection,
    counted: &mut i64,
    query: enrollments::BoxedQuery<'_, MultiBackend>,
) -> QueryResult<()> {
    let missing = MAX_COUNTED + 1 - *counted;
    if missing > 0 {
        *counted += Counted(query.select(enrollments::id).limit(missing)).get_result::<i64>(connection)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_present_or_put_away() {
        let put_away = PUT_AWAY.map(|status| status.0);
        assert!(Status::ALL.iter().all(|status| PRESENT.contains(status) != put_away.contains(status)));
    }
}
