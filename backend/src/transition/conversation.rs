//! Messages between applicant and instructors, and the notes of the administration. They change nothing of the enrollment.

use diesel::QueryResult;
use shared::api::EnrollmentRow;
use shared::message::{Audience, Message, NewMessage};
use shared::problem::ItemCode;
use shared::rights;
use shared::user::User;
use shared::workflow::{Action, EventName};

use super::announcing::{Announcement, applicant_email, post, with_notice};
use super::{Loaded, Tx, quotas};
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, UserId};
use crate::models::message;
use crate::outbox::Topic;
use crate::{notification, outbox};

/// What a user may read of it: nothing of the notes for those who are not of the administration.
fn audiences(user: &User, loaded: &Loaded) -> Vec<Audience> {
    let mut audiences = vec![Audience::Applicant, Audience::Instructors];
    if rights::allowed(user, Action::Annotate, &loaded.subject()).is_ok() {
        audiences.push(Audience::Administration);
    }
    audiences
}

/// Whether somebody reads and writes messages as the applicant or as an instructor, if as either.
pub(super) fn side(user: &User, loaded: &Loaded) -> Option<Audience> {
    if UserId::of(user) == loaded.record.demandeur_id {
        Some(Audience::Applicant)
    } else {
        rights::instructs(user, &loaded.record.target_api, &loaded.record.demarche).then_some(Audience::Instructors)
    }
}

/// Everything that was written and that this user may read, oldest first.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn messages(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Vec<Message>> {
    let loaded = tx.load_correspondence(id)?;
    Ok(message::of_enrollment(tx.connection, id, &audiences(tx.user, &loaded))?)
}

/// Marks what was written to this user's side as read. Nothing happens for those who are on no side.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn mark_read(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Vec<Message>> {
    let loaded = tx.load_correspondence(id)?;
    if let Some(side) = side(tx.user, &loaded) {
        mark_side_read(tx, id, side)?;
    }
    Ok(message::of_enrollment(tx.connection, id, &audiences(tx.user, &loaded))?)
}

/// What was written to that side is read, and the mail that was to say so has nothing to say any more.
fn mark_side_read(tx: &mut Tx<'_>, id: EnrollmentId, side: Audience) -> Result<()> {
    if message::mark_read(tx.connection, id, side, tx.now())? {
        outbox::discard(tx.connection, id, topic_of(side))?;
    }
    Ok(())
}

/// The mails that tell that side of what was written to it.
const fn topic_of(side: Audience) -> Topic {
    match side {
        Audience::Applicant => Topic::MessageToApplicant,
        Audience::Instructors | Audience::Administration => Topic::MessageToInstructors,
    }
}

/// Whoever decides has read what the applicant wrote before.
///
/// # Errors
/// The database's.
pub(super) fn mark_decided(tx: &mut Tx<'_>, loaded: &Loaded, event: EventName) -> Result<()> {
    let is_decision = matches!(
        event,
        EventName::RequestChanges
            | EventName::Validate
            | EventName::OfferPartialGrant
            | EventName::Refuse
            | EventName::Revoke
            | EventName::Archive
    );
    if is_decision && tx.user_id() != loaded.record.demandeur_id {
        mark_side_read(tx, loaded.record.id, Audience::Instructors)?;
    }
    Ok(())
}

/// Writes a message to the other side, which gets a mail that leads to it, or a note.
///
/// # Errors
/// No such enrollment (404); not allowed (403); put away (409); empty, too long, or with what nobody sees (400).
pub fn write(tx: &mut Tx<'_>, id: EnrollmentId, new: &NewMessage) -> Result<Vec<Message>> {
    let loaded = tx.load_for(if new.note { Action::Annotate } else { Action::Notify }, id)?;
    let side = side(tx.user, &loaded);
    let body = super::tidied("/body", &new.body)?;
    if body.is_empty() {
        return Err(Error::pointer("/body", ItemCode::Required, "Écrivez un texte."));
    }
    let audience = match (new.note, side) {
        (true, _) => Audience::Administration,
        (false, Some(Audience::Applicant)) => Audience::Instructors,
        (false, _) => Audience::Applicant,
    };
    quotas::message(tx)?;
    message::insert(tx.connection, id, tx.user_id(), audience, &body, tx.now())?;
    // Who answers has read what they answer.
    if let Some(side) = side.filter(|_| !new.note) {
        mark_side_read(tx, id, side)?;
    }
    if !new.note {
        tell(tx, &loaded, audience)?;
    }
    Ok(message::of_enrollment(tx.connection, id, &audiences(tx.user, &loaded))?)
}

/// Tells the other side of what it has not read yet.
fn tell(tx: &mut Tx<'_>, loaded: &Loaded, audience: Audience) -> Result<()> {
    let id = loaded.record.id;
    let unread = message::unread(tx.connection, [id.0])?.get(&(id.0, audience)).copied().unwrap_or_default();
    let applicant = applicant_email(tx, loaded)?;
    let announcement = Announcement {
        tells_subscribers: audience == Audience::Instructors,
        unread,
        ..Announcement::of_no_event(loaded, &applicant)
    };
    let letters = with_notice(tx.connection, tx.context, loaded, announcement, |notice| match audience {
        Audience::Applicant => notification::message_to_applicant(notice),
        Audience::Instructors => notification::message_to_subscribers(notice),
        Audience::Administration => Ok(Vec::new()),
    })?;
    let topic = Some(topic_of(audience));
    post(tx.connection, tx.context, loaded, (loaded.record.version, topic), letters)
}

/// Tells of each row how many messages wait for this user's side.
///
/// # Errors
/// The database's.
pub fn count_unread(connection: &mut AnyConnection, user: &User, rows: &mut [EnrollmentRow]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let counts = message::unread(connection, rows.iter().map(|row| row.id))?;
    for row in rows {
        let side = if row.demandeur_id == user.id {
            Some(Audience::Applicant)
        } else {
            rights::instructs(user, &row.target_api, &row.counts_as).then_some(Audience::Instructors)
        };
        row.unread = side.and_then(|side| counts.get(&(row.id, side))).copied().unwrap_or_default();
    }
    Ok(())
}
