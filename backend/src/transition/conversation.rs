//! Messages between applicant and instructors, and the notes of the administration. They change nothing of the enrollment.

use diesel::QueryResult;
use shared::api::EnrollmentRow;
use shared::event::EventName;
use shared::message::{Audience, Message, NewMessage};
use shared::rights;
use shared::user::{Role, User};
use shared::workflow::Action;

use super::facts::Facts;
use super::{Context, Loaded};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::models::{message, user};
use crate::{notification, outbox};

/// What a user may read of it: nothing of the notes for those who are not of the administration.
fn audiences(user: &User, loaded: &Loaded) -> Vec<Audience> {
    let mut audiences = vec![Audience::Applicant, Audience::Instructors];
    if rights::allowed(user, Action::Annotate, &loaded.subject()).is_ok() {
        audiences.push(Audience::Administration);
    }
    audiences
}

/// On which side somebody reads and writes messages, if on any.
fn side(user: &User, loaded: &Loaded) -> Option<Audience> {
    if user.id == loaded.record.demandeur_id {
        Some(Audience::Applicant)
    } else {
        user.is_instructor(&loaded.record.target_api).then_some(Audience::Instructors)
    }
}

/// Everything that was written and that this user may read, oldest first.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn messages(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Vec<Message>> {
    let loaded = Loaded::find(connection, context, id)?;
    rights::allowed(user, Action::Show, &loaded.subject())?;
    Ok(message::of_enrollment(connection, id, &audiences(user, &loaded))?)
}

/// What was written to this user's side is read from now on. Nothing happens for those who are on no side.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn mark_read(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Vec<Message>> {
    let loaded = Loaded::find(connection, context, id)?;
    rights::allowed(user, Action::Show, &loaded.subject())?;
    if let Some(side) = side(user, &loaded) {
        message::mark_read(connection, id, side, context.now.naive_utc())?;
    }
    Ok(message::of_enrollment(connection, id, &audiences(user, &loaded))?)
}

/// Writes a message to the other side, which gets a mail that leads to it, or a note.
///
/// # Errors
/// No such enrollment (404); not allowed (403); put away (409); empty, too long, or with what nobody sees (400).
pub fn write(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    new: &NewMessage,
) -> Result<Vec<Message>> {
    let loaded = Loaded::find(connection, context, id)?;
    let action = if new.note { Action::Annotate } else { Action::Notify };
    super::permitted(&loaded, user, action, None)?;
    let body = super::tidied("body", &new.body)?;
    if body.is_empty() {
        return Err(Error::BadRequest("body\u{a0}: écrivez un texte.".to_owned()));
    }
    let audience = match (new.note, side(user, &loaded)) {
        (true, _) => Audience::Administration,
        (false, Some(Audience::Applicant)) => Audience::Instructors,
        (false, _) => Audience::Applicant,
    };
    message::insert(connection, id, user.id, audience, &body, context.now.naive_utc())?;
    let recipients = match audience {
        Audience::Applicant => vec![user::find(connection, loaded.record.demandeur_id)?.email],
        Audience::Instructors => told(connection, &loaded)?,
        Audience::Administration => Vec::new(),
    };
    let facts = Facts::of(&loaded.record);
    // Nothing happens to the enrollment: no event's own words are used.
    let event = EventName::Update;
    let mails = super::with_notice(connection, context, &loaded, user, event, "", &facts, |notice| {
        notification::message(notice, &recipients)
    })?;
    outbox::enqueue(connection, id, loaded.record.version, mails)?;
    Ok(message::of_enrollment(connection, id, &audiences(user, &loaded))?)
}

/// Who is told of what applicants write: those who asked to be told of their requests.
fn told(connection: &mut AnyConnection, loaded: &Loaded) -> Result<Vec<String>> {
    let roles: Vec<Role> = notification::subscriber_roles(&loaded.policy, &loaded.record.content.0);
    Ok(user::emails_with_roles(connection, &roles)?)
}

/// Tells of each row how many messages wait for this user's side.
///
/// # Errors
/// The database's.
pub fn count_unread(connection: &mut AnyConnection, user: &User, rows: &mut [EnrollmentRow]) -> QueryResult<()> {
    let is_own = |row: &EnrollmentRow| row.demandeur_email == user.email;
    let numbers = |own: bool| rows.iter().filter(|row| is_own(row) == own).map(|row| row.id).collect::<Vec<_>>();
    let (own, others) = (numbers(true), numbers(false));
    for (numbers, audience) in [(own, Audience::Applicant), (others, Audience::Instructors)] {
        if numbers.is_empty() {
            continue;
        }
        let counts = message::unread(connection, &numbers, audience)?;
        for row in rows.iter_mut().filter(|row| numbers.contains(&row.id)) {
            let is_theirs = audience == Audience::Applicant || user.is_instructor(&row.target_api);
            row.unread = counts.get(&row.id).copied().filter(|_| is_theirs).unwrap_or_default();
        }
    }
    Ok(())
}

/// How many messages wait for this user's side.
///
/// # Errors
/// The database's.
pub(super) fn unread(connection: &mut AnyConnection, user: &User, loaded: &Loaded) -> Result<i64> {
    let id = loaded.record.id;
    Ok(match side(user, loaded) {
        Some(side) => message::unread(connection, &[id], side)?.get(&id).copied().unwrap_or_default(),
        None => 0,
    })
}
