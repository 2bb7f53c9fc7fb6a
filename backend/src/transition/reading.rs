//! What comes back: an enrollment as somebody may see it, its history, its authorisations.

use shared::diff::{self, Change, Version};
use shared::enrollment::{Authorisation, Enrollment};
use shared::rights;
use shared::user::User;
use shared::workflow::{Action, Status};

use super::{Context, Loaded, conversation, offer, points, queue, standing};
use crate::db::AnyConnection;
use crate::db::types::utc;
use crate::error::Result;
use crate::models::enrollment::EnrollmentRecord;
use crate::models::{authorisation, change_point, document, enrollment, event};

/// The enrollment as this user sees it.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn show(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Enrollment> {
    let loaded = Loaded::find(connection, context, id)?;
    rights::allowed(user, Action::Show, &loaded.subject())?;
    view(connection, user, loaded)
}

pub(super) fn view(connection: &mut AnyConnection, user: &User, loaded: Loaded) -> Result<Enrollment> {
    let actions = rights::actions(user, &loaded.subject());
    let documents = document::live(connection, loaded.record.id)?;
    let version = Version { documents, content: loaded.record.content.0.clone() };
    let changes = changes_since(connection, &loaded.record, &version)?;
    let authorisations = authorisation::of_enrollment(connection, loaded.record.id)?;
    let related = enrollment::related(connection, loaded.record.id)?;
    let unread = conversation::unread(connection, user, &loaded)?;
    let points = points::current(connection, &loaded, &version)?;
    let offer = offer::standing(connection, &loaded)?;
    let assigned_to = queue::assignee(connection, user, &loaded.record)?;
    let membership = standing::of_applicant(connection, user, &loaded.record)?;
    let record = loaded.record;
    Ok(Enrollment {
        id: record.id,
        target_api: record.target_api,
        policy_revision: record.policy_revision,
        status: record.status.0,
        reopening: record.reopening,
        copied_from: record.copied_from_id,
        copies: related.copies,
        next_enrollments: related.next,
        unread,
        authorisations,
        version: record.version,
        nom_raison_sociale: record.nom_raison_sociale,
        demandeur_id: record.demandeur_id,
        membership,
        content: version.content,
        documents: version.documents,
        created_at: utc(record.created_at),
        updated_at: utc(record.updated_at),
        submitted_at: record.submitted_at.map(utc),
        validated_at: record.validated_at.map(utc),
        waiting_from: record.waiting_from.map(utc),
        assigned_to,
        changes,
        points,
        offer,
        actions,
    })
}

/// While the applicant writes: against the last submission. Afterwards: against the one before it. An update that was
/// not sent back yet: against what is in force.
fn changes_since(connection: &mut AnyConnection, record: &EnrollmentRecord, version: &Version) -> Result<Vec<Change>> {
    let reference = match record.status.0 {
        Status::ChangesRequested if !record.offered => event::submissions(connection, record.id, 1)?.into_iter().next(),
        _ if record.resubmitted => event::submissions(connection, record.id, 2)?.into_iter().nth(1),
        _ if record.reopening => authorisation::in_force(connection, record.id)?.map(|in_force| in_force.version.0),
        _ => None,
    };
    Ok(reference.map(|reference| diff::diff(&reference, version)).unwrap_or_default())
}

/// The history, for those who may read the enrollment.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn history(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
) -> Result<Vec<shared::event::Event>> {
    let loaded = Loaded::find(connection, context, id)?;
    rights::allowed(user, Action::Show, &loaded.subject())?;
    let mut events = event::history(connection, id)?;
    for (event, point) in change_point::of_enrollment(connection, id)? {
        if let Some(event) = events.iter_mut().find(|other| other.id == event) {
            event.points.push(point);
        }
    }
    Ok(events)
}

/// An authorisation, for those who may read its request.
///
/// # Errors
/// No such authorisation (404); not allowed (403).
pub fn authorisation(connection: &mut AnyConnection, context: &Context, user: &User, id: i64) -> Result<Authorisation> {
    let authorisation = authorisation::find(connection, id)?;
    let loaded = Loaded::find(connection, context, authorisation.enrollment_id)?;
    rights::allowed(user, Action::Show, &loaded.subject())?;
    Ok(authorisation)
}
