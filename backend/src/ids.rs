//! The numbers that name rows, each thing's of a type of its own, so that none is taken for another's.
//!
//! `shared` writes them as plain numbers: that is how they cross the wire. They get their type where they come in, as a row,
//! as a part of a path or as whoever is signed in.

use std::fmt::{Display, Formatter, Result};

use diesel_derive_newtype::DieselNewType;
use serde::{Deserialize, Serialize};
use shared::user::User;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DieselNewType
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )* };
}

ids! {
    /// Of an account, as the embedded identity provider knows somebody.
    AccountId;
    /// Of an authorisation: the number after the H.
    AuthorisationId;
    /// Of a template of the message that goes with a decision.
    DecisionTemplateId;
    /// Of an enrollment.
    EnrollmentId;
    /// Of an event in the history of an enrollment.
    EventId;
    /// Of a request to join an organisation.
    JoinRequestId;
    /// Of an opinion that was asked.
    OpinionId;
    /// Of a point of a request for changes.
    PointId;
    /// Of a role that somebody asks for.
    RoleRequestId;
    /// Of a view of the list that somebody keeps.
    SavedFilterId;
    /// Of the transfer of an enrollment to a colleague.
    TransferId;
    /// Of a user, as DataPass knows somebody.
    UserId;
}

impl UserId {
    /// That of this user.
    pub const fn of(user: &User) -> Self {
        Self(user.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_its_number() {
        assert_eq!(serde_json::to_string(&EnrollmentId(42)).ok().as_deref(), Some("42"));
        assert_eq!(serde_json::from_str::<EnrollmentId>("42").ok(), Some(EnrollmentId(42)));
        assert_eq!(EnrollmentId(42).to_string(), "42");
    }
}
