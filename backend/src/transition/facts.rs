//! What an applicant does not write themselves but is written with their draft: who they are, the name of their
//! organisation, what a chain hands down.

use chrono::NaiveDateTime;
use shared::enrollment::Draft;
use shared::field::Field;
use shared::organization::Establishment;
use shared::policy::{Policy, Section};
use shared::rights;
use shared::team_member::TeamMemberType;
use shared::user::User;
use shared::validation::{FieldError, PreviousEnrollment, Problem, rules};
use shared::workflow::{Action, Status};

use super::{Context, Loaded};
use crate::db::AnyConnection;
use crate::db::types::{Json, Name};
use crate::error::{Error, Result};
use crate::models::enrollment::{EnrollmentChanges, EnrollmentRecord, search_text, sort_text};
use crate::models::{authorisation, establishment};

/// A draft and what is known about it.
pub struct Facts {
    /// The draft, completed.
    pub draft: Draft,
    /// Name of its organisation.
    pub nom_raison_sociale: String,
    /// The request that it follows.
    pub previous: Option<PreviousEnrollment>,
    /// Another request of the same organisation and API that is granted, where the policy allows only one.
    pub granted: Option<i64>,
}

/// Completes a draft. `nom_raison_sociale` is the name known so far.
///
/// # Errors
/// 422 where the applicant does not speak for the organisation; the database's.
pub fn impose(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    policy: &Policy,
    mut draft: Draft,
    nom_raison_sociale: &str,
) -> Result<Facts> {
    name_applicant(&mut draft, user);
    let previous = match draft.previous_enrollment_id {
        Some(id) => previous(connection, context, user, id)?,
        None => None,
    };
    // A policy that does not ask for the organisation or the project takes them from the request before it.
    if let Some(previous) = &previous {
        if !policy.has_section(Section::Organisation) {
            draft.siret = Some(previous.siret.clone());
        }
        if !policy.has_section(Section::Description) {
            draft.intitule.clone_from(&previous.intitule);
        }
    }
    let mut name = nom_raison_sociale.to_owned();
    if let Some(siret) = &draft.siret {
        match user.organizations.iter().find(|organization| organization.siret == *siret) {
            Some(organization) => name.clone_from(&organization.label),
            None => {
                let message = "Votre compte n’est pas rattaché à cette organisation.";
                return Err(Error::Invalid(vec![FieldError::new(Field::Siret, Problem::NotEligible, message)]));
            }
        }
    }
    let granted = match draft.siret.as_ref().filter(|_| policy.one_per_organisation) {
        Some(siret) => authorisation::holder(connection, &policy.target_api, siret)?,
        None => None,
    };
    Ok(Facts { draft, nom_raison_sociale: name, previous, granted })
}

/// The person named as applicant is the account that files, whatever the draft says.
fn name_applicant(draft: &mut Draft, user: &User) {
    let member = draft.team_member_mut(TeamMemberType::Demandeur);
    member.given_name.clone_from(&user.given_name);
    member.family_name.clone_from(&user.family_name);
    member.email.clone_from(&user.email);
    member.phone_number.clone_from(&user.phone_number);
    member.job.clone_from(&user.job);
}

/// The request of that number, if this user may read it.
///
/// # Errors
/// The database's.
pub fn previous(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    id: i64,
) -> Result<Option<PreviousEnrollment>> {
    let loaded = match Loaded::find(connection, context, id) {
        Ok(loaded) => loaded,
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    if rights::allowed(user, Action::Show, &loaded.subject()).is_err() {
        return Ok(None);
    }
    let in_force = authorisation::in_force(connection, id)?.is_some();
    let record = loaded.record;
    Ok(record.content.0.siret.map(|siret| PreviousEnrollment {
        id,
        target_api: record.target_api,
        siret,
        intitule: record.content.0.intitule,
        status: record.status.0,
        in_force,
    }))
}

impl Facts {
    /// What the directory said of its organisation, if it has been asked.
    ///
    /// # Errors
    /// The database's.
    pub fn establishment(&self, connection: &mut AnyConnection) -> Result<Option<Establishment>> {
        let Some(siret) = &self.draft.siret else { return Ok(None) };
        Ok(establishment::find(connection, siret)?.and_then(|kept| kept.content))
    }

    /// Nothing new is begun for an establishment that is closed.
    ///
    /// # Errors
    /// 422: it is; the database's.
    pub fn refuse_closed(&self, connection: &mut AnyConnection) -> Result<()> {
        match self.establishment(connection)?.as_ref().and_then(rules::closed) {
            Some(error) => Err(Error::Invalid(vec![error])),
            None => Ok(()),
        }
    }

    /// What is known without asking again.
    pub fn of(record: &EnrollmentRecord) -> Self {
        Self {
            draft: record.content.0.clone(),
            nom_raison_sociale: record.nom_raison_sociale.clone(),
            previous: None,
            granted: None,
        }
    }

    /// The columns of a change that leaves the workflow as it is.
    pub fn next_columns(&self, policy: &Policy, record: &EnrollmentRecord, now: NaiveDateTime) -> EnrollmentChanges {
        EnrollmentChanges {
            status: record.status,
            version: record.version + 1,
            // Only who writes the request has the previous one looked up again.
            previous_enrollment_id: record.previous_enrollment_id,
            reopening: record.reopening,
            resubmitted: record.resubmitted,
            offered: record.offered,
            submitted_at: record.submitted_at,
            validated_at: record.validated_at,
            waited: record.waited,
            waiting_from: record.waiting_from,
            ..self.first_columns(policy, now)
        }
    }

    /// The columns of a draft that begins.
    pub fn first_columns(&self, policy: &Policy, now: NaiveDateTime) -> EnrollmentChanges {
        let controller = self.draft.team_member(TeamMemberType::ResponsableTraitement);
        EnrollmentChanges {
            policy_revision: policy.revision.clone(),
            siret: self.draft.siret.as_ref().map(ToString::to_string),
            nom_raison_sociale: self.nom_raison_sociale.clone(),
            intitule: self.draft.intitule.clone(),
            responsable_traitement: controller
                .map(|member| format!("{} {}", member.given_name, member.family_name).trim().to_owned())
                .unwrap_or_default(),
            previous_enrollment_id: self.previous.as_ref().map(|previous| previous.id),
            search: search_text(&self.draft, &self.nom_raison_sociale),
            content: Json(self.draft.clone()),
            status: Name(Status::Draft),
            version: 1,
            reopening: false,
            resubmitted: false,
            offered: false,
            updated_at: now,
            submitted_at: None,
            validated_at: None,
            intitule_sort: sort_text(&self.draft.intitule),
            waited: 0,
            waiting_from: None,
        }
    }
}
