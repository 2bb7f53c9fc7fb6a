//! The mails that people can do without, and what they have chosen.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::user::Role;
use crate::wire_enum;

wire_enum! {
    /// The mails that somebody may do without. All others are about what one has a part in: decisions, the answers of
    /// the other side, what one answers for.
    pub enum MailKind {
        /// Requests that are handed over, taken back, or whose partial grant is declined.
        Submissions = "submissions",
        /// Messages that applicants write.
        Messages = "messages",
        /// Reminders of opinions that one was asked for.
        OpinionReminders = "opinion_reminders",
    }
}

impl MailKind {
    /// What one ticks.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Submissions => "Demandes soumises ou reprises, accords partiels déclinés",
            Self::Messages => "Messages écrits par les demandeurs",
            Self::OpinionReminders => "Rappels des avis attendus de vous",
        }
    }

    /// The mails that a role brings.
    pub const fn of_role(role: &Role) -> &'static [Self] {
        match role {
            Role::Subscriber { .. } => &[Self::Submissions, Self::Messages],
            Role::Reporter { .. } => &[Self::OpinionReminders],
            Role::Administrator | Role::Manager(_) | Role::Developer { .. } | Role::Instructor { .. } => &[],
        }
    }
}

/// Whether somebody gets the mails of one kind about one API. Also the body of `PUT /api/me/mails`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailPreference {
    /// The API.
    pub target_api: String,
    /// Which of its mails.
    pub kind: MailKind,
    /// They are sent.
    pub wanted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_brought_by_a_role() {
        let roles = ["api:subscriber", "api:reporter"].map(|role| role.parse::<Role>().unwrap());
        let brought: Vec<MailKind> = roles.iter().flat_map(MailKind::of_role).copied().collect();
        assert_eq!(brought, MailKind::ALL);
        for role in ["administrator", "api:instructor", "api:manager", "api:developer"] {
            assert!(MailKind::of_role(&role.parse().unwrap()).is_empty(), "{role}");
        }
    }
}
