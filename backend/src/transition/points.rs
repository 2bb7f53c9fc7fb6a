//! The points of a request for changes: made with it, answered by the applicant, read with what changed since.

use shared::change_point::{ChangePoint, MAX_POINTS, NewPoint, PointAnswer};
use shared::diff::{self, Version};
use shared::draft::Draft;
use shared::policy::Policy;
use shared::problem::ItemCode;
use shared::workflow::Action;

use super::{Tx, permitted};
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, PointId};
use crate::models::change_point;

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

/// The points, each with what was changed since the submission that they are about.
pub(super) fn with_changes(
    mut points: Vec<ChangePoint>,
    about: Option<Version>,
    present: &Version,
) -> Vec<ChangePoint> {
    if points.is_empty() {
        return points;
    }
    let changes = diff::diff(&about.unwrap_or_default(), present);
    for point in &mut points {
        point.change = point.target().change(&changes);
    }
    points
}

/// Answers a point of the request for changes that stands, or takes the answer back. Brings all of its points.
///
/// # Errors
/// No such enrollment or point (404); not allowed (403); not from this status (409); unreadable words (400).
pub fn answer(tx: &mut Tx<'_>, id: EnrollmentId, point: PointId, answer: &PointAnswer) -> Result<Vec<ChangePoint>> {
    let (loaded, beside) = tx.load_shown(id)?;
    permitted(&loaded, tx.user, Action::Update, None)?;
    if beside.points.iter().all(|other| other.id != point.0) {
        return Err(Error::NotFound);
    }
    let words = super::tidied("/answer", answer.answer.as_deref().unwrap_or_default())?;
    let answered_at = answer.answer.is_some().then(|| tx.now());
    change_point::answer(tx.connection, point, &words, answered_at)?;
    let (loaded, beside) = tx.load_shown(id)?;
    let present = Version { content: loaded.record.content.0, documents: beside.documents };
    Ok(with_changes(beside.points, beside.points_about, &present))
}
