//! The history.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use shared::diff::{Change, Version};
use shared::event::Event;
use shared::workflow::{Action, EventName, Status};

use crate::connection::AnyConnection;
use crate::connection::types::{Json, Name, utc};
use crate::ids::{EnrollmentId, EventId, UserId};
use crate::models::user::shown_name;
use crate::schema::{enrollments, events, users};

/// What happened, to record.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub enrollment_id: EnrollmentId,
    pub name: EventName,
    /// What the actor wrote about it.
    pub comment: String,
    /// What changed in the content.
    pub changes: Vec<Change>,
    /// For a submission: the whole version.
    pub snapshot: Option<Version>,
    /// For a submission: the version is that of before.
    pub without_changes: bool,
    /// Who; `None` for the clock.
    pub user_id: Option<UserId>,
    /// The administrator who acts for them, if one does.
    pub administrator_id: Option<UserId>,
    pub created_at: NaiveDateTime,
}

/// The last event of an enrollment, as far as the next one needs it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct LastEvent {
    pub id: EventId,
    /// What happened.
    pub name: Name<EventName>,
    /// What changed.
    pub changes: Json<Vec<Change>>,
    /// Who did it.
    pub user_id: Option<UserId>,
    /// Who acted for them.
    pub administrator_id: Option<UserId>,
    pub created_at: NaiveDateTime,
}

/// A partial grant that was offered.
#[derive(Debug, Queryable)]
pub struct OfferEvent {
    /// Who offers it.
    pub user_id: Option<UserId>,
    /// Why not all of it.
    pub comment: String,
    /// What would change.
    pub changes: Json<Vec<Change>>,
}

/// Records an event and returns its number.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, event: NewEvent) -> QueryResult<EventId> {
    diesel::insert_into(events::table)
        .values((
            events::enrollment_id.eq(event.enrollment_id),
            events::name.eq(Name(event.name)),
            events::comment.eq(event.comment),
            events::changes.eq(Json(event.changes)),
            events::snapshot.eq(event.snapshot.map(Json)),
            events::without_changes.eq(event.without_changes),
            events::user_id.eq(event.user_id),
            events::administrator_id.eq(event.administrator_id),
            events::created_at.eq(event.created_at),
        ))
        .returning(events::id)
        .get_result(connection)
}

/// The last event of an enrollment.
///
/// # Errors
/// The database's.
pub fn last(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Option<LastEvent>> {
    events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .order(events::id.desc())
        .select(LastEvent::as_select())
        .first(connection)
        .optional()
}

/// The partial grant that was offered last, if there is one.
///
/// # Errors
/// The database's.
pub fn last_offer(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Option<OfferEvent>> {
    events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .filter(events::name.eq(Name(EventName::OfferPartialGrant)))
        .order(events::id.desc())
        .select((events::user_id, events::comment, events::changes))
        .first(connection)
        .optional()
}

/// What the partial grant would change that was accepted at that instant, if one was.
///
/// # Errors
/// The database's.
pub fn offer_accepted_at(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    at: NaiveDateTime,
) -> QueryResult<Option<Vec<Change>>> {
    let of_both = [EventName::OfferPartialGrant, EventName::AcceptOffer].map(Name);
    let last: Vec<(Name<EventName>, NaiveDateTime, Json<Vec<Change>>)> = events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .filter(events::name.eq_any(of_both))
        .filter(events::created_at.le(at))
        .order(events::id.desc())
        .limit(2)
        .select((events::name, events::created_at, events::changes))
        .load(connection)?;
    match <[_; 2]>::try_from(last) {
        Ok([(Name(EventName::AcceptOffer), accepted_at, _), (Name(EventName::OfferPartialGrant), _, offered)])
            if accepted_at == at =>
        {
            Ok(Some(offered.0))
        }
        _ => Ok(None),
    }
}

/// The last event of one of these names for each of these enrollments that have one: its name, who made it, when.
///
/// # Errors
/// The database's.
pub fn last_of_each(
    connection: &mut AnyConnection,
    enrollments: &[EnrollmentId],
    names: &[EventName],
) -> QueryResult<BTreeMap<EnrollmentId, (EventName, String, NaiveDateTime)>> {
    type Author = Option<(String, String, String)>;
    type Row = (EnrollmentId, Name<EventName>, NaiveDateTime, Option<UserId>, Author);

    let rows: Vec<Row> = events::table
        .left_join(users::table)
        .filter(events::enrollment_id.eq_any(enrollments.to_vec()))
        .filter(events::name.eq_any(names.iter().copied().map(Name).collect::<Vec<_>>()))
        .order(events::id)
        .select((
            events::enrollment_id,
            events::name,
            events::created_at,
            events::administrator_id,
            (users::given_name, users::family_name, users::email).nullable(),
        ))
        .load(connection)?;
    let last = rows.into_iter().map(|(id, name, created_at, administrator, author)| {
        (id, (name.0, author_name(author.map(shown_name), administrator.is_some()), created_at))
    });
    Ok(last.collect())
}

/// What has happened to an enrollment since it was started, or since its last update was begun, oldest first.
///
/// # Errors
/// The database's.
pub fn since_begun(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Vec<EventName>> {
    let names: Vec<Name<EventName>> = events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .order(events::id)
        .select(events::name)
        .load(connection)?;
    let names = names.rsplit(|name| name.0 == EventName::Reopen).next().unwrap_or_default();
    Ok(names.iter().map(|name| name.0).collect())
}

/// The enrollments of these statuses to which nothing has happened since, the longest idle first.
///
/// # Errors
/// The database's.
pub fn idle_since(
    connection: &mut AnyConnection,
    statuses: &[Status],
    since: NaiveDateTime,
) -> QueryResult<Vec<EnrollmentId>> {
    let later = diesel::alias!(events as later);
    let nothing_later = later
        .filter(later.field(events::enrollment_id).eq(events::enrollment_id))
        .filter(later.field(events::id).gt(events::id));
    events::table
        .inner_join(enrollments::table)
        .filter(enrollments::status.eq_any(statuses.iter().copied().map(Name).collect::<Vec<_>>()))
        .filter(events::created_at.le(since))
        .filter(not(exists(nothing_later)))
        .order((events::created_at, events::id))
        .select(events::enrollment_id)
        .load(connection)
}

/// Rewrites what an event says has changed; with nothing left to say, the event goes.
///
/// # Errors
/// The database's.
pub fn rewrite(connection: &mut AnyConnection, id: EventId, changes: Vec<Change>) -> QueryResult<()> {
    let event = events::table.find(id);
    if changes.is_empty() {
        diesel::delete(event).execute(connection)?;
    } else {
        diesel::update(event).set(events::changes.eq(Json(changes))).execute(connection)?;
    }
    Ok(())
}

/// The whole history, oldest first.
///
/// # Errors
/// The database's.
pub fn history(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Vec<Event>> {
    type Author = Option<(String, String, String)>;
    type Row = (i64, Name<EventName>, String, Json<Vec<Change>>, bool, NaiveDateTime, Option<UserId>, Author);

    let rows: Vec<Row> = events::table
        .left_join(users::table)
        .filter(events::enrollment_id.eq(enrollment_id))
        .order(events::id)
        .select((
            events::id,
            events::name,
            events::comment,
            events::changes,
            events::without_changes,
            events::created_at,
            events::administrator_id,
            (users::given_name, users::family_name, users::email).nullable(),
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, comment, changes, without_changes, created_at, administrator, author)| Event {
            id,
            name: name.0,
            comment,
            changes: changes.0,
            without_changes,
            points: Vec::new(),
            author: author_name(author.map(shown_name), administrator.is_some()),
            created_at: utc(created_at),
        })
        .collect())
}

fn author_name(name: Option<String>, by_administrator: bool) -> String {
    match name {
        None => "DataPass".to_owned(),
        Some(name) if by_administrator => format!("{name} (par un administrateur)"),
        Some(name) => name,
    }
}

/// What was written with that step in these enrollments, the latest first; of each enrollment, every text once.
///
/// # Errors
/// The database's.
pub fn comments(connection: &mut AnyConnection, ids: &[EnrollmentId], step: Action) -> QueryResult<Vec<String>> {
    let rows: Vec<(EnrollmentId, String)> = events::table
        .filter(events::enrollment_id.eq_any(ids.to_vec()))
        .filter(events::name.eq(Name(step)))
        .filter(events::comment.ne(""))
        .order(events::id.desc())
        .select((events::enrollment_id, events::comment))
        .load(connection)?;
    let mut seen = BTreeSet::new();
    Ok(rows.into_iter().filter(|row| seen.insert(row.clone())).map(|(_, comment)| comment).collect())
}

/// What was changed by events of that name since then, oldest first.
///
/// # Errors
/// The database's.
pub fn changes_since(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    name: EventName,
    since: NaiveDateTime,
) -> QueryResult<Vec<Change>> {
    let rows: Vec<Json<Vec<Change>>> = events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .filter(events::name.eq(Name(name)))
        .filter(events::created_at.ge(since))
        .order(events::id)
        .select(events::changes)
        .load(connection)?;
    Ok(rows.into_iter().flat_map(|changes| changes.0).collect())
}

/// What the last submission of an enrollment handed over, if there was one.
///
/// # Errors
/// The database's.
pub fn last_submission(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Option<Version>> {
    let snapshot: Option<Option<Json<Version>>> = events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .filter(events::name.eq(Name(EventName::Submit)))
        .order(events::id.desc())
        .select(events::snapshot)
        .first(connection)
        .optional()?;
    Ok(snapshot.flatten().map(|json| json.0))
}

/// Every submission of an enrollment: number and day, newest first.
///
/// # Errors
/// The database's.
pub fn submission_days(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
) -> QueryResult<Vec<(EventId, NaiveDateTime)>> {
    events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .filter(events::snapshot.is_not_null())
        .order(events::id.desc())
        .select((events::id, events::created_at))
        .load(connection)
}

/// What that submission of that enrollment handed over.
///
/// # Errors
/// There is none, or the database's.
pub fn submission(connection: &mut AnyConnection, enrollment_id: EnrollmentId, id: EventId) -> QueryResult<Version> {
    let snapshot: Option<Json<Version>> = events::table
        .find(id)
        .filter(events::enrollment_id.eq(enrollment_id))
        .select(events::snapshot)
        .first(connection)?;
    snapshot.map(|json| json.0).ok_or(diesel::result::Error::NotFound)
}
