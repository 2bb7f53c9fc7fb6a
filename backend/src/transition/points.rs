//! The points of a request for changes: made with it, answered by the applicant, read with what changed since.

use shared::change_point::{ChangePoint, MAX_POINTS, NewPoint, PointAnswer};
use shared::diff::{self, Version};
use shared::draft::Draft;
use shared::policy::Policy;
use shared::problem::ItemCode;
use shared::workflow::{Action, EventName, Status};

use super::{Loaded, Tx};
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, EventId, PointId};
use crate::models::{change_point, event};

/// The points as they are kept.
///
/// # Errors
/// 400: too many, about what the form does not show, or without readable words.
pub(super) fn checked(policy: &Policy, draft: &Draft, points: Vec<NewPoint>) -> Result<Vec<NewPoint>> {
    if points.len() > MAX_POINTS {
        let detail = format!("Une demande compte au plus {MAX_POINTS} points.");
        return Err(Error::pointer("/points", ItemCode::TooLong, detail));
    }
    points.into_iter().enumerate().map(|(index, point)| checked_point(policy, draft, index, point)).collect()
}

fn checked_point(policy: &Policy, draft: &Draft, index: usize, point: NewPoint) -> Result<NewPoint> {
    if !point.target().is_shown(policy, draft) {
        let detail = format!("Le formulaire ne montre pas le champ «\u{a0}{}\u{a0}».", point.field);
        return Err(Error::pointer(format!("/points/{index}/field"), ItemCode::NotEligible, detail));
    }
    let pointer = format!("/points/{index}/comment");
    let comment = super::tidied(&pointer, &point.comment)?;
    if comment.is_empty() {
        return Err(Error::pointer(pointer, ItemCode::Required, "Dites ce qui est à reprendre."));
    }
    Ok(NewPoint { comment, ..point })
}

/// The request for changes that is being answered, or whose answer waits for a decision.
///
/// An offer that stands, or was declined, is no request for changes: that of before counts if it was answered.
fn round(connection: &mut AnyConnection, loaded: &Loaded) -> Result<Option<EventId>> {
    let record = &loaded.record;
    let is_open = match record.status.0 {
        Status::ChangesRequested => record.resubmitted || !record.offered,
        Status::Submitted => record.resubmitted,
        _ => false,
    };
    if !is_open {
        return Ok(None);
    }
    Ok(event::last_of(connection, record.id, EventName::RequestChanges)?.map(|asked| asked.id))
}

/// Its points, each with what was changed since the submission that they are about.
pub(super) fn current(connection: &mut AnyConnection, loaded: &Loaded, present: &Version) -> Result<Vec<ChangePoint>> {
    let id = loaded.record.id;
    let Some(round) = round(connection, loaded)? else { return Ok(Vec::new()) };
    let mut points: Vec<ChangePoint> = change_point::of_enrollment(connection, id)?
        .into_iter()
        .filter(|(event, _)| *event == round)
        .map(|(_, point)| point)
        .collect();
    if points.is_empty() {
        return Ok(points);
    }
    let about = event::submission_before(connection, id, round)?.unwrap_or_default();
    let changes = diff::diff(&about, present);
    for point in &mut points {
        point.change = point.target().change(&changes);
    }
    Ok(points)
}

/// Answers a point of the request for changes that stands, or takes the answer back. Brings all of its points.
///
/// # Errors
/// No such enrollment or point (404); not allowed (403); not from this status (409); unreadable words (400).
pub fn answer(tx: &mut Tx<'_>, id: EnrollmentId, point: PointId, answer: &PointAnswer) -> Result<Vec<ChangePoint>> {
    let loaded = tx.load_for(Action::Update, id)?;
    let round = round(tx.connection, &loaded)?.ok_or(Error::NotFound)?;
    let words = super::tidied("/answer", answer.answer.as_deref().unwrap_or_default())?;
    let answered_at = answer.answer.is_some().then(|| tx.now());
    if !change_point::answer(tx.connection, round, point, &words, answered_at)? {
        return Err(Error::NotFound);
    }
    let present = loaded.version(tx.connection)?;
    current(tx.connection, &loaded, &present)
}
