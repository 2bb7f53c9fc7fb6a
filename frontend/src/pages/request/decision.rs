//! A decision being taken: which, with which words, and what came of it. No view here.
//!
//! It outlives the request on the page: after a conflict the request is read again, and what was typed stays.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ChangeState, ErrorCode};
use shared::change_point::NewPoint;
use shared::enrollment::Enrollment;
use shared::text::MAX_LENGTH;
use shared::workflow::Action;

use super::review::collected;
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
    /// The points that a request for changes sends.
    pub points: RwSignal<Vec<NewPoint>>,
    /// The data that is taken out of what is granted.
    pub struck: RwSignal<BTreeSet<String>>,
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
        let (action, comment, struck) = match kept {
            Some(kept) => (Some(kept.event), kept.comment, kept.struck),
            None => (None, String::new(), BTreeSet::new()),
        };
        let decision = Self {
            id,
            action: RwSignal::new(action),
            comment: RwSignal::new(comment),
            points: collected(id),
            struck: RwSignal::new(struck),
            error: RwSignal::new(None),
            trouble: RwSignal::new(None),
            is_sending: RwSignal::new(false),
        };
        Effect::new(move |_| decision.keep());
        decision
    }

    /// What would be sent: to grant without some of the data is to offer that.
    pub fn change(self) -> Option<ChangeState> {
        let action = self.action.get()?;
        let struck = self.struck.get();
        let event = if action == Action::Validate && !struck.is_empty() { Action::OfferPartialGrant } else { action };
        Some(ChangeState {
            event,
            comment: self.comment.get().trim().to_owned(),
            points: if event == Action::RequestChanges { self.points.get() } else { Vec::new() },
            struck: if event == Action::OfferPartialGrant { struck } else { BTreeSet::new() },
        })
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
        self.struck.set(BTreeSet::new());
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
        let Some(change) = untrack(|| self.change()) else { return };
        let action = change.event;
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
        spawn_local(async move {
            let answer = api::change_state(self.id, version, change).await;
            // The reader may have left the page meanwhile.
            if self.is_sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(enrollment) => {
                    self.cancel();
                    // Whatever was decided, they are no longer to be sent.
                    self.points.set(Vec::new());
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
        self.error.set(untrack(|| self.change()).and_then(|change| comment_error(&change)));
    }

    /// What is typed survives a closed tab and a lost network; signing out forgets it.
    fn keep(self) {
        let struck = self.struck.get();
        let change =
            self.action.get().map(|event| ChangeState { struck, ..ChangeState::step(event, self.comment.get()) });
        match change
            .filter(|change| !change.comment.trim().is_empty() || !change.struck.is_empty())
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
        Some(ErrorCode::Invalid) => Trouble::Refused(reasons(error)),
        _ => Trouble::Refused(error.message()),
    }
}

/// Every reason why the content is not acceptable.
fn reasons(error: &ApiError) -> String {
    match error {
        ApiError::Api(body, _) if !body.fields.is_empty() => {
            body.fields.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ")
        }
        error => error.message(),
    }
}

/// What is wrong with the words that go with a decision.
fn comment_error(change: &ChangeState) -> Option<String> {
    let length = change.comment.chars().count();
    if length == 0 && change.event.needs_comment() && change.points.is_empty() {
        if change.event == Action::RequestChanges {
            return Some("Écrivez un message, ou signalez au moins un point à côté d’une réponse.".to_owned());
        }
        return Some("Écrivez un message\u{a0}: il est envoyé au demandeur avec la décision.".to_owned());
    }
    (length > MAX_LENGTH)
        .then(|| format!("Le message compte {length} caractères\u{a0}; raccourcissez-le à {MAX_LENGTH} au plus."))
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
        Action::OfferPartialGrant => Wording {
            title: "Proposer un accord partiel",
            label: "Raison du retrait",
            hint: "Dites pourquoi ces données ne sont pas accordées. Le demandeur reçoit ce message, puis accepte ou décline\u{a0}; il est conservé dans l’historique.",
            confirm: "Proposer un accord partiel",
            done: "L’accord partiel est proposé. Le demandeur en est informé par courriel\u{a0}: il l’accepte ou le décline.",
        },
        Action::RequestChanges => Wording {
            title: "Demander des modifications",
            label: "Message au demandeur",
            hint: "Facultatif si des points sont signalés. Ce message est envoyé au demandeur et conservé dans l’historique.",
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
        | Action::AcceptOffer
        | Action::DeclineOffer
        | Action::Copy
        | Action::Notify
        | Action::Annotate
        | Action::AskOpinion
        | Action::GiveOpinion => return None,
        Action::Assign => return None,
        Action::CorrectContacts => return None,
    })
}

#[cfg(test)]
mod tests {
    use shared::api::ErrorBody;
    use shared::field::Field;

    use super::*;

    #[test]
    fn a_decision_needs_words_but_archiving_does_not() {
        let error = |action, comment: &str| comment_error(&ChangeState::step(action, comment.to_owned()));
        for action in [Action::RequestChanges, Action::Validate, Action::Refuse, Action::Revoke] {
            assert!(error(action, "").is_some(), "{action}");
            assert_eq!(error(action, "Bien."), None);
        }
        assert_eq!(error(Action::Archive, ""), None);
        let long = "é".repeat(MAX_LENGTH + 1);
        assert!(error(Action::Archive, &long).is_some());
        assert_eq!(error(Action::Refuse, &"é".repeat(MAX_LENGTH)), None);
        let point = NewPoint { field: Field::Intitule, scope: None, comment: "Précisez.".to_owned() };
        let with_point =
            ChangeState { points: vec![point], ..ChangeState::step(Action::RequestChanges, String::new()) };
        assert_eq!(comment_error(&with_point), None);
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
