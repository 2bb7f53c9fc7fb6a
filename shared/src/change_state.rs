//! A step of the workflow that somebody takes, with what goes with it: the body of
//! `PATCH /api/enrollments/{id}/change_state`.
//!
//! From which state it may be taken is not decided here (see [`crate::workflow`]), nor by whom (see [`crate::rights`]).

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::change_point::NewPoint;
use crate::workflow::Action;

/// A step, named by `event`. The comment is kept in the history; those who decide must write one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ChangeState {
    /// Hand it to the instructors.
    Submit {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
    /// Send it back to the applicant.
    RequestChanges {
        /// What to change as a whole; may be empty where there are points.
        #[serde(default)]
        comment: String,
        /// What to change, point by point; at most 100.
        #[serde(default)]
        points: Vec<NewPoint>,
    },
    /// Grant it.
    Validate {
        /// What to tell the applicant.
        comment: String,
    },
    /// Turn it down.
    Refuse {
        /// Why.
        comment: String,
    },
    /// Withdraw what was granted.
    Revoke {
        /// Why.
        comment: String,
    },
    /// Put it away.
    Archive {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
    /// Delete a draft that was never handed over; it can be restored for 30 days.
    Delete {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
    /// Restore a draft that one deleted.
    Restore {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
    /// Take back what was handed over.
    Withdraw {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
    /// Write an update of what was granted, which stays in force meanwhile.
    Reopen {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
    /// Give the update up.
    CancelReopening {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
    /// Grant less than what was asked for, if the applicant agrees.
    OfferPartialGrant {
        /// Why.
        comment: String,
        /// The data that is taken out.
        struck: BTreeSet<String>,
    },
    /// Agree to it: it is granted.
    AcceptOffer {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
    /// Disagree: it goes back to the instructors.
    DeclineOffer {
        /// May be empty.
        #[serde(default)]
        comment: String,
    },
}

impl ChangeState {
    /// That action as a step with nothing but a comment; `None` where it is no step of the workflow.
    pub fn step(action: Action, comment: String) -> Option<Self> {
        Some(match action {
            Action::Submit => Self::Submit { comment },
            Action::RequestChanges => Self::RequestChanges { comment, points: Vec::new() },
            Action::Validate => Self::Validate { comment },
            Action::Refuse => Self::Refuse { comment },
            Action::Revoke => Self::Revoke { comment },
            Action::Archive => Self::Archive { comment },
            Action::Delete => Self::Delete { comment },
            Action::Restore => Self::Restore { comment },
            Action::Withdraw => Self::Withdraw { comment },
            Action::Reopen => Self::Reopen { comment },
            Action::CancelReopening => Self::CancelReopening { comment },
            Action::OfferPartialGrant => Self::OfferPartialGrant { comment, struck: BTreeSet::new() },
            Action::AcceptOffer => Self::AcceptOffer { comment },
            Action::DeclineOffer => Self::DeclineOffer { comment },
            Action::Show
            | Action::ReadMessages
            | Action::Update
            | Action::Copy
            | Action::Notify
            | Action::Annotate
            | Action::AskOpinion
            | Action::GiveOpinion
            | Action::Assign
            | Action::Correct
            | Action::CorrectContacts
            | Action::Transfer
            | Action::AskTransfer
            | Action::DecideTransfer => return None,
        })
    }

    /// What one must have the right to do.
    pub const fn action(&self) -> Action {
        match self {
            Self::Submit { .. } => Action::Submit,
            Self::RequestChanges { .. } => Action::RequestChanges,
            Self::Validate { .. } => Action::Validate,
            Self::Refuse { .. } => Action::Refuse,
            Self::Revoke { .. } => Action::Revoke,
            Self::Archive { .. } => Action::Archive,
            Self::Delete { .. } => Action::Delete,
            Self::Restore { .. } => Action::Restore,
            Self::Withdraw { .. } => Action::Withdraw,
            Self::Reopen { .. } => Action::Reopen,
            Self::CancelReopening { .. } => Action::CancelReopening,
            Self::OfferPartialGrant { .. } => Action::OfferPartialGrant,
            Self::AcceptOffer { .. } => Action::AcceptOffer,
            Self::DeclineOffer { .. } => Action::DeclineOffer,
        }
    }

    /// Whether it must say why, as nothing else in it does.
    pub const fn needs_comment(&self) -> bool {
        match self {
            Self::RequestChanges { points, .. } => points.is_empty(),
            _ => self.action().needs_comment(),
        }
    }

    /// What is written with it.
    pub const fn comment(&self) -> &str {
        match self {
            Self::Submit { comment }
            | Self::RequestChanges { comment, .. }
            | Self::Validate { comment }
            | Self::Refuse { comment }
            | Self::Revoke { comment }
            | Self::Archive { comment }
            | Self::Delete { comment }
            | Self::Restore { comment }
            | Self::Withdraw { comment }
            | Self::Reopen { comment }
            | Self::CancelReopening { comment }
            | Self::OfferPartialGrant { comment, .. }
            | Self::AcceptOffer { comment }
            | Self::DeclineOffer { comment } => comment.as_str(),
        }
    }
}

impl<'de> Deserialize<'de> for ChangeState {
    /// Written out, because what serde derives for a tagged enum cannot tell at which member an error is.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Member {
    Event,
    Comment,
    Points,
    Struck,
}

impl<'de> Visitor<'de> for Members {
    type Value = ChangeState;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a step of the workflow")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ChangeState, A::Error> {
        let (mut event, mut comment) = (None, String::new());
        let (mut points, mut struck) = (Vec::new(), BTreeSet::new());
        while let Some(member) = map.next_key()? {
            match member {
                Member::Event => event = Some(map.next_value::<Event>()?.0),
                Member::Comment => comment = map.next_value()?,
                Member::Points => points = map.next_value_seed(List { event, of: POINTS, is_empty: Vec::is_empty })?,
                Member::Struck => {
                    struck = map.next_value_seed(List { event, of: STRUCK, is_empty: BTreeSet::is_empty })?;
                }
            }
        }
        let event = event.ok_or_else(|| Error::missing_field("event"))?;
        // A list may have come before the event.
        refuse_stray(event, POINTS, points.is_empty())?;
        refuse_stray(event, STRUCK, struck.is_empty())?;
        match ChangeState::step(event, comment) {
            Some(ChangeState::RequestChanges { comment, .. }) => Ok(ChangeState::RequestChanges { comment, points }),
            Some(ChangeState::OfferPartialGrant { comment, .. }) => {
                Ok(ChangeState::OfferPartialGrant { comment, struck })
            }
            Some(change) => Ok(change),
            None => Err(no_step(event.as_str())),
        }
    }
}

/// The step that takes points.
const POINTS: Action = Action::RequestChanges;

/// The step that takes data out.
const STRUCK: Action = Action::OfferPartialGrant;

/// The name of a step.
struct Event(Action);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let action = name.parse().ok().filter(|action| ChangeState::step(*action, String::new()).is_some());
        action.map(Self).ok_or_else(|| no_step(&name))
    }
}

fn no_step<E: Error>(name: &str) -> E {
    E::custom(format!("«\u{a0}{name}\u{a0}» n’est pas une étape"))
}

/// A list that goes with one step. It is looked at where it is read, so that the error names its place.
struct List<T> {
    event: Option<Action>,
    of: Action,
    is_empty: fn(&T) -> bool,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for List<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let list = T::deserialize(deserializer)?;
        if let Some(event) = self.event {
            refuse_stray(event, self.of, (self.is_empty)(&list))?;
        }
        Ok(list)
    }
}

/// An empty list says nothing, whatever the step.
fn refuse_stray<E: Error>(event: Action, of: Action, is_empty: bool) -> Result<(), E> {
    if is_empty || event == of {
        return Ok(());
    }
    Err(E::custom(format!("ce membre ne va qu’avec l’étape «\u{a0}{of}\u{a0}»")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &serde_json::Value) -> Result<ChangeState, String> {
        serde_json::from_value(body.clone()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_step_survives_a_round_trip() {
        let mut steps = 0;
        for change in Action::ALL.iter().filter_map(|action| ChangeState::step(*action, "Voici pourquoi.".to_owned())) {
            let body = serde_json::to_value(&change).unwrap();
            assert_eq!(body["event"], change.action().as_str());
            assert_eq!((read(&body), change.comment()), (Ok(change.clone()), "Voici pourquoi."));
            steps += 1;
        }
        assert_eq!(steps, 14);
    }

    #[test]
    fn lists_go_with_their_own_step_only() {
        let points = json!([{"field": "intitule", "comment": "Précisez."}]);
        for (members, refused) in [
            (json!({"event": "request_changes", "points": &points}), None),
            (json!({"event": "offer_partial_grant", "comment": "x", "struck": ["a"]}), None),
            (json!({"event": "submit", "comment": "", "points": [], "struck": []}), None),
            (json!({"event": "refuse", "points": &points}), Some("request_changes")),
            (json!({"event": "request_changes", "struck": ["a"]}), Some("offer_partial_grant")),
            (json!({"event": "submit", "reason": "x"}), Some("reason")),
            (json!({"event": "copy"}), Some("copy")),
            (json!({"event": "pending"}), Some("pending")),
            (json!({"comment": "x"}), Some("event")),
        ] {
            match (read(&members), refused) {
                (Ok(_), None) => {}
                (Err(message), Some(named)) => assert!(message.contains(named), "{members}: {message}"),
                (found, _) => panic!("{members}: {found:?}"),
            }
        }
        let text = r#"{"points": [{"field": "intitule", "comment": "x"}], "event": "refuse"}"#;
        assert!(serde_json::from_str::<ChangeState>(text).is_err(), "whatever the order of the members");
    }
}
