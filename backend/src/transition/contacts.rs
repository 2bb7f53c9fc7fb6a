//! Contact details that an administrator puts right, whatever the status of the request. What was granted stays as it was;
//! the corrections are shown beside it, and survive an update that is given up.

use chrono::NaiveDateTime;
use diesel::QueryResult;
use serde_json::Value;
use shared::api::ContactCorrection;
use shared::diff::{self, Change, Version};
use shared::draft::Draft;
use shared::enrollment::CurrentContact;
use shared::field::Field;
use shared::problem::{ErrorItem, ItemCode, Place};
use shared::team_member::{Attribute, TeamMember, TeamMemberType};
use shared::validation::{Input, Stage, validate};
use shared::workflow::{EventName, Status};

use super::facts::Facts;
use super::written::{Effect, Written};
use super::{Loaded, checked_reason};
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::models::event;

/// Replaces the details of one person. The applicant reads it in the history, and in a mail.
///
/// # Errors
/// Nobody there, nothing new, or no reason (400); details that the form would not take (422).
pub(super) fn correct(loaded: &Loaded, before: &Version, correction: ContactCorrection) -> Result<Written> {
    let comment = checked_reason(&correction.reason)?;
    let mut after = before.clone();
    let (kind, place) = (correction.member.kind, correction.place);
    *named(&mut after.content, kind, place)? = tidy(correction.member);
    let errors = errors_of(loaded, &after, kind, place);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if diff::diff(before, &after).is_empty() {
        return Err(Error::pointer("/member", ItemCode::Unchanged, "Ces coordonnées sont déjà celles de la demande."));
    }
    let facts = Facts { draft: after.content, ..Facts::of(&loaded.record) };
    let written = Written::new(EventName::CorrectContacts, facts, after.documents, comment);
    Ok(Written { effect: Effect::CorrectedContacts, ..written })
}

/// The corrections of a request since then, oldest first.
///
/// # Errors
/// The database's.
pub(super) fn since(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    since: NaiveDateTime,
) -> QueryResult<Vec<Change>> {
    event::changes_since(connection, enrollment_id, EventName::CorrectContacts, since)
}

/// Makes these corrections in what was granted before them.
pub(super) fn apply(content: &mut Draft, corrections: &[Change]) {
    for change in corrections {
        if let Field::TeamMember(kind, place, attribute) = &change.field
            && let Ok(member) = named(content, *kind, *place)
        {
            let value = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let detail = member.get_mut(*attribute);
            // In an update, somebody else may stand in that place: their details are not those of who was granted.
            if *detail == value(&change.before) {
                *detail = value(&change.after);
            }
        }
    }
}

/// The people of what was granted whom these corrections concern, with their present details.
pub(super) fn current(granted: &Draft, corrections: &[Change]) -> Vec<CurrentContact> {
    let mut content = granted.clone();
    apply(&mut content, corrections);
    let before = granted.placed_team_members().map(|(_, member)| member);
    let placed = content.placed_team_members().zip(before);
    let changed = placed.filter(|((_, member), before)| member != before);
    changed.map(|((place, member), _)| CurrentContact { place, member: member.clone() }).collect()
}

/// The person of that kind and place. Who files the request is described by their own account.
fn named(content: &mut Draft, kind: TeamMemberType, place: usize) -> Result<&mut TeamMember> {
    if kind == TeamMemberType::Demandeur {
        let detail = "Les coordonnées du demandeur viennent de son compte.";
        return Err(Error::pointer("/member/type", ItemCode::NotEligible, detail));
    }
    let member = content.team_members.iter_mut().filter(|member| member.kind == kind).nth(place);
    member.ok_or_else(|| Error::pointer("/member", ItemCode::Unknown, "La demande ne nomme pas cette personne."))
}

/// Without the spaces around, and the address in lower case, as the form sends them.
fn tidy(mut member: TeamMember) -> TeamMember {
    for attribute in Attribute::ALL {
        let text = member.get_mut(*attribute);
        *text = text.trim().to_owned();
    }
    member.email = member.email.to_lowercase();
    member
}

/// What the form would say of that person. An unfinished request may leave details open that it will ask for.
fn errors_of(loaded: &Loaded, version: &Version, kind: TeamMemberType, place: usize) -> Vec<ErrorItem> {
    let input = Input::new(&version.content, &version.documents, &loaded.record.nom_raison_sociale);
    let status = loaded.record.status.0;
    let is_unfinished = status.is_editable() || status == Status::Archived;
    let errors = validate(&loaded.policy, input, Stage::Submit).into_iter();
    errors
        .filter(|error| !(is_unfinished && error.code == ItemCode::Required))
        .filter_map(|error| match error.field {
            Field::TeamMember(of, at, attribute) if (of, at) == (kind, place) => {
                Some(ErrorItem::new(Place::Pointer(format!("/member/{attribute}")), error.code, error.detail))
            }
            _ => None,
        })
        .collect()
}
