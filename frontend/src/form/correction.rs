//! A correction by an instructor: the form of a request that was handed over. Nothing is saved before it is sent, with its
//! reason.

use std::sync::Arc;

use leptos::ev;
use leptos::prelude::*;
use shared::api::ContentCorrection;
use shared::enrollment::Enrollment;
use shared::organization::{MembershipSource, Organization};
use shared::policy::Policy;
use shared::team_member::{TeamMember, TeamMemberType};
use shared::user::User;
use shared::validation::PreviousEnrollment;

use super::{EnrollmentForm, Purpose, patch};
use crate::api::{self, ApiError};

impl EnrollmentForm {
    /// Opens a request for a correction.
    pub fn correct(policy: Arc<Policy>, enrollment: Enrollment, previous: Option<PreviousEnrollment>) -> Self {
        let applicant = applicant(&enrollment);
        let form = Self::new(policy, enrollment, applicant, previous, Purpose::Correction);
        let leaving = window_event_listener(ev::beforeunload, move |event| {
            if form.is_corrected() {
                event.prevent_default();
            }
        });
        on_cleanup(move || leaving.remove());
        form
    }

    /// Whether anything differs from the request.
    pub fn is_corrected(self) -> bool {
        self.base.with_untracked(|base| self.draft.with_untracked(|draft| base.content != *draft))
    }

    /// Sends the correction. What the server finds wrong is shown at its field.
    ///
    /// # Errors
    /// Why it was not accepted.
    pub async fn send_correction(self, reason: String) -> Result<Enrollment, ApiError> {
        let base = self.base.get_untracked();
        let members = self.draft.with_untracked(|draft| patch::patch(&base.content, draft));
        let answer = api::correct(base.id, base.version, ContentCorrection { reason, members }).await;
        match &answer {
            Ok(corrected) => {
                self.base.try_set(corrected.clone());
                self.draft.try_set(corrected.content.clone());
            }
            Err(error) => {
                let fields = self.draft.try_with_untracked(|draft| error.fields(draft)).unwrap_or_default();
                self.server_errors.try_set(fields);
            }
        }
        answer
    }
}

/// Who filed the request, as it says: the form shows their organisation and details, not those of who corrects.
fn applicant(enrollment: &Enrollment) -> User {
    let content = &enrollment.content;
    let member = content.team_member(TeamMemberType::Demandeur).cloned();
    let member = member.unwrap_or_else(|| TeamMember::new(TeamMemberType::Demandeur));
    let organization = |siret| Organization {
        siret,
        label: enrollment.nom_raison_sociale.clone(),
        source: MembershipSource::Issuer,
        is_verified: true,
    };
    User {
        id: enrollment.demandeur_id,
        email: member.email,
        email_verified: true,
        given_name: member.given_name,
        family_name: member.family_name,
        phone_number: member.phone_number,
        job: member.job,
        organizations: content.siret.clone().map(organization).into_iter().collect(),
        roles: Vec::new(),
    }
}
