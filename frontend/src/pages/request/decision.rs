//! A decision being taken: which, with which words, and what came of it. No view here.
//!
//! It outlives the request on the page: after a conflict the request is read again, and what was typed stays.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ChangeState, ErrorCode, MAX_COMMENT_LENGTH};
use shared::enrollment::Enrollment;
use shared::workflow::Action;

use crate::api::{self, ApiError};
use crate::form::backup::PREFIX;
use crate::{browser, json};

/// Id of the field of the comment.
pub const COMMENT_ID: &str = "decision-commentaire";

/// Why a decision did not go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No answer, or a server that is not well: trying again may help.
    Passing(String),
    /// Somebody else acted first; the request is read again.
    Conflict,
    /// The server said no.
    Refused(String),
}

/// A decision being taken.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    id: i64,
    /// Which; none while nobody has chosen.
    pub action: RwSignal<Option<Action>>,
    /// The words that go with it.
    pub comment: RwSignal<String>,
    /// What is wrong with the words.
    pub error: RwSignal<Option<String>>,
    /// Why the last try did not go through.
    pub trouble: RwSignal<Option<Trouble>>,
    /// It is on its way.
    pub is_sending: RwSignal<bool>,
}

impl Decision {
    /// For that request, with what this browser kept of a decision that did not go through.
    pub fn on(id: i64) -> Self {
        let kept = browser::stored(&key(id)).and_then(|kept| json::parse(&kept));
        let kept = kept.and_then(|kept| serde_json::from_value::<ChangeState>(kept).ok());
        let (action, comment) = kept.map(|kept| (kept.event, kept.comment)).unzip();
        let decision = Self {
            id,
            action: RwSignal::new(action),
            comment: RwSignal::new(comment.unwrap_or_default()),
            error: RwSignal::new(None),
            trouble: RwSignal::new(None),
            is_sending: RwSignal::new(false),
        };
        Effect::new(move |_| decision.keep());
        decision
    }

    /// Chooses. The words typed for another decision stay.
    pub fn choose(self, action: Action) {
        self.error.set(None);
        self.trouble.set(None);
        self.action.set(Some(action));
    }

    /// Gives up, and forgets the words.
    pub fn cancel(self) {
        self.action.set(None);
        self.comment.set(String::new());
        self.error.set(None);
        self.trouble.set(None);
    }

    /// Types.
    pub fn write(self, comment: String) {
        self.comment.set(comment);
        if self.error.with_untracked(Option::is_some) {
            self.check();
        }
    }

    /// Sends it, if the words are right; else says what is wrong and goes there.
    pub fn confirm(self, version: i64, on_done: Callback<(Action, Enrollment)>, on_conflict: Callback<()>) {
        let Some(action) = self.action.get_untracked() else { return };
        if self.is_sending.get_untracked() {
            return;
        }
        self.check();
        if self.error.with_untracked(Option::is_some) {
            browser::focus(COMMENT_ID);
            return;
        }
        self.is_sending.set(true);
        self.trouble.set(None);
        let change = ChangeState { event: action, comment: self.comment.get_untracked().trim().to_owned() };
        spawn_local(async move {
            let answer = api::change_state(self.id, version, change).await;
            // The reader may have left the page meanwhile.
            if self.is_sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(enrollment) => {
                    self.cancel();
                    on_done.run((action, enrollment));
                }
                Err(error) => {
                    let trouble = trouble(&error);
                    let is_conflict = trouble == Trouble::Conflict;
                    self.trouble.set(Some(trouble));
                    if is_conflict {
                        on_conflict.run(());
                    }
                }
            }
        });
    }

    fn check(self) {
        let action = self.action.get_untracked();
        self.error.set(action.and_then(|action| self.comment.with_untracked(|comment| comment_error(action, comment))));
    }

    /// What is typed survives a closed tab and a lost network; signing out forgets it.
    fn keep(self) {
        let change = self.action.get().map(|event| ChangeState { event, comment: self.comment.get() });
        match change
            .filter(|change| !change.comment.trim().is_empty())
            .and_then(|change| serde_json::to_value(&change).ok())
        {
            Some(change) => {
                browser::store(&key(self.id), &json::print(&change));
            }
            None => browser::forget(&key(self.id)),
        }
    }
}

fn key(id: i64) -> String {
    format!("{PREFIX}decision.{id}")
}

fn trouble(error: &ApiError) -> Trouble {
    match error.code() {
        Some(ErrorCode::StaleVersion | ErrorCode::WrongStatus) => Trouble::Conflict,
        _ if error.is_passing() => Trouble::Passing(error.message()),
        _ => Trouble::Refused(error.message()),
    }
}

/// What is wrong with the words that go with a decision.
fn comment_error(action: Action, comment: &str) -> Option<String> {
    let length = comment.trim().chars().count();
    if length == 0 && action.needs_comment() {
        return Some("Écrivez un message\u{a0}: il est envoyé au demandeur avec la décision.".to_owned());
    }
    (length > MAX_COMMENT_LENGTH).then(|| {
        format!("Le message compte {length} caractères\u{a0}; raccourcissez-le à {MAX_COMMENT_LENGTH} au plus.")
    })
}

/// What the page says of each decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording {
    /// Title of the panel.
    pub title: &'static str,
    /// Label of the comment.
    pub label: &'static str,
    /// Help for the comment.
    pub hint: &'static str,
    /// The button that sends.
    pub confirm: &'static str,
    /// Once it is done.
    pub done: &'static str,
}

/// What the button of a decision says.
pub fn label(action: Action, reopening: bool) -> &'static str {
    match wording(action, reopening) {
        Some(wording) if reopening => wording.title,
        Some(_) | None => action.label(),
    }
}

/// The words for a decision, of a request or of the update of an authorisation; `None` for what is none.
pub const fn wording(action: Action, reopening: bool) -> Option<Wording> {
    Some(match action {
        Action::Validate if reopening => Wording {
            title: "Valider la mise à jour",
            label: "Message au demandeur",
            hint: "Une nouvelle habilitation remplace celle en vigueur. Ce message l’accompagne\u{a0}; il est conservé dans l’historique.",
            confirm: "Valider la mise à jour",
            done: "La mise à jour est validée\u{a0}: une nouvelle habilitation est en vigueur. Le demandeur en est informé par courriel.",
        },
        Action::Refuse if reopening => Wording {
            title: "Refuser la mise à jour",
            label: "Raison du refus",
            hint: "L’habilitation en vigueur reste valable. Cette raison est envoyée au demandeur et conservée dans l’historique.",
            confirm: "Refuser la mise à jour",
            done: "La mise à jour est refusée\u{a0}; l’habilitation reste en vigueur. Le demandeur en est informé par courriel.",
        },
        Action::Revoke if reopening => Wording {
            title: "Révoquer l’habilitation",
            label: "Raison de la révocation",
            hint: "L’habilitation cesse d’être en vigueur et la mise à jour est abandonnée. Cette raison est envoyée au demandeur et conservée dans l’historique.",
            confirm: "Révoquer l’habilitation",
            done: "L’habilitation est révoquée. Le demandeur en est informé par courriel.",
        },
        Action::RequestChanges => Wording {
            title: "Demander des modifications",
            label: "Modifications attendues",
            hint: "Dites quels points reprendre, et comment. Ce message est envoyé au demandeur et conservé dans l’historique.",
            confirm: "Envoyer au demandeur",
            done: "Des modifications ont été demandées. Le demandeur en est informé par courriel.",
        },
        Action::Validate => Wording {
            title: "Valider la demande",
            label: "Message au demandeur",
            hint: "Ce message accompagne l’habilitation\u{a0}; il est conservé dans l’historique.",
            confirm: "Valider la demande",
            done: "La demande est validée. Le demandeur en est informé par courriel.",
        },
        Action::Refuse => Wording {
            title: "Refuser la demande",
            label: "Raison du refus",
            hint: "Cette raison est envoyée au demandeur et conservée dans l’historique.",
            confirm: "Refuser la demande",
            done: "La demande est refusée. Le demandeur en est informé par courriel.",
        },
        Action::Revoke => Wording {
            title: "Révoquer l’habilitation",
            label: "Raison de la révocation",
            hint: "L’habilitation cesse d’être en vigueur. Cette raison est envoyée au demandeur et conservée dans l’historique.",
            confirm: "Révoquer l’habilitation",
            done: "L’habilitation est révoquée. Le demandeur en est informé par courriel.",
        },
        Action::Archive => Wording {
            title: "Archiver la demande",
            label: "Commentaire (facultatif)",
            hint: "La demande sort des listes et ne peut plus être traitée. Ce commentaire est conservé dans l’historique.",
            confirm: "Archiver la demande",
            done: "La demande est archivée.",
        },
        Action::Show
        | Action::Update
        | Action::Submit
        | Action::Withdraw
        | Action::Reopen
        | Action::CancelReopening
        | Action::Copy
        | Action::Notify
        | Action::Annotate => return None,
    })
}

#[cfg(test)]
mod tests {
    use shared::api::ErrorBody;

    use super::*;

    #[test]
    fn a_decision_needs_words_but_archiving_does_not() {
        for action in [Action::RequestChanges, Action::Validate, Action::Refuse, Action::Revoke] {
            assert!(comment_error(action, " \n").is_some(), "{action}");
            assert_eq!(comment_error(action, "Bien."), None);
        }
        assert_eq!(comment_error(Action::Archive, ""), None);
        let long = "é".repeat(MAX_COMMENT_LENGTH + 1);
        assert!(comment_error(Action::Archive, &long).is_some());
        assert_eq!(comment_error(Action::Refuse, &"é".repeat(MAX_COMMENT_LENGTH)), None);
    }

    #[test]
    fn an_update_is_decided_in_its_own_words() {
        assert_eq!(label(Action::Validate, false), "Valider");
        assert_eq!(label(Action::Validate, true), "Valider la mise à jour");
        assert_eq!(label(Action::RequestChanges, true), "Demander des modifications");
        assert!(wording(Action::Refuse, true).unwrap().hint.contains("reste valable"));
    }

    #[test]
    fn a_lost_race_is_told_from_a_lost_network() {
        let refused =
            |code, status| ApiError::Api(ErrorBody { code, message: "m".to_owned(), fields: Vec::new() }, status);
        assert_eq!(trouble(&refused(ErrorCode::StaleVersion, 409)), Trouble::Conflict);
        assert_eq!(trouble(&refused(ErrorCode::WrongStatus, 409)), Trouble::Conflict);
        assert_eq!(trouble(&refused(ErrorCode::Forbidden, 403)), Trouble::Refused("m".to_owned()));
        assert_eq!(trouble(&refused(ErrorCode::Internal, 500)), Trouble::Passing("m".to_owned()));
        assert!(matches!(trouble(&ApiError::Network), Trouble::Passing(_)));
    }
}
