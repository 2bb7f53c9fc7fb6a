//! The enrollment (« demande d’habilitation ») as its readers see it, and what it has given right to.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::change_point::ChangePoint;
use crate::diff::Change;
use crate::document::Document;
use crate::draft::Draft;
use crate::offer::Offer;
use crate::organization::Organization;
use crate::outbox::UnreachableAddress;
use crate::provisioning::Provisioning;
use crate::queue::Assignee;
use crate::team_member::TeamMember;
use crate::wire_enum;
use crate::workflow::{Action, Status};

/// An enrollment as its readers see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Enrollment {
    /// Its number, for ever.
    pub id: i64,
    /// The API it asks for: the slug of its policy.
    pub target_api: String,
    /// The revision of the policy that it was written against: a hash of its content.
    pub policy_revision: String,
    /// Where it stands.
    pub status: Status,
    /// It updates an authorisation, which stays in force meanwhile.
    pub reopening: bool,
    /// The request that it renews.
    pub copied_from: Option<i64>,
    /// The requests that renew it, put away ones left out.
    pub copies: Vec<i64>,
    /// The requests that follow it in a chain.
    pub next_enrollments: Vec<i64>,
    /// Messages to the caller's side that nobody there has read.
    pub unread: i64,
    /// What it has given right to, newest first.
    pub authorisations: Vec<AuthorisationSummary>,
    /// Grows with every change; the ETag of concurrent edits.
    pub version: i64,
    /// Name of the organisation that asks.
    pub nom_raison_sociale: String,
    /// User number of the applicant.
    pub demandeur_id: i64,
    /// How the applicant speaks for that organisation; `null` where they do no longer, and for those who may not know.
    #[serde(default)]
    pub membership: Option<Organization>,
    /// The démarche that it counted as when it was last submitted; `""` before, and for none: other scopes or another legal
    /// basis than the démarche fills in.
    #[serde(default)]
    pub counts_as: String,
    /// What the applicant wrote.
    #[serde(flatten)]
    pub content: Draft,
    /// The files.
    pub documents: Vec<Document>,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was last handed to the instructors.
    pub submitted_at: Option<DateTime<Utc>>,
    /// When it was last granted.
    pub validated_at: Option<DateTime<Utc>>,
    /// While it waits for the administration: when it would have begun to, had it waited without a break.
    pub waiting_from: Option<DateTime<Utc>>,
    /// Who takes care of it; `null` for those who may not know, too.
    pub assigned_to: Option<Assignee>,
    /// What differs from the submission before the present one; empty before the second submission.
    pub changes: Vec<Change>,
    /// What the instructors want to be changed and what became of it, while it is being changed and once it is back.
    #[serde(default)]
    pub points: Vec<ChangePoint>,
    /// The partial grant that the applicant may accept or decline.
    #[serde(default)]
    pub offer: Option<Offer>,
    /// Addresses of the applicant and of those it names that mails do not reach; none for those who may not write messages.
    #[serde(default)]
    pub unreachable: Vec<UnreachableAddress>,
    /// What the caller may do with it now.
    pub actions: Vec<Action>,
}

wire_enum! {
    /// Whether an authorisation gives a right.
    pub enum AuthorisationState {
        /// It is in force.
        Active = "active",
        /// A later one of the same request took its place.
        Superseded = "superseded",
        /// It was withdrawn.
        Revoked = "revoked",
    }
}

impl AuthorisationState {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "En vigueur",
            Self::Superseded => "Remplacée",
            Self::Revoked => "Révoquée",
        }
    }
}

/// An authorisation (« habilitation ») in one line. Its content never changes; its state may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuthorisationSummary {
    /// Its number, written H and these digits.
    pub id: i64,
    /// Whether it gives a right.
    pub state: AuthorisationState,
    /// When it was given.
    pub created_at: DateTime<Utc>,
    /// When it was replaced or withdrawn.
    pub ended_at: Option<DateTime<Utc>>,
    /// The access that it gives a right to, at each manager that opens it; none for a later one's.
    #[serde(default)]
    pub provisionings: Vec<Provisioning>,
}

impl AuthorisationSummary {
    /// Its number, as people write it.
    pub fn number(&self) -> String {
        Self::number_of(self.id)
    }

    /// « H12 ».
    pub fn number_of(id: i64) -> String {
        format!("H{id}")
    }

    /// Where its document stands, for ever: `/public/H12`.
    pub fn path_of(id: i64) -> String {
        format!("/public/{}", Self::number_of(id))
    }
}

/// An authorisation with all that it grants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Authorisation {
    /// Number, state, days.
    #[serde(flatten)]
    pub summary: AuthorisationSummary,
    /// The request that it answers.
    pub enrollment_id: i64,
    /// Its API.
    pub target_api: String,
    /// The revision of the policy under which it was granted.
    pub policy_revision: String,
    /// Name of the organisation that holds it.
    pub nom_raison_sociale: String,
    /// What was granted.
    pub content: Draft,
    /// The files that were looked at.
    pub documents: Vec<Document>,
    /// The data that was asked for and not granted, where the grant was partial.
    #[serde(default)]
    pub struck: BTreeSet<String>,
    /// The people whose contact details were put right since; what was granted stays as it was granted. None where it is
    /// no longer in force.
    #[serde(default)]
    pub current_contacts: Vec<CurrentContact>,
}

/// Somebody whom an authorisation names, with the contact details that hold now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CurrentContact {
    /// Which of the people of that type, from 0.
    pub place: usize,
    /// Their details.
    pub member: TeamMember,
}

impl Enrollment {
    /// Whether the caller may do that now.
    pub fn allows(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_enrollment_survives_json() {
        let json = json!({
            "id": 1, "target_api": "franceconnect", "policy_revision": "r", "status": "draft", "version": 1,
            "reopening": false, "copied_from": null, "copies": [], "next_enrollments": [], "unread": 0, "authorisations": [],
            "nom_raison_sociale": "Commune", "demandeur_id": 3, "documents": [],
            "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
            "submitted_at": null, "validated_at": null, "waiting_from": null, "assigned_to": null, "changes": [], "actions": ["update"],
            "siret": "21920023500014", "data_retention_period": 12, "additional_content": {"a": true, "b": "c"}
        });
        let enrollment: Enrollment = serde_json::from_value(json).unwrap();
        assert_eq!(enrollment.content.data_retention_period, Some(12));
        let again: Enrollment = serde_json::from_value(serde_json::to_value(&enrollment).unwrap()).unwrap();
        assert_eq!(again, enrollment);
    }
}
