//! What is stored with a draft though its applicant does not write it: who they are, the name of their organisation,
//! what the request before it in a chain says.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use shared::draft::Draft;
use shared::field::Field;
use shared::organization::{Establishment, Siret};
use shared::policy::{Policy, Section};
use shared::problem::ItemCode;
use shared::rights::{self, Denial};
use shared::team_member::TeamMemberType;
use shared::user::User;
use shared::validation::formats::mail_domain;
use shared::validation::{FieldError, GrantedScope, PreviousEnrollment, rules};
use shared::workflow::{Action, State, Status};

use super::Tx;
use crate::connection::AnyConnection;
use crate::connection::types::{Json, Name};
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::models::enrollment::{EnrollmentChanges, EnrollmentRecord, sort_text};
use crate::models::{authorisation, establishment};

/// A draft and what is known about it.
pub struct Facts {
    /// The draft, completed.
    pub draft: Draft,
    /// Name of its organisation.
    pub nom_raison_sociale: String,
    /// Number of the request that it follows.
    pub previous_enrollment_id: Option<EnrollmentId>,
    /// That request, where it was looked up again.
    pub previous: Option<PreviousEnrollment>,
    /// Domains of its people's addresses that are known to take no mail.
    pub mailless_domains: Vec<String>,
}

/// Completes a draft. `nom_raison_sociale` is the name known so far.
///
/// # Errors
/// 422 where the applicant does not speak for the organisation; the database's.
pub fn complete(tx: &mut Tx<'_>, policy: &Policy, mut draft: Draft, nom_raison_sociale: &str) -> Result<Facts> {
    name_applicant(&mut draft, tx.user);
    draft = policy.with_locked_scopes(draft);
    let previous = previous_of(tx, &draft)?;
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
        match tx.user.organizations.iter().find(|organization| organization.siret == *siret) {
            Some(organization) => name.clone_from(&organization.label),
            None => {
                let detail = "Votre compte n’est pas rattaché à cette organisation.";
                let error = FieldError::new(Field::Siret, ItemCode::NotEligible, detail);
                return Err(Error::fields(&[error], &draft));
            }
        }
    }
    let previous_enrollment_id = previous.as_ref().map(|previous| EnrollmentId(previous.id));
    let mailless_domains = mail_domains(&draft).into_iter().filter(|domain| tx.context.domains.is_mailless(domain));
    let mailless_domains = mailless_domains.collect();
    Ok(Facts { draft, nom_raison_sociale: name, previous_enrollment_id, previous, mailless_domains })
}

/// The domains of the addresses of the people that a draft names. That of the applicant is their account's.
pub(super) fn mail_domains(draft: &Draft) -> BTreeSet<String> {
    let others = draft.team_members.iter().filter(|member| member.kind != TeamMemberType::Demandeur);
    others.filter_map(|member| mail_domain(&member.email)).collect()
}

/// The person named as applicant is the account that files, whatever the draft says.
pub(super) fn name_applicant(draft: &mut Draft, user: &User) {
    let member = draft.team_member_mut(TeamMemberType::Demandeur);
    member.given_name.clone_from(&user.given_name);
    member.family_name.clone_from(&user.family_name);
    member.email.clone_from(&user.email);
    member.phone_number.clone_from(&user.phone_number);
    member.job.clone_from(&user.job);
}

/// The request that a draft follows, if there is one and this user may read it.
///
/// # Errors
/// The database's.
pub fn previous_of(tx: &mut Tx<'_>, draft: &Draft) -> Result<Option<PreviousEnrollment>> {
    draft.previous_enrollment_id.map_or(Ok(None), |id| previous(tx, EnrollmentId(id)))
}

/// The request of that number, if this user may read it.
///
/// # Errors
/// The database's.
pub fn previous(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<Option<PreviousEnrollment>> {
    let loaded = match tx.load(id) {
        Ok(loaded) => loaded,
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    if rights::allowed(tx.user, Action::Show, &loaded.subject()).is_err() {
        return Ok(None);
    }
    let in_force = authorisation::in_force(tx.connection, id)?.is_some();
    let record = loaded.record;
    Ok(record.content.0.siret.map(|siret| PreviousEnrollment {
        id: id.0,
        target_api: record.target_api,
        siret,
        intitule: record.content.0.intitule,
        status: record.status.0,
        in_force,
    }))
}

/// What the organisation of a draft has been granted for the same API by other requests, where the policy asks.
#[derive(Default)]
pub struct Grants {
    /// One of these requests, where there may be only one.
    pub granted: Option<i64>,
    /// The scopes, where each is granted once.
    pub scopes: Vec<GrantedScope>,
}

impl Grants {
    /// Of that organisation, but for the request `own`.
    ///
    /// # Errors
    /// The database's.
    pub fn of(
        connection: &mut AnyConnection,
        policy: &Policy,
        siret: Option<&Siret>,
        own: Option<EnrollmentId>,
    ) -> Result<Self> {
        let Some(siret) = siret.filter(|_| policy.one_per_organisation || policy.each_scope_once) else {
            return Ok(Self::default());
        };
        let held = authorisation::held(connection, &policy.target_api, siret, own)?;
        let granted = held.first().map(|held| held.enrollment_id.0);
        let scopes = held.into_iter().flat_map(|held| {
            let one = move |scope| GrantedScope {
                scope,
                enrollment_id: held.enrollment_id.0,
                authorisation_id: Some(held.id.0),
            };
            held.version.0.content.scopes.into_iter().map(one)
        });
        Ok(Self { granted, scopes: scopes.collect() })
    }
}

/// The scopes that an organisation of the user's has been granted, where the policy grants each once. The authorisation is
/// named to those who may read it.
///
/// # Errors
/// They do not speak for it (403); the database's.
pub fn granted_scopes(tx: &mut Tx<'_>, policy: &Policy, siret: &Siret) -> Result<Vec<GrantedScope>> {
    if !tx.user.belongs_to(siret) {
        return Err(Denial::NotInOrganization.into());
    }
    if !policy.each_scope_once {
        return Ok(Vec::new());
    }
    let mut scopes = Grants::of(tx.connection, policy, Some(siret), None)?.scopes;
    for scope in &mut scopes {
        if tx.load_readable(EnrollmentId(scope.enrollment_id)).is_err() {
            scope.authorisation_id = None;
        }
    }
    Ok(scopes)
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
            Some(error) => Err(Error::fields(&[error], &self.draft)),
            None => Ok(()),
        }
    }

    /// What is known without asking again.
    pub fn of(record: &EnrollmentRecord) -> Self {
        Self {
            draft: record.content.0.clone(),
            nom_raison_sociale: record.nom_raison_sociale.clone(),
            previous_enrollment_id: record.previous_enrollment_id,
            previous: None,
            mailless_domains: Vec::new(),
        }
    }

    /// The columns of a change that leads to that state.
    pub fn next_columns(
        &self,
        policy: &Policy,
        record: &EnrollmentRecord,
        state: State,
        now: NaiveDateTime,
    ) -> EnrollmentChanges {
        let State { status, reopening, resubmitted, offered, .. } = state;
        EnrollmentChanges {
            status: Name(status),
            version: record.version + 1,
            reopening,
            resubmitted,
            offered,
            submitted_at: record.submitted_at,
            validated_at: record.validated_at,
            waited: record.waited,
            waiting_from: record.waiting_from,
            demarche: record.demarche.clone(),
            unanswered_points: if status == Status::Submitted { record.unanswered_points } else { 0 },
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
            previous_enrollment_id: self.previous_enrollment_id,
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
            demarche: String::new(),
            unanswered_points: 0,
        }
    }
}
