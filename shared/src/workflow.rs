//! The life of an enrollment: one exhaustive table of (state, action) → status.
//!
//! Who may act is not decided here (see [`crate::rights`]), nor whether the content is complete
//! (see [`crate::validation`]).

use crate::wire_enum;

wire_enum! {
    /// Where an enrollment stands. The names are v1's since December 2021.
    pub enum Status {
        /// Being written by the applicant.
        Draft = "draft",
        /// Waiting for an instructor.
        Submitted = "submitted",
        /// Sent back to the applicant with a comment.
        ChangesRequested = "changes_requested",
        /// Granted: the authorisation is published.
        Validated = "validated",
        /// Turned down.
        Refused = "refused",
        /// Granted once, then withdrawn.
        Revoked = "revoked",
        /// Put away; only an administrator still sees it.
        Archived = "archived",
    }
}

impl Status {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Brouillon",
            Self::Submitted => "En cours",
            Self::ChangesRequested => "À modifier",
            Self::Validated => "Validée",
            Self::Refused => "Refusée",
            Self::Revoked => "Révoquée",
            Self::Archived => "Archivée",
        }
    }

    /// The same, of the update of an authorisation that is in force.
    pub const fn update_label(self) -> &'static str {
        match self {
            Self::Draft => "Mise à jour en brouillon",
            Self::Submitted => "Mise à jour en cours d’instruction",
            Self::ChangesRequested => "Mise à jour à modifier",
            Self::Validated | Self::Refused | Self::Revoked | Self::Archived => self.label(),
        }
    }

    /// Whether it is the administration's turn to act: the time that this takes is counted.
    pub const fn awaits_administration(self) -> bool {
        matches!(self, Self::Submitted)
    }

    /// Whether the applicant may still write.
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::ChangesRequested)
    }
}

wire_enum! {
    /// What somebody may do with an enrollment. `show` and `update` change no status.
    pub enum Action {
        /// Read it, with its history and documents.
        Show = "show",
        /// Write its content.
        Update = "update",
        /// Hand it to the instructors.
        Submit = "submit",
        /// Send it back to the applicant.
        RequestChanges = "request_changes",
        /// Grant it.
        Validate = "validate",
        /// Turn it down.
        Refuse = "refuse",
        /// Withdraw what was granted.
        Revoke = "revoke",
        /// Put it away.
        Archive = "archive",
        /// Take back what was handed over.
        Withdraw = "withdraw",
        /// Write an update of what was granted, which stays in force meanwhile.
        Reopen = "reopen",
        /// Give the update up: what was granted is as it was.
        CancelReopening = "cancel_reopening",
        /// Grant less than what was asked for, if the applicant agrees.
        OfferPartialGrant = "offer_partial_grant",
        /// Agree to it: it is granted.
        AcceptOffer = "accept_offer",
        /// Disagree: it goes back to the instructors.
        DeclineOffer = "decline_offer",
        /// Start a new request with the same content.
        Copy = "copy",
        /// Write to the other side: the applicant to the instructors, or they to the applicant.
        Notify = "notify",
        /// Write a note that only the administration reads, and read those of others.
        Annotate = "annotate",
        /// Ask somebody who reports on it for an opinion.
        AskOpinion = "ask_opinion",
        /// Give the opinion that one was asked for.
        GiveOpinion = "give_opinion",
        /// Say which instructor takes care of it, and see who does.
        Assign = "assign",
        /// Put the contact details of a person right that it names.
        CorrectContacts = "correct_contacts",
    }
}

impl Action {
    /// Whether the actor must say why: what they write is kept in the history and mailed to the applicant. Points say it
    /// too (see [`crate::change_point`]).
    pub const fn needs_comment(self) -> bool {
        matches!(
            self,
            Self::RequestChanges
                | Self::Validate
                | Self::Refuse
                | Self::Revoke
                | Self::OfferPartialGrant
                | Self::CorrectContacts
        )
    }

    /// The verb on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Show => "Consulter",
            Self::Update => "Enregistrer",
            Self::Submit => "Soumettre la demande",
            Self::RequestChanges => "Demander des modifications",
            Self::Validate => "Valider",
            Self::Refuse => "Refuser",
            Self::Revoke => "Révoquer",
            Self::Archive => "Archiver",
            Self::Withdraw => "Reprendre la demande",
            Self::Reopen => "Mettre à jour l’habilitation",
            Self::CancelReopening => "Abandonner la mise à jour",
            Self::OfferPartialGrant => "Proposer un accord partiel",
            Self::AcceptOffer => "Accepter l’accord partiel",
            Self::DeclineOffer => "Décliner l’accord partiel",
            Self::Copy => "Renouveler",
            Self::Notify => "Écrire un message",
            Self::Annotate => "Écrire une note interne",
            Self::AskOpinion => "Demander un avis",
            Self::GiveOpinion => "Rendre un avis",
            Self::Assign => "Attribuer la demande",
            Self::CorrectContacts => "Corriger les coordonnées",
        }
    }
}

/// What decides the next step, beside the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Where the enrollment stands.
    pub status: Status,
    /// It updates an authorisation that is in force.
    pub reopening: bool,
    /// It is back after changes were asked for.
    pub resubmitted: bool,
    /// The applicant has a partial grant to accept or to decline.
    pub offered: bool,
}

/// The status after `action`, or `None` where the workflow has no such step.
///
/// Source: v1's state machine, with these differences. A decision needs a submitted request: v1 let an instructor refuse
/// one that was in the applicant's hands, though they could not validate it from there. A refused update leaves the
/// authorisation in force, as v1's screens promised and its server forgot. An update can be given up, and a submitted
/// request taken back. Instead of granting everything, the instructor may offer a part of it: v1's « changes requested »,
/// in which nothing can be written and the applicant accepts or declines.
pub const fn next(state: State, action: Action) -> Option<Status> {
    use Status::{Archived, ChangesRequested, Draft, Refused, Revoked, Submitted, Validated};
    let State { status, reopening, resubmitted, offered } = state;
    match (status, action) {
        (any, Action::Show) => Some(any),
        (Draft, Action::Update) => Some(Draft),
        (ChangesRequested, Action::AcceptOffer) if offered => Some(Validated),
        (ChangesRequested, Action::DeclineOffer) if offered => Some(Submitted),
        (ChangesRequested, Action::Update | Action::Submit) if offered => None,
        (ChangesRequested, Action::Update) => Some(ChangesRequested),
        (Draft | ChangesRequested, Action::Submit) => Some(Submitted),
        (Submitted, Action::Withdraw) => Some(if resubmitted { ChangesRequested } else { Draft }),
        (Submitted, Action::RequestChanges | Action::OfferPartialGrant) => Some(ChangesRequested),
        (Submitted, Action::Validate) => Some(Validated),
        (Submitted, Action::Refuse) => Some(if reopening { Validated } else { Refused }),
        (Validated, Action::Revoke) => Some(Revoked),
        (Draft | Submitted | ChangesRequested, Action::Revoke) if reopening => Some(Revoked),
        (Validated, Action::Reopen) => Some(Draft),
        (Draft | ChangesRequested, Action::CancelReopening) if reopening => Some(Validated),
        (Validated, Action::Copy) => Some(Validated),
        (Refused, Action::Copy) => Some(Refused),
        (Submitted, Action::AskOpinion) => Some(Submitted),
        (any, Action::Notify | Action::Annotate | Action::GiveOpinion | Action::Assign | Action::CorrectContacts) => {
            match any {
                Archived => None,
                Draft | Submitted | ChangesRequested | Validated | Refused | Revoked => Some(any),
            }
        }
        (Draft | Submitted | ChangesRequested | Refused | Revoked, Action::Archive) if !reopening => Some(Archived),
        (Draft | Submitted | ChangesRequested | Validated | Refused | Revoked | Archived, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventName;

    fn steps(reopening: bool, resubmitted: bool) -> Vec<String> {
        let mut steps = Vec::new();
        for &status in Status::ALL {
            for &action in Action::ALL {
                if let Some(to) = next(State { status, reopening, resubmitted, offered: false }, action)
                    && EventName::try_from(action).is_ok()
                    && action != Action::CorrectContacts
                {
                    steps.push(format!("{status} --{action}--> {to}"));
                }
            }
        }
        steps
    }

    const FIRST: [&str; 18] = [
        "draft --update--> draft",
        "draft --submit--> submitted",
        "draft --archive--> archived",
        "submitted --request_changes--> changes_requested",
        "submitted --validate--> validated",
        "submitted --refuse--> refused",
        "submitted --archive--> archived",
        "submitted --withdraw--> draft",
        "submitted --offer_partial_grant--> changes_requested",
        "changes_requested --update--> changes_requested",
        "changes_requested --submit--> submitted",
        "changes_requested --archive--> archived",
        "validated --revoke--> revoked",
        "validated --reopen--> draft",
        "validated --copy--> validated",
        "refused --archive--> archived",
        "refused --copy--> refused",
        "revoked --archive--> archived",
    ];

    #[test]
    fn the_table_is_what_the_documentation_says() {
        assert_eq!(steps(false, false), FIRST);
        assert_eq!(
            steps(false, true),
            FIRST.map(|step| step.replace("--withdraw--> draft", "--withdraw--> changes_requested"))
        );
    }

    #[test]
    fn an_update_never_ends_what_is_in_force_but_by_revoking_it() {
        let only_updates: Vec<String> =
            steps(true, false).into_iter().filter(|step| !FIRST.contains(&step.as_str())).collect();
        assert_eq!(
            only_updates,
            [
                "draft --revoke--> revoked",
                "draft --cancel_reopening--> validated",
                "submitted --refuse--> validated",
                "submitted --revoke--> revoked",
                "changes_requested --revoke--> revoked",
                "changes_requested --cancel_reopening--> validated",
            ]
        );
        assert!(
            !steps(true, false)
                .iter()
                .any(|step| step.contains("archive") || step.ends_with("> refused") && !step.starts_with("refused"))
        );
    }

    #[test]
    fn an_offer_waits_for_the_applicants_word_and_nothing_is_written_meanwhile() {
        for reopening in [false, true] {
            let after = |action| {
                next(State { status: Status::ChangesRequested, reopening, resubmitted: false, offered: true }, action)
            };
            assert_eq!(after(Action::AcceptOffer), Some(Status::Validated));
            assert_eq!(after(Action::DeclineOffer), Some(Status::Submitted));
            assert_eq!((after(Action::Update), after(Action::Submit), after(Action::Validate)), (None, None, None));
            assert_eq!(after(Action::Archive), (!reopening).then_some(Status::Archived));
            assert_eq!(after(Action::CancelReopening), reopening.then_some(Status::Validated));
        }
    }

    #[test]
    fn every_name_survives_a_round_trip() {
        for &status in Status::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        for &action in Action::ALL {
            assert_eq!(action.as_str().parse(), Ok(action));
        }
        assert!("pending".parse::<Status>().is_err());
    }
}
