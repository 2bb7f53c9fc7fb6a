//! The life of an enrollment: one exhaustive table of (state, action) → state.
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
        /// Put away: instructors find it by a filter, its applicant no more.
        Archived = "archived",
        /// A draft that its applicant deleted: they alone see it, and may restore it until it is purged.
        Deleted = "deleted",
    }
}

/// For how many days a draft that was deleted can be restored.
pub const RESTORABLE_DAYS: i64 = 30;

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
            Self::Deleted => "Supprimée",
        }
    }

    /// The same, of the update of an authorisation that is in force.
    pub const fn update_label(self) -> &'static str {
        match self {
            Self::Draft => "Mise à jour en brouillon",
            Self::Submitted => "Mise à jour en cours d’instruction",
            Self::ChangesRequested => "Mise à jour à modifier",
            Self::Validated | Self::Refused | Self::Revoked | Self::Archived | Self::Deleted => self.label(),
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
        /// Read what the administration and the applicant wrote to each other about it: messages, reasons of decisions.
        ReadMessages = "read_messages",
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
        /// Delete a draft that was never handed over.
        Delete = "delete",
        /// Restore a draft that one deleted.
        Restore = "restore",
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
        /// Put the content of what was submitted or granted right, in the place of the applicant.
        Correct = "correct",
        /// Put the contact details of a person right that it names.
        CorrectContacts = "correct_contacts",
        /// Give it to a colleague of the applicant: the applicant offers it, an administrator moves it at once.
        Transfer = "transfer",
        /// Take it over from a colleague: ask for it, or accept it where it is offered.
        AskTransfer = "ask_transfer",
        /// Answer a colleague of the applicant who asks for it: the applicant first, the administration after some days.
        DecideTransfer = "decide_transfer",
    }
}

impl Action {
    /// Whether the actor must say why: what they write is kept in the history and mailed to the applicant. Points say it
    /// too (see [`crate::change_point`]). What is granted needs no words.
    pub const fn needs_comment(self) -> bool {
        matches!(
            self,
            Self::RequestChanges
                | Self::Refuse
                | Self::Revoke
                | Self::OfferPartialGrant
                | Self::Correct
                | Self::CorrectContacts
        )
    }

    /// The verb on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Show => "Consulter",
            Self::ReadMessages => "Lire les messages et les motifs",
            Self::Update => "Enregistrer",
            Self::Submit => "Soumettre la demande",
            Self::RequestChanges => "Demander des modifications",
            Self::Validate => "Valider",
            Self::Refuse => "Refuser",
            Self::Revoke => "Révoquer",
            Self::Archive => "Archiver",
            Self::Delete => "Supprimer le brouillon",
            Self::Restore => "Rétablir le brouillon",
            Self::Withdraw => "Retirer la demande de l’instruction",
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
            Self::Correct => "Corriger la demande",
            Self::CorrectContacts => "Corriger les coordonnées",
            Self::Transfer => "Transmettre la demande",
            Self::AskTransfer => "Demander le transfert",
            Self::DecideTransfer => "Répondre à une demande de transfert",
        }
    }
}

/// Where an enrollment stands, as far as the next step depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its status.
    pub status: Status,
    /// It updates an authorisation that is in force.
    pub reopening: bool,
    /// It is back after changes were asked for.
    pub resubmitted: bool,
    /// The applicant has a partial grant to accept or to decline.
    pub offered: bool,
    /// It was handed over at least once.
    pub submitted_before: bool,
}

impl State {
    /// At that status; whatever happens to an enrollment ends an offer.
    const fn at(self, status: Status) -> Self {
        Self { status, offered: false, ..self }
    }

    /// At that status, where there is no update under way.
    const fn settled(self, status: Status) -> Self {
        Self { reopening: false, ..self.at(status) }
    }
}

/// The state after `action`, or `None` where the workflow has no such step.
///
/// Source: v1's state machine, with these differences. A decision needs a submitted request: v1 let an instructor refuse
/// one that was in the applicant's hands, though they could not validate it from there. A refused update leaves the
/// authorisation in force, as v1's screens promised and its server forgot. An update can be given up, and a submitted
/// request taken back. Instead of granting everything, the instructor may offer a part of it: v1's « changes requested »,
/// in which nothing can be written and the applicant accepts or declines. A draft that nobody else has seen can be deleted,
/// and restored for a while.
pub const fn next(state: State, action: Action) -> Option<State> {
    use Status::{Archived, ChangesRequested, Deleted, Draft, Refused, Revoked, Submitted, Validated};
    let State { status, reopening, resubmitted, offered, submitted_before } = state;
    Some(match (status, action) {
        (_, Action::Show | Action::ReadMessages | Action::CorrectContacts) => state,
        (ChangesRequested, Action::AcceptOffer) if offered => state.settled(Validated),
        (ChangesRequested, Action::DeclineOffer) if offered => state.at(Submitted),
        (ChangesRequested, Action::Update | Action::Submit) if offered => return None,
        (Draft | ChangesRequested, Action::Update) => state,
        (Draft, Action::Submit) => State { resubmitted: false, submitted_before: true, ..state.at(Submitted) },
        (ChangesRequested, Action::Submit) => State { resubmitted: true, ..state.at(Submitted) },
        (Draft, Action::Delete) if !submitted_before && !reopening => state.at(Deleted),
        (Deleted, Action::Restore) => state.at(Draft),
        (Submitted, Action::Withdraw) => state.at(if resubmitted { ChangesRequested } else { Draft }),
        (Submitted, Action::RequestChanges) => State { resubmitted: false, ..state.at(ChangesRequested) },
        (Submitted, Action::OfferPartialGrant) => State { offered: true, ..state.at(ChangesRequested) },
        (Submitted, Action::Validate) => state.settled(Validated),
        (Submitted, Action::Refuse) => state.settled(if reopening { Validated } else { Refused }),
        (Validated, Action::Revoke) => state.settled(Revoked),
        (Draft | Submitted | ChangesRequested, Action::Revoke) if reopening => state.settled(Revoked),
        (Validated, Action::Reopen) => State { reopening: true, resubmitted: false, ..state.at(Draft) },
        (Draft | ChangesRequested, Action::CancelReopening) if reopening => state.settled(Validated),
        (Submitted | Validated, Action::Correct) => state,
        (Validated | Refused, Action::Copy) | (Submitted, Action::AskOpinion) => state,
        (
            Draft | Submitted | ChangesRequested | Validated,
            Action::Transfer | Action::AskTransfer | Action::DecideTransfer,
        ) => state,
        (Archived | Deleted, _) => return None,
        (_, Action::Notify | Action::Annotate | Action::GiveOpinion | Action::Assign) => state,
        (Draft | Submitted | ChangesRequested | Refused | Revoked, Action::Archive) if !reopening => state.at(Archived),
        (Draft | Submitted | ChangesRequested | Validated | Refused | Revoked, _) => return None,
    })
}

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
        /// The applicant deleted their draft.
        Delete = "delete",
        /// The applicant restored their draft.
        Restore = "restore",
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
        /// An instructor put its content right; what was granted already is granted anew.
        Correct = "correct",
        /// An administrator put the contact details of a person right.
        CorrectContacts = "correct_contacts",
        /// It passed to a colleague of its applicant: the changes say to whom, the comment why.
        Transfer = "transfer",
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
            Self::Delete => "a supprimé le brouillon",
            Self::Restore => "a rétabli le brouillon",
            Self::Withdraw => "a repris la demande",
            Self::Reopen => "a commencé une mise à jour de l’habilitation",
            Self::CancelReopening => "a abandonné la mise à jour",
            Self::OfferPartialGrant => "a proposé un accord partiel",
            Self::AcceptOffer => "a accepté l’accord partiel",
            Self::DeclineOffer => "a décliné l’accord partiel",
            Self::Copy => "a renouvelé la demande",
            Self::Reminder => "a rappelé au demandeur que sa demande l’attend",
            Self::ReminderBeforeArchive => "a prévenu le demandeur que la demande sera archivée",
            Self::Correct => "a corrigé la demande",
            Self::CorrectContacts => "a corrigé les coordonnées d’une personne désignée",
            Self::Transfer => "a fait passer la demande à un autre demandeur",
        }
    }
}

impl TryFrom<Action> for EventName {
    type Error = ();

    /// Reading leaves no event; what is written to one another is kept apart, and who takes care of it is not for the
    /// applicant. A transfer is an event once it is done, whichever way it began.
    fn try_from(action: Action) -> Result<Self, ()> {
        Ok(match action {
            Action::Show
            | Action::ReadMessages
            | Action::Notify
            | Action::Annotate
            | Action::AskOpinion
            | Action::GiveOpinion
            | Action::Assign
            | Action::Transfer
            | Action::AskTransfer
            | Action::DecideTransfer => return Err(()),
            Action::Update => Self::Update,
            Action::Submit => Self::Submit,
            Action::RequestChanges => Self::RequestChanges,
            Action::Validate => Self::Validate,
            Action::Refuse => Self::Refuse,
            Action::Revoke => Self::Revoke,
            Action::Archive => Self::Archive,
            Action::Delete => Self::Delete,
            Action::Restore => Self::Restore,
            Action::Withdraw => Self::Withdraw,
            Action::Reopen => Self::Reopen,
            Action::CancelReopening => Self::CancelReopening,
            Action::OfferPartialGrant => Self::OfferPartialGrant,
            Action::AcceptOffer => Self::AcceptOffer,
            Action::DeclineOffer => Self::DeclineOffer,
            Action::Copy => Self::Copy,
            Action::Correct => Self::Correct,
            Action::CorrectContacts => Self::CorrectContacts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(reopening: bool, resubmitted: bool) -> Vec<String> {
        let mut steps = Vec::new();
        for &status in Status::ALL {
            for &action in Action::ALL {
                if let Some(to) =
                    next(State { status, reopening, resubmitted, offered: false, submitted_before: true }, action)
                    && EventName::try_from(action).is_ok()
                    && action != Action::CorrectContacts
                {
                    steps.push(format!("{status} --{action}--> {}", to.status));
                }
            }
        }
        steps
    }

    const FIRST: [&str; 21] = [
        "draft --update--> draft",
        "draft --submit--> submitted",
        "draft --archive--> archived",
        "submitted --request_changes--> changes_requested",
        "submitted --validate--> validated",
        "submitted --refuse--> refused",
        "submitted --archive--> archived",
        "submitted --withdraw--> draft",
        "submitted --offer_partial_grant--> changes_requested",
        "submitted --correct--> submitted",
        "changes_requested --update--> changes_requested",
        "changes_requested --submit--> submitted",
        "changes_requested --archive--> archived",
        "validated --revoke--> revoked",
        "validated --reopen--> draft",
        "validated --copy--> validated",
        "validated --correct--> validated",
        "refused --archive--> archived",
        "refused --copy--> refused",
        "revoked --archive--> archived",
        "deleted --restore--> draft",
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
    fn only_a_draft_that_was_never_submitted_can_be_deleted() {
        for state in states() {
            let can = state.status == Status::Draft && !state.submitted_before && !state.reopening;
            assert_eq!(next(state, Action::Delete).is_some(), can, "{state:?}");
        }
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
            let state = State {
                status: Status::ChangesRequested,
                reopening,
                resubmitted: false,
                offered: true,
                submitted_before: true,
            };
            let after = |action| next(state, action).map(|state| state.status);
            assert_eq!(after(Action::AcceptOffer), Some(Status::Validated));
            assert_eq!(after(Action::DeclineOffer), Some(Status::Submitted));
            assert_eq!((after(Action::Update), after(Action::Submit), after(Action::Validate)), (None, None, None));
            assert_eq!(after(Action::Archive), (!reopening).then_some(Status::Archived));
            assert_eq!(after(Action::CancelReopening), reopening.then_some(Status::Validated));
        }
    }

    /// Every state that the members can be put together to.
    fn states() -> Vec<State> {
        let mut states = Vec::new();
        for &status in Status::ALL {
            for bits in 0..16_u8 {
                let is_set = |bit: u8| bits & bit != 0;
                states.push(State {
                    status,
                    reopening: is_set(1),
                    resubmitted: is_set(2),
                    offered: is_set(4),
                    submitted_before: is_set(8),
                });
            }
        }
        states
    }

    #[test]
    fn a_step_changes_the_marks_that_it_is_about_and_no_other() {
        for state in states() {
            for &action in Action::ALL {
                let Some(after) = next(state, action) else { continue };
                let of_step = format!("{state:?} --{action}--> {after:?}");
                let reopening = match action {
                    Action::Reopen => true,
                    Action::Validate
                    | Action::AcceptOffer
                    | Action::Refuse
                    | Action::Revoke
                    | Action::CancelReopening => false,
                    _ => state.reopening,
                };
                let resubmitted = match action {
                    Action::Submit => state.status == Status::ChangesRequested,
                    Action::RequestChanges | Action::Reopen => false,
                    _ => state.resubmitted,
                };
                assert_eq!((after.reopening, after.resubmitted), (reopening, resubmitted), "{of_step}");
                let is_step = crate::change_state::ChangeState::step(action, String::new()).is_some();
                let offered = if is_step { action == Action::OfferPartialGrant } else { state.offered };
                assert_eq!(after.offered, offered, "{of_step}");
                if !is_step {
                    assert_eq!(after, state, "{of_step}");
                }
            }
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
