//! What comes back: an enrollment as somebody may see it, its history, its authorisations.

use shared::diff::{self, Change, Version};
use shared::enrollment::{Authorisation, AuthorisationState, Enrollment};
use shared::event::Event;
use shared::rights;
use shared::workflow::{Action, Status};

use super::{Loaded, Tx, contacts, conversation, membership_check, offer, points, queue};
use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::error::Result;
use crate::ids::{AuthorisationId, EnrollmentId};
use crate::models::enrollment::EnrollmentRecord;
use crate::models::{authorisation, change_point, enrollment, event};

/// The enrollment as this user sees it.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn show(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Enrollment> {
    let loaded = tx.load_readable(id)?;
    view(tx, loaded)
}

pub(super) fn view(tx: &mut Tx<'_>, loaded: Loaded) -> Result<Enrollment> {
    let actions = rights::actions(tx.user, &loaded.subject());
    let version = loaded.version(tx.connection)?;
    let changes = changes_since(tx.connection, &loaded.record, &version)?;
    let authorisations = authorisation::of_enrollment(tx.connection, loaded.record.id)?;
    let related = enrollment::related(tx.connection, loaded.record.id)?;
    let unread = conversation::unread(tx, &loaded)?;
    let unreachable = conversation::unreachable(tx.user, &loaded);
    let (points, offer) = if actions.contains(&Action::ReadMessages) {
        (points::current(tx.connection, &loaded, &version)?, offer::pending(tx.connection, &loaded)?)
    } else {
        (Vec::new(), None)
    };
    let assigned_to = queue::assignee(tx, &loaded.record)?;
    let membership = membership_check::of_applicant(tx, &loaded.record)?;
    let record = loaded.record;
    Ok(Enrollment {
        id: record.id.0,
        target_api: record.target_api,
        policy_revision: record.policy_revision,
        status: record.status.0,
        reopening: record.reopening,
        copied_from: record.copied_from_id.map(i64::from),
        copies: related.copies.into_iter().map(i64::from).collect(),
        next_enrollments: related.next.into_iter().map(i64::from).collect(),
        unread,
        authorisations,
        version: record.version,
        nom_raison_sociale: record.nom_raison_sociale,
        demandeur_id: record.demandeur_id.0,
        membership,
        counts_as: record.demarche,
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
        unreachable,
        actions,
    })
}

/// What changed since the reference.
fn changes_since(connection: &mut AnyConnection, record: &EnrollmentRecord, version: &Version) -> Result<Vec<Change>> {
    let reference = reference(connection, record)?;
    Ok(reference.map(|reference| diff::diff(&reference, version)).unwrap_or_default())
}

/// What a version is held against. While the applicant writes: the last submission. Afterwards: the one before it. An
/// update that was not sent back yet: what is in force.
pub(super) fn reference(connection: &mut AnyConnection, record: &EnrollmentRecord) -> Result<Option<Version>> {
    Ok(match record.status.0 {
        Status::ChangesRequested if !record.offered => event::submissions(connection, record.id, 1)?.into_iter().next(),
        _ if record.resubmitted => event::submissions(connection, record.id, 2)?.into_iter().nth(1),
        _ if record.reopening => authorisation::in_force(connection, record.id)?.map(|in_force| in_force.version.0),
        _ => None,
    })
}

/// The history, for those who may read the enrollment; without the reasons of decisions where they may not read these.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn history(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Vec<Event>> {
    let loaded = tx.load_readable(id)?;
    let mut events = event::history(tx.connection, id)?;
    if rights::allowed(tx.user, Action::ReadMessages, &loaded.subject()).is_err() {
        for event in &mut events {
            event.comment.clear();
        }
        return Ok(events);
    }
    for (event, point) in change_point::of_enrollment(tx.connection, id)? {
        if let Some(event) = events.iter_mut().find(|other| other.id == event.0) {
            event.points.push(point);
        }
    }
    Ok(events)
}

/// An authorisation, for those who may read its request.
///
/// # Errors
/// No such authorisation (404); not allowed (403).
pub fn authorisation(tx: &mut Tx<'_>, id: AuthorisationId) -> Result<Authorisation> {
    let mut authorisation = authorisation::find(tx.connection, id)?;
    let enrollment_id = EnrollmentId(authorisation.enrollment_id);
    tx.load_readable(enrollment_id)?;
    if authorisation.summary.state == AuthorisationState::Active {
        let granted_at = authorisation.summary.created_at.naive_utc();
        let corrections = contacts::since(tx.connection, enrollment_id, granted_at)?;
        authorisation.current_contacts = contacts::current(&authorisation.content, &corrections);
    }
    Ok(authorisation)
}
