//! The steps of the workflow, each with its own function: what it asks for, and what it is to write. None of them writes
//! itself, so that a step can be previewed.

use std::collections::BTreeSet;

use shared::change_point::NewPoint;
use shared::change_state::ChangeState;
use shared::diff::Version;
use shared::offer::remaining;
use shared::team_member::TeamMemberType;
use shared::validation::Stage;
use shared::workflow::EventName;

use super::facts::Facts;
use super::written::{Effect, Submission, Written};
use super::{Loaded, Tx, checked_comment, contacts, content, copy, files, membership_check, offer, points};
use crate::error::{Error, Result};
use crate::models::{authorisation, enrollment};
use crate::notification;

/// What the step is to write.
pub(super) fn take(tx: &mut Tx<'_>, loaded: &mut Loaded, before: &Version, change: ChangeState) -> Result<Written> {
    let comment = checked_comment(change.needs_comment(), change.comment())?;
    match change {
        ChangeState::Submit { .. } => submit(tx, loaded, before, comment),
        ChangeState::RequestChanges { points, .. } => request_changes(loaded, before, comment, points),
        ChangeState::Validate { .. } => validate(tx, loaded, before, comment),
        ChangeState::Refuse { .. } => end_update(tx, EventName::Refuse, loaded, before, comment),
        ChangeState::Revoke { .. } => revoke(tx, loaded, before, comment),
        ChangeState::CancelReopening { .. } => end_update(tx, EventName::CancelReopening, loaded, before, comment),
        ChangeState::OfferPartialGrant { struck, .. } => offer_partial_grant(loaded, before, comment, &struck),
        ChangeState::AcceptOffer { .. } => accept_offer(tx, loaded, before, comment),
        ChangeState::Archive { .. } => Ok(unchanged(EventName::Archive, loaded, before, comment)),
        ChangeState::Delete { .. } => Ok(unchanged(EventName::Delete, loaded, before, comment)),
        ChangeState::Restore { .. } => restore(tx, loaded, before, comment),
        ChangeState::Withdraw { .. } => Ok(unchanged(EventName::Withdraw, loaded, before, comment)),
        ChangeState::Reopen { .. } => Ok(reopen(tx, loaded, before, comment)),
        ChangeState::DeclineOffer { .. } => Ok(unchanged(EventName::DeclineOffer, loaded, before, comment)),
    }
}

/// A step that leaves the content as it is.
fn unchanged(event: EventName, loaded: &Loaded, before: &Version, comment: String) -> Written {
    Written::new(event, Facts::of(&loaded.record), before.documents.clone(), comment)
}

/// A renewal is not restored beside another one of the same request.
fn restore(tx: &mut Tx<'_>, loaded: &Loaded, before: &Version, comment: String) -> Result<Written> {
    if let Some(original) = loaded.record.copied_from_id
        && let Some(copy) = enrollment::live_copy(tx.connection, original)?
    {
        return Err(copy::already(Some(copy)));
    }
    Ok(unchanged(EventName::Restore, loaded, before, comment))
}

fn submit(tx: &mut Tx<'_>, loaded: &mut Loaded, before: &Version, comment: String) -> Result<Written> {
    membership_check::require_verified_email(tx.user)?;
    let submission = Submission::of(tx.connection, loaded, before)?;
    let draft = content::submitted(tx.context, loaded, before.content.clone())?;
    let facts = content::checked(tx, loaded, draft, &before.documents, Stage::Submit)?;
    let written = Written::new(EventName::Submit, facts, before.documents.clone(), comment);
    Ok(Written { effect: Effect::Submission(submission), ..written })
}

fn request_changes(loaded: &Loaded, before: &Version, comment: String, points: Vec<NewPoint>) -> Result<Written> {
    let points = points::checked(&loaded.policy, &before.content, points)?;
    let mail_text = notification::with_points(&loaded.policy, &comment, &points);
    Ok(Written { points, mail_text, ..unchanged(EventName::RequestChanges, loaded, before, comment) })
}

fn validate(tx: &mut Tx<'_>, loaded: &Loaded, before: &Version, comment: String) -> Result<Written> {
    files::require_scanned(&before.documents)?;
    content::refuse_second_grant(tx.connection, loaded, &before.content)?;
    let effect = Effect::Grant { by: tx.user_id() };
    Ok(Written { effect, ..unchanged(EventName::Validate, loaded, before, comment) })
}

/// An update begins like a new request: under the policy in force.
fn reopen(tx: &Tx<'_>, loaded: &mut Loaded, before: &Version, comment: String) -> Written {
    let draft = content::reopened(tx.context, loaded);
    let facts = Facts { draft, ..Facts::of(&loaded.record) };
    Written::new(EventName::Reopen, facts, before.documents.clone(), comment)
}

fn revoke(tx: &mut Tx<'_>, loaded: &mut Loaded, before: &Version, comment: String) -> Result<Written> {
    let written = end_update(tx, EventName::Revoke, loaded, before, comment)?;
    Ok(Written { effect: Effect::Revocation, ..written })
}

fn offer_partial_grant(
    loaded: &Loaded,
    before: &Version,
    comment: String,
    struck: &BTreeSet<String>,
) -> Result<Written> {
    files::require_scanned(&before.documents)?;
    offer::check(loaded, before, struck)?;
    Ok(Written {
        offered: Some(remaining(&before.content, struck)),
        mail_text: notification::with_struck(&loaded.policy, &comment, struck),
        ..unchanged(EventName::OfferPartialGrant, loaded, before, comment)
    })
}

/// What is accepted is granted like anything else, in the name of who offered it.
fn accept_offer(tx: &mut Tx<'_>, loaded: &Loaded, before: &Version, comment: String) -> Result<Written> {
    files::require_scanned(&before.documents)?;
    let offer = offer::last(tx.connection, loaded.record.id)?;
    let draft = remaining(&before.content, &offer.struck);
    content::refuse_second_grant(tx.connection, loaded, &draft)?;
    let facts = Facts { draft, ..Facts::of(&loaded.record) };
    Ok(Written {
        effect: Effect::Grant { by: offer.user_id },
        mail_event: EventName::Validate,
        mail_text: offer.reason,
        ..Written::new(EventName::AcceptOffer, facts, before.documents.clone(), comment)
    })
}

/// Ends an update that is not granted, if there is one: policy, organisation, content and files are again those that are
/// in force, with the contact details that were put right since.
fn end_update(
    tx: &mut Tx<'_>,
    event: EventName,
    loaded: &mut Loaded,
    before: &Version,
    comment: String,
) -> Result<Written> {
    if !loaded.record.reopening {
        return Ok(unchanged(event, loaded, before, comment));
    }
    let id = loaded.record.id;
    let Some(in_force) = authorisation::in_force(tx.connection, id)? else {
        return Err(Error::Internal(format!("enrollment {id} updates nothing that is in force")));
    };
    let Version { mut content, documents } = in_force.version.0;
    contacts::apply(&mut content, &contacts::since(tx.connection, id, in_force.created_at)?);
    loaded.policy = tx.context.policies.at(tx.connection, &loaded.record.target_api, &in_force.policy_revision)?;
    loaded.record.nom_raison_sociale = in_force.nom_raison_sociale;
    // Who files it now is not who filed it then, where it has changed hands since.
    let applicant = before.content.team_member(TeamMemberType::Demandeur);
    if let Some(applicant) = applicant {
        content.team_member_mut(TeamMemberType::Demandeur).clone_from(applicant);
    }
    let facts = Facts { draft: content, ..Facts::of(&loaded.record) };
    Ok(Written { restores_documents: true, ..Written::new(event, facts, documents, comment) })
}
