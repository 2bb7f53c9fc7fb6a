//! Contact details that an administrator puts right, whatever the status of the request. What was granted stays as it was.

use shared::api::ContactCorrection;
use shared::diff::{self, Version};
use shared::enrollment::{Draft, Enrollment};
use shared::field::Field;
use shared::team_member::{Attribute, TeamMember, TeamMemberType};
use shared::user::User;
use shared::validation::{Candidate, FieldError, Stage, validate};
use shared::workflow::Action;

use super::announcing::{Told, announce};
use super::{Context, Loaded, Recorded, checked_comment, facts, permitted, reading, record};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::models::document;
use crate::models::enrollment;

/// Replaces the details of one person. The applicant reads it in the history, and in a mail.
///
/// # Errors
/// No such enrollment (404); not allowed (403); changed meanwhile, or put away (409); nobody there, nothing new, or no
/// reason (400); details that the form would not take (422).
pub fn correct(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
    expected: Option<i64>,
    correction: ContactCorrection,
) -> Result<Enrollment> {
    let loaded = Loaded::find(connection, context, id)?;
    permitted(&loaded, user, Action::CorrectContacts, expected)?;
    let comment = checked_comment(true, &correction.reason)?;
    let documents = document::live(connection, id)?;
    let before = Version { content: loaded.record.content.0.clone(), documents };
    let mut after = before.clone();
    let (kind, place) = (correction.member.kind, correction.place);
    *named(&mut after.content, kind, place)? = tidy(correction.member);
    let errors = errors_of(&loaded, &after, kind, place);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let changes = diff::diff(&before, &after);
    if changes.is_empty() {
        return Err(Error::BadRequest("member\u{a0}: ces coordonnées sont déjà celles de la demande.".to_owned()));
    }
    let now = context.now.naive_utc();
    let facts = facts::Facts { draft: after.content.clone(), ..facts::Facts::of(&loaded.record) };
    let columns = facts.next_columns(&loaded.policy, &loaded.record, now);
    if !enrollment::update(connection, &loaded.record, &columns)? {
        return Err(Error::StaleVersion);
    }
    let recorded =
        Recorded { action: Action::CorrectContacts, comment: &comment, changes, points: &[], version: &after };
    record(connection, user, id, now, recorded)?;
    let told = Told { action: Action::CorrectContacts, comment: &comment, points: &[], terms: None };
    announce(connection, context, &loaded, user, told, facts)?;
    reading::show(connection, context, user, id)
}

/// The person of that kind and place. Who files the request is described by their own account.
fn named(content: &mut Draft, kind: TeamMemberType, place: usize) -> Result<&mut TeamMember> {
    if kind == TeamMemberType::Demandeur {
        let message = "member.type\u{a0}: les coordonnées du demandeur viennent de son compte.";
        return Err(Error::BadRequest(message.to_owned()));
    }
    let member = content.team_members.iter_mut().filter(|member| member.kind == kind).nth(place);
    member.ok_or_else(|| Error::BadRequest("member\u{a0}: la demande ne nomme pas cette personne.".to_owned()))
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
fn errors_of(loaded: &Loaded, version: &Version, kind: TeamMemberType, place: usize) -> Vec<FieldError> {
    let candidate = Candidate {
        draft: &version.content,
        documents: &version.documents,
        nom_raison_sociale: &loaded.record.nom_raison_sociale,
        establishment: None,
        granted: None,
        previous: None,
    };
    let is_of_them =
        |error: &FieldError| matches!(&error.field, Field::TeamMember(of, at, _) if (*of, *at) == (kind, place));
    let is_open = |error: &FieldError| {
        loaded.record.status.0.is_editable() && error.problem == shared::validation::Problem::Required
    };
    let errors = validate(&loaded.policy, candidate, Stage::Submit);
    errors.into_iter().filter(|error| is_of_them(error) && !is_open(error)).collect()
}
