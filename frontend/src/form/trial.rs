//! The form of a policy that is tried: filled in by whoever tries it, and never sent.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use shared::enrollment::Enrollment;
use shared::policy::Policy;
use shared::user::User;
use shared::workflow::Status;

use super::{EnrollmentForm, Purpose};
use crate::browser;

/// What is said where the form would send something.
pub const NOTHING_IS_SENT: &str = "C’est un essai\u{a0}: aucun fichier n’est envoyé.";

impl EnrollmentForm {
    /// Opens a request of that policy which nobody makes.
    pub fn of_trial(policy: Arc<Policy>, user: User) -> Self {
        let enrollment = nobodys(&policy, &user, browser::now());
        Self::new(policy, enrollment, user, None, Purpose::Trial)
    }
}

/// A new draft, as the server would begin it.
fn nobodys(policy: &Policy, user: &User, now: DateTime<Utc>) -> Enrollment {
    let mut content = policy.new_draft();
    let organization = user.organizations.first();
    content.siret = organization.map(|organization| organization.siret.clone());
    Enrollment {
        id: 0,
        target_api: policy.target_api.clone(),
        policy_revision: policy.revision.clone(),
        status: Status::Draft,
        reopening: false,
        copied_from: None,
        copies: Vec::new(),
        next_enrollments: Vec::new(),
        unread: 0,
        authorisations: Vec::new(),
        version: 0,
        nom_raison_sociale: organization.map(|organization| organization.label.clone()).unwrap_or_default(),
        demandeur_id: user.id,
        membership: organization.cloned(),
        counts_as: String::new(),
        content,
        documents: Vec::new(),
        created_at: now,
        updated_at: now,
        submitted_at: None,
        validated_at: None,
        waiting_from: None,
        assigned_to: None,
        changes: Vec::new(),
        points: Vec::new(),
        offer: None,
        unreachable: Vec::new(),
        actions: Vec::new(),
    }
}
