//! The quick views of the list. `filters` draws them.

use std::collections::BTreeSet;

use shared::queue::{AssignedTo, QueueCounts};
use shared::workflow::Status;

/// What narrows the list beside words and APIs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// The statuses to show; none means all.
    pub statuses: BTreeSet<Status>,
    /// Only those that somebody takes care of.
    pub assigned_to: Option<AssignedTo>,
    /// Only those that are back after changes were asked for.
    pub resubmitted: bool,
    /// Only those with messages that no instructor has read.
    pub unread: bool,
}

/// A way to narrow the list, with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuickView {
    /// What waits for an instructor.
    ToInstruct,
    /// Of these, what nobody takes care of.
    Unassigned,
    /// Of these, what the reader takes care of.
    WaitingForMe,
    /// Of these, what is back after changes were asked for.
    Resubmitted,
    /// All that the reader takes care of.
    Mine,
    /// What has messages that nobody has read.
    Unread,
    /// What waits for its applicant.
    WaitingForApplicant,
    Everything,
}

impl QuickView {
    /// Every view, in order.
    pub const ALL: [Self; 8] = [
        Self::ToInstruct,
        Self::Unassigned,
        Self::WaitingForMe,
        Self::Resubmitted,
        Self::Mine,
        Self::Unread,
        Self::WaitingForApplicant,
        Self::Everything,
    ];

    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ToInstruct => "À instruire",
            Self::Unassigned => "À attribuer",
            Self::WaitingForMe => "À traiter par moi",
            Self::Resubmitted => "De retour",
            Self::Mine => "Suivies par moi",
            Self::Unread => "Avec messages non lus",
            Self::WaitingForApplicant => "En attente du demandeur",
            Self::Everything => "Toutes",
        }
    }

    /// Whether only instructors have such requests.
    pub const fn is_of_instructors(self) -> bool {
        matches!(self, Self::Unassigned | Self::WaitingForMe | Self::Mine | Self::Unread)
    }

    /// How many requests it holds.
    pub const fn count(self, counts: &QueueCounts) -> i64 {
        match self {
            Self::ToInstruct => counts.submitted,
            Self::Unassigned => counts.unassigned,
            Self::WaitingForMe => counts.waiting_for_me,
            Self::Resubmitted => counts.resubmitted,
            Self::Mine => counts.mine,
            Self::Unread => counts.unread,
            Self::WaitingForApplicant => counts.changes_requested,
            Self::Everything => counts.all,
        }
    }

    /// What it shows.
    pub fn narrowing(self) -> Narrowing {
        let none = Narrowing::default();
        let waiting = Narrowing { statuses: BTreeSet::from([Status::Submitted]), ..none.clone() };
        match self {
            Self::ToInstruct => waiting,
            Self::Unassigned => Narrowing { assigned_to: Some(AssignedTo::Nobody), ..waiting },
            Self::WaitingForMe => Narrowing { assigned_to: Some(AssignedTo::Me), ..waiting },
            Self::Resubmitted => Narrowing { resubmitted: true, ..waiting },
            Self::Mine => Narrowing { assigned_to: Some(AssignedTo::Me), ..none },
            Self::Unread => Narrowing { unread: true, ..none },
            Self::WaitingForApplicant => Narrowing { statuses: BTreeSet::from([Status::ChangesRequested]), ..none },
            Self::Everything => none,
        }
    }
}
