//! The life of an enrollment: one exhaustive table of (status, action) → status.
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
    }
}

impl Action {
    /// Whether the actor must say why: what they write is kept in the history and mailed to the applicant.
    pub const fn needs_comment(self) -> bool {
        matches!(self, Self::RequestChanges | Self::Validate | Self::Refuse | Self::Revoke)
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
        }
    }
}

/// The status after `action`, or `None` where the workflow has no such step.
///
/// Source: v1's state machine, but for one step: v1 let an instructor refuse a request that was in the applicant's
/// hands, while they could not validate it from there; a decision needs a submitted request here.
pub const fn next(status: Status, action: Action) -> Option<Status> {
    use Status::{Archived, ChangesRequested, Draft, Refused, Revoked, Submitted, Validated};

    match (status, action) {
        (any, Action::Show) => Some(any),
        (Draft, Action::Update) => Some(Draft),
        (ChangesRequested, Action::Update) => Some(ChangesRequested),
        (Draft | ChangesRequested, Action::Submit) => Some(Submitted),
        (Submitted, Action::RequestChanges) => Some(ChangesRequested),
        (Submitted, Action::Validate) => Some(Validated),
        (Submitted, Action::Refuse) => Some(Refused),
        (Validated, Action::Revoke) => Some(Revoked),
        (Draft | Submitted | ChangesRequested | Refused | Revoked, Action::Archive) => Some(Archived),
        (Submitted | Validated | Refused | Revoked | Archived, Action::Update | Action::Submit)
        | (
            Draft | ChangesRequested | Validated | Refused | Revoked | Archived,
            Action::RequestChanges | Action::Validate | Action::Refuse,
        )
        | (Draft | Submitted | ChangesRequested | Refused | Revoked | Archived, Action::Revoke)
        | (Validated | Archived, Action::Archive) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_what_the_documentation_says() {
        let mut steps = Vec::new();
        for &status in Status::ALL {
            for &action in Action::ALL {
                if let Some(to) = next(status, action)
                    && action != Action::Show
                {
                    steps.push(format!("{status} --{action}--> {to}"));
                }
            }
        }
        assert_eq!(
            steps,
            [
                "draft --update--> draft",
                "draft --submit--> submitted",
                "draft --archive--> archived",
                "submitted --request_changes--> changes_requested",
                "submitted --validate--> validated",
                "submitted --refuse--> refused",
                "submitted --archive--> archived",
                "changes_requested --update--> changes_requested",
                "changes_requested --submit--> submitted",
                "changes_requested --archive--> archived",
                "validated --revoke--> revoked",
                "refused --archive--> archived",
                "revoked --archive--> archived",
            ]
        );
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
