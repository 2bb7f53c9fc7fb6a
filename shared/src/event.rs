//! What happened to an enrollment: its history.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::change_point::ChangePoint;
use crate::diff::Change;
use crate::wire_enum;
use crate::workflow::Action;

wire_enum! {
    /// What happened. The names are v1's.
    pub enum EventName {
        /// The draft was started.
        Create = "create",
        /// Its content changed.
        Update = "update",
        /// It was handed to the instructors.
        Submit = "submit",
        /// It was sent back to the applicant.
        RequestChanges = "request_changes",
        /// It was granted.
        Validate = "validate",
        /// It was turned down.
        Refuse = "refuse",
        /// What was granted was withdrawn.
        Revoke = "revoke",
        /// It was put away.
        Archive = "archive",
        /// The applicant took it back.
        Withdraw = "withdraw",
        /// An update of what was granted was begun.
        Reopen = "reopen",
        /// The update was given up.
        CancelReopening = "cancel_reopening",
        /// A part of what was asked for was offered: the comment says why, the changes what it is.
        OfferPartialGrant = "offer_partial_grant",
        /// The applicant agreed to it, which granted it.
        AcceptOffer = "accept_offer",
        /// The applicant declined it.
        DeclineOffer = "decline_offer",
        /// A new request was started with the same content; the comment gives its number.
        Copy = "copy",
        /// The applicant was reminded of their draft.
        Reminder = "reminder",
        /// The applicant was told that the request will be put away unless they answer.
        ReminderBeforeArchive = "reminder_before_archive",
        /// An administrator put the contact details of a person right.
        CorrectContacts = "correct_contacts",
    }
}

impl EventName {
    /// What the history says, after the name of who did it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Create => "a créé la demande",
            Self::Update => "a modifié la demande",
            Self::Submit => "a soumis la demande",
            Self::RequestChanges => "a demandé des modifications",
            Self::Validate => "a validé la demande",
            Self::Refuse => "a refusé la demande",
            Self::Revoke => "a révoqué l’habilitation",
            Self::Archive => "a archivé la demande",
            Self::Withdraw => "a repris la demande",
            Self::Reopen => "a commencé une mise à jour de l’habilitation",
            Self::CancelReopening => "a abandonné la mise à jour",
            Self::OfferPartialGrant => "a proposé un accord partiel",
            Self::AcceptOffer => "a accepté l’accord partiel",
            Self::DeclineOffer => "a décliné l’accord partiel",
            Self::Copy => "a renouvelé la demande",
            Self::Reminder => "a rappelé au demandeur que son brouillon l’attend",
            Self::ReminderBeforeArchive => "a prévenu le demandeur que la demande sera archivée",
            Self::CorrectContacts => "a corrigé les coordonnées d’une personne désignée",
        }
    }
}

impl TryFrom<Action> for EventName {
    type Error = ();

    /// Reading leaves no event; what is written to one another is kept apart, and who takes care of it is not for the applicant.
    fn try_from(action: Action) -> Result<Self, ()> {
        Ok(match action {
            Action::Show
            | Action::Notify
            | Action::Annotate
            | Action::AskOpinion
            | Action::GiveOpinion
            | Action::Assign => return Err(()),
            Action::Update => Self::Update,
            Action::Submit => Self::Submit,
            Action::RequestChanges => Self::RequestChanges,
            Action::Validate => Self::Validate,
            Action::Refuse => Self::Refuse,
            Action::Revoke => Self::Revoke,
            Action::Archive => Self::Archive,
            Action::Withdraw => Self::Withdraw,
            Action::Reopen => Self::Reopen,
            Action::CancelReopening => Self::CancelReopening,
            Action::OfferPartialGrant => Self::OfferPartialGrant,
            Action::AcceptOffer => Self::AcceptOffer,
            Action::DeclineOffer => Self::DeclineOffer,
            Action::Copy => Self::Copy,
            Action::CorrectContacts => Self::CorrectContacts,
        })
    }
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its number; grows with time.
    pub id: i64,
    /// What happened.
    pub name: EventName,
    /// What the actor wrote about it; empty where nothing was asked.
    pub comment: String,
    /// What changed in the content; for an offer, what would change.
    pub changes: Vec<Change>,
    /// The points that it made, with their answers.
    #[serde(default)]
    pub points: Vec<ChangePoint>,
    /// Who did it, as readers see them.
    pub author: String,
    /// When.
    pub created_at: DateTime<Utc>,
}
