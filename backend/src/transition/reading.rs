//! What comes back: an enrollment as somebody may see it, its history, its authorisations.

use shared::diff::{self, Version};
use shared::enrollment::{Authorisation, AuthorisationState, Enrollment};
use shared::event::Event;
use shared::message::Audience;
use shared::queue::Assignee;
use shared::rights;
use shared::user::User;
use shared::workflow::Action;

use super::{Loaded, Tx, contacts, conversation, offer, points};
use crate::connection::types::utc;
use crate::error::Result;
use crate::ids::{AuthorisationId, EnrollmentId};
use crate::models::enrollment::shown::Beside;
use crate::models::{authorisation, change_point, event};

/// The enrollment as this user sees it.
///
/// # Errors
/// No such enrollment (404); not allowed (403).
pub fn show(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Enrollment> {
    let (loaded, beside) = tx.load_shown(id)?;
    rights::allowed(tx.user, Action::Show, &loaded.subject())?;
    Ok(view(tx.user, loaded, beside))
}

/// What has become of an enrollment, for who changed it: they see it even where they may not read it any more.
pub(super) fn outcome(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Enrollment> {
    let (loaded, beside) = tx.load_shown(id)?;
    Ok(view(tx.user, loaded, beside))
}

fn view(user: &User, loaded: Loaded, beside: Beside) -> Enrollment {
    let actions = rights::actions(user, &loaded.subject());
    let side = conversation::side(user, &loaded);
    let unread = match side {
        Some(Audience::Applicant) => beside.unread_by_applicant,
        Some(Audience::Instructors) => beside.unread_by_instructors,
        Some(Audience::Administration) | None => 0,
    };
    let reads_messages = actions.contains(&Action::ReadMessages);
    let instructs = rights::sees_assignment(user, &loaded.record.target_api, &loaded.record.demarche);
    let record = loaded.record;
    let version = Version { content: record.content.0, documents: beside.documents };
    let points =
        if reads_messages { points::with_changes(beside.points, beside.points_about, &version) } else { Vec::new() };
    let assigned_to = record.assigned_to.zip(beside.assignee).filter(|_| instructs);
    Enrollment {
        id: record.id.0,
        target_api: record.target_api,
        policy_revision: record.policy_revision,
        status: record.status.0,
        reopening: record.reopening,
        copied_from: record.copied_from_id.map(i64::from),
        copies: beside.copies,
        next_enrollments: beside.next,
        unread,
        authorisations: beside.authorisations,
        version: record.version,
        nom_raison_sociale: record.nom_raison_sociale,
        demandeur_id: record.demandeur_id.0,
        membership: beside.membership.filter(|_| instructs),
        counts_as: record.demarche,
        created_at: utc(record.created_at),
        updated_at: utc(record.updated_at),
        submitted_at: record.submitted_at.map(utc),
        validated_at: record.validated_at.map(utc),
        waiting_from: record.waiting_from.map(utc),
        assigned_to: assigned_to.map(|(id, name)| Assignee { id: id.0, name }),
        changes: beside.reference.map(|reference| diff::diff(&reference, &version)).unwrap_or_default(),
        points,
        offer: beside.offer.filter(|_| reads_messages).map(offer::shown),
        unreachable: if side.is_some() { beside.unreachable } else { Vec::new() },
        content: version.content,
        documents: version.documents,
        actions,
    }
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
    let granted_at = authorisation.summary.created_at.naive_utc();
    authorisation.struck = offer::struck_from(tx.connection, enrollment_id, granted_at)?;
    if authorisation.summary.state == AuthorisationState::Active {
        let corrections = contacts::since(tx.connection, enrollment_id, granted_at)?;
        authorisation.current_contacts = contacts::current(&authorisation.content, &corrections);
    }
    Ok(authorisation)
}
