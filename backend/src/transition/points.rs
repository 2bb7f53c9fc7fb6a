//! The points of a request for changes: made with it, answered by the applicant, read with what changed since.

use shared::change_point::{ChangePoint, MAX_POINTS, NewPoint, PointAnswer};
use shared::diff::{self, Version};
use shared::enrollment::Draft;
use shared::event::EventName;
use shared::policy::Policy;
use shared::text;
use shared::user::User;
use shared::workflow::{Action, Status};

use super::{Context, Loaded, permitted};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::models::{change_point, document, event};

/// The points as they are kept.
///
/// # Errors
/// 400: too many, about what the form does not show, or without readable words.
pub(super) fn checked(policy: &Policy, draft: &Draft, points: Vec<NewPoint>) -> Result<Vec<NewPoint>> {
    if points.len() > MAX_POINTS {
        return Err(Error::BadRequest(format!("points\u{a0}: une demande compte au plus {MAX_POINTS} points.")));
    }
    points.into_iter().map(|point| tidied(policy, draft, point)).collect()
}

fn tidied(policy: &Policy, draft: &Draft, point: NewPoint) -> Result<NewPoint> {
    let wrong = |why: &str| Error::BadRequest(format!("points, {}\u{a0}: {why}", point.field));
    if !point.target().is_shown(policy, draft) {
        return Err(wrong("le formulaire ne montre pas ce champ."));
    }
    let comment = text::tidied(&point.comment).map_err(|flaw| wrong(&flaw.to_string()))?;
    if comment.is_empty() {
        return Err(wrong("dites ce qui est à reprendre."));
    }
    Ok(NewPoint { comment, ..point })
}

/// The request for changes that is being answered, or whose answer waits for a decision.
///
/// An offer that stands, or was declined, is no request for changes: that of before counts if it was answered.
fn round(connection: &mut AnyConnection, loaded: &Loaded) -> Result<Option<i64>> {
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
pub fn answer(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    point: i64,
    answer: &PointAnswer,
) -> Result<Vec<ChangePoint>> {
    let loaded = Loaded::find(connection, context, id)?;
    permitted(&loaded, user, Action::Update, None)?;
    let round = round(connection, &loaded)?.ok_or(Error::NotFound)?;
    let words = super::tidied("answer", answer.answer.as_deref().unwrap_or_default())?;
    let answered_at = answer.answer.is_some().then(|| context.now.naive_utc());
    if !change_point::answer(connection, round, point, &words, answered_at)? {
        return Err(Error::NotFound);
    }
    let documents = document::live(connection, id)?;
    current(connection, &loaded, &Version { content: loaded.record.content.0.clone(), documents })
}
