//! The history.

use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use shared::diff::{Change, Version};
use shared::event::{Event, EventName};
use shared::workflow::Status;

use crate::audit;
use crate::db::AnyConnection;
use crate::db::types::{Json, Name, utc};
use crate::models::user::shown_name;
use crate::schema::{enrollments, events, users};

/// What happened, to record.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// To which enrollment.
    pub enrollment_id: i64,
    /// What.
    pub name: EventName,
    /// What the actor wrote about it.
    pub comment: String,
    /// What changed in the content.
    pub changes: Vec<Change>,
    /// For a submission: the whole version.
    pub snapshot: Option<Version>,
    /// Who; `None` for the clock.
    pub user_id: Option<i64>,
    /// When.
    pub created_at: NaiveDateTime,
}

/// The last event of an enrollment, as far as the next one needs it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct LastEvent {
    /// Its number.
    pub id: i64,
    /// What happened.
    pub name: Name<EventName>,
    /// What changed.
    pub changes: Json<Vec<Change>>,
    /// Who did it.
    pub user_id: Option<i64>,
    /// Who acted for them.
    pub administrator_id: Option<i64>,
    /// When.
    pub created_at: NaiveDateTime,
}

/// An event that somebody made, with who they are.
#[derive(Debug)]
pub struct NamedEvent {
    /// Its number.
    pub id: i64,
    /// Who did it.
    pub user_id: i64,
    /// What they wrote about it.
    pub comment: String,
    /// What changed.
    pub changes: Json<Vec<Change>>,
    /// Who did it, as readers see them.
    pub author: String,
    /// When.
    pub created_at: NaiveDateTime,
}

/// Records an event and returns its number.
///
/// # Errors
/// The database's.
pub fn insert(connection: &mut AnyConnection, event: NewEvent) -> QueryResult<i64> {
    diesel::insert_into(events::table)
        .values((
            events::enrollment_id.eq(event.enrollment_id),
            events::name.eq(Name(event.name)),
            events::comment.eq(event.comment),
            events::changes.eq(Json(event.changes)),
            events::snapshot.eq(event.snapshot.map(Json)),
            events::user_id.eq(event.user_id),
            events::administrator_id.eq(event.user_id.and_then(|_| audit::administrator())),
            events::created_at.eq(event.created_at),
        ))
        .returning(events::id)
        .get_result(connection)
}

/// The last event of an enrollment.
///
/// # Errors
/// The database's.
pub fn last(connection: &mut AnyConnection, enrollment_id: i64) -> QueryResult<Option<LastEvent>> {
    events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .order(events::id.desc())
        .select(LastEvent::as_select())
        .first(connection)
        .optional()
}

/// The last event of that name, if there is one.
///
/// # Errors
/// The database's.
pub fn last_of(connection: &mut AnyConnection, enrollment_id: i64, name: EventName) -> QueryResult<Option<NamedEvent>> {
    type Row = (i64, i64, String, Json<Vec<Change>>, NaiveDateTime, (String, String, String));

    let row: Option<Row> = events::table
        .inner_join(users::table)
        .filter(events::enrollment_id.eq(enrollment_id))
        .filter(events::name.eq(Name(name)))
        .order(events::id.desc())
        .select((
            events::id,
            users::id,
            events::comment,
            events::changes,
            events::created_at,
            (users::given_name, users::family_name, users::email),
        ))
        .first(connection)
        .optional()?;
    Ok(row.map(|(id, user_id, comment, changes, created_at, author)| NamedEvent {
        id,
        user_id,
        comment,
        changes,
        author: shown_name(author),
        created_at,
    }))
}

/// The version that was last submitted before an event.
///
/// # Errors
/// The database's.
pub fn submission_before(
    connection: &mut AnyConnection,
    enrollment_id: i64,
    event: i64,
) -> QueryResult<Option<Version>> {
    let snapshot: Option<Option<Json<Version>>> = events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .filter(events::name.eq(Name(EventName::Submit)))
        .filter(events::id.lt(event))
        .order(events::id.desc())
        .select(events::snapshot)
        .first(connection)
        .optional()?;
    Ok(snapshot.flatten().map(|json| json.0))
}

/// The enrollments of these statuses to which nothing has happened since, the longest idle first.
///
/// # Errors
/// The database's.
pub fn idle_since(connection: &mut AnyConnection, statuses: &[Status], since: NaiveDateTime) -> QueryResult<Vec<i64>> {
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
pub fn rewrite(connection: &mut AnyConnection, id: i64, changes: Vec<Change>) -> QueryResult<()> {
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
pub fn history(connection: &mut AnyConnection, enrollment_id: i64) -> QueryResult<Vec<Event>> {
    type Author = Option<(String, String, String)>;
    type Row = (i64, Name<EventName>, String, Json<Vec<Change>>, NaiveDateTime, Option<i64>, Author);

    let rows: Vec<Row> = events::table
        .left_join(users::table)
        .filter(events::enrollment_id.eq(enrollment_id))
        .order(events::id)
        .select((
            events::id,
            events::name,
            events::comment,
            events::changes,
            events::created_at,
            events::administrator_id,
            (users::given_name, users::family_name, users::email).nullable(),
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, comment, changes, created_at, administrator, author)| Event {
            id,
            name: name.0,
            comment,
            changes: changes.0,
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

/// The last versions that were submitted, newest first.
///
/// # Errors
/// The database's.
pub fn submissions(connection: &mut AnyConnection, enrollment_id: i64, limit: i64) -> QueryResult<Vec<Version>> {
    let rows: Vec<Option<Json<Version>>> = events::table
        .filter(events::enrollment_id.eq(enrollment_id))
        .filter(events::name.eq(Name(EventName::Submit)))
        .order(events::id.desc())
        .limit(limit)
        .select(events::snapshot)
        .load(connection)?;
    Ok(rows.into_iter().flatten().map(|json| json.0).collect())
}

/// Every submission of an enrollment: number and day, newest first.
///
/// # Errors
/// The database's.
pub fn submission_days(connection: &mut AnyConnection, enrollment_id: i64) -> QueryResult<Vec<(i64, NaiveDateTime)>> {
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
pub fn submission(connection: &mut AnyConnection, enrollment_id: i64, id: i64) -> QueryResult<Version> {
    let snapshot: Option<Json<Version>> = events::table
        .find(id)
        .filter(events::enrollment_id.eq(enrollment_id))
        .select(events::snapshot)
        .first(connection)?;
    snapshot.map(|json| json.0).ok_or(diesel::result::Error::NotFound)
}
