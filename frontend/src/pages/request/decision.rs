//! The state of a decision being taken: action, comment, points, sending. No view here.
//!
//! It outlives the request on the page: after a conflict the request is read again, and what was typed stays.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::change_point::NewPoint;
use shared::change_state::ChangeState;
use shared::enrollment::Enrollment;
use shared::text::MAX_LENGTH;
use shared::workflow::Action;

use super::review::collected;
use crate::api;
use crate::browser::DRAFT_PREFIX;
use crate::submission::Submission;
use crate::{browser, json};

/// Id of the field of the comment.
pub const COMMENT_ID: &str = "decision-commentaire";

/// Words that were put in, and what was there before: they can be taken back for as long as nothing is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Insertion {
    /// The words before.
    words: String,
    /// What of them was offered.
    offered: String,
    /// The words with what was put in.
    whole: String,
}

/// A decision being taken.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    id: i64,
    /// Which; none while nobody has chosen.
    pub action: RwSignal<Option<Action>>,
    /// The words that go with it.
    pub comment: RwSignal<String>,
    /// The words that were offered in the place of others: while they are all there is, nobody has typed any of theirs.
    offered: RwSignal<String>,
    /// What was put in last.
    inserted: RwSignal<Option<Insertion>>,
    /// The decision whose template the words began with.
    begun: RwSignal<Option<Action>>,
    /// The points that a request for changes sends.
    pub points: RwSignal<Vec<NewPoint>>,
    /// The data that is taken out of what is granted.
    pub struck: RwSignal<BTreeSet<String>>,
    /// Its sending.
    pub submission: Submission,
}

impl Decision {
    /// For that request, with what this browser kept of a decision that did not go through.
    pub fn on(id: i64) -> Self {
        let kept = browser::stored(&key(id)).and_then(|kept| json::parse(&kept));
        let kept = kept.and_then(|kept| serde_json::from_value::<ChangeState>(kept).ok());
        let (action, comment, struck) = match kept {
            Some(ChangeState::OfferPartialGrant { comment, struck }) => (Some(Action::Validate), comment, struck),
            Some(kept) => (Some(kept.action()), kept.comment().to_owned(), BTreeSet::new()),
            None => (None, String::new(), BTreeSet::new()),
        };
        let (action, comment, struck) = (RwSignal::new(action), RwSignal::new(comment), RwSignal::new(struck));
        let points = collected(id);
        let check = move || {
            let error = change(action, comment, points, struck).and_then(|change| comment_error(&change));
            error.map(|error| ("/comment", error)).into_iter().collect()
        };
        let submission = Submission::new("decision", &[("/comment", COMMENT_ID)], check);
        let (offered, inserted, begun) = (RwSignal::default(), RwSignal::new(None), RwSignal::new(None));
        let decision = Self { id, action, comment, offered, inserted, begun, points, struck, submission };
        Effect::new(move |_| decision.keep());
        decision
    }

    /// What would be sent.
    pub fn change(self) -> Option<ChangeState> {
        change(self.action, self.comment, self.points, self.struck)
    }

    /// What would be done.
    pub fn event(self) -> Option<Action> {
        let action = self.action.get()?;
        let offers = action == Action::Validate && self.struck.with(|struck| !struck.is_empty());
        Some(if offers { Action::OfferPartialGrant } else { action })
    }

    /// Chooses. The words typed for another decision stay.
    pub fn choose(self, action: Action) {
        self.submission.clear();
        self.action.set(Some(action));
    }

    /// Begins the words for that decision, once, with those of its template; none where it has none. What somebody typed stays.
    pub fn begin(self, decision: Action, template: Option<&str>) {
        if self.begun.get_untracked() == Some(decision) {
            return;
        }
        self.begun.set(Some(decision));
        if self.is_untouched() {
            self.inserted.set(None);
            self.put(template.unwrap_or_default().to_owned());
        }
    }

    /// Puts words that are offered in the place of others that were, or after what somebody typed.
    pub fn insert(self, text: &str) {
        let (words, offered) = (self.comment.get_untracked(), self.offered.get_untracked());
        let replaces = self.is_untouched();
        let whole = inserted(&words, text, replaces);
        if replaces {
            self.offered.set(whole.clone());
        }
        self.comment.set(whole.clone());
        self.inserted.set(Some(Insertion { words, offered, whole }));
    }

    /// Whether the words that were inserted last can be taken back: nothing was typed since.
    pub fn can_take_back(self) -> bool {
        self.inserted.with(|last| last.as_ref().is_some_and(|last| self.comment.with(|words| *words == last.whole)))
    }

    /// Takes them back.
    pub fn take_back(self) {
        if let Some(Insertion { words, offered, .. }) = self.inserted.try_update(Option::take).flatten() {
            self.offered.set(offered);
            self.comment.set(words);
        }
    }

    fn put(self, words: String) {
        self.offered.set(words.clone());
        self.comment.set(words);
    }

    fn is_untouched(self) -> bool {
        untrack(|| self.comment.with(|words| self.offered.with(|offered| words.trim().is_empty() || words == offered)))
    }

    /// Gives up, and forgets the words.
    pub fn cancel(self) {
        self.action.set(None);
        self.begun.set(None);
        self.inserted.set(None);
        self.put(String::new());
        self.struck.set(BTreeSet::new());
        self.submission.clear();
    }

    /// Sends it, if the words are right; else says what is wrong and goes there.
    pub fn confirm(self, version: i64, on_done: Callback<(Action, Enrollment)>, on_conflict: Callback<()>) {
        let Some(change) = untrack(|| self.change()) else { return };
        let action = change.action();
        if !self.submission.is_ready() {
            return;
        }
        self.submission.send_then(api::change_state(self.id, version, change), move |answer| match answer {
            Ok(enrollment) => {
                self.cancel();
                // Whatever was decided, they are no longer to be sent.
                self.points.set(Vec::new());
                on_done.run((action, enrollment));
            }
            Err(error) if error.is_conflict() => on_conflict.run(()),
            Err(_) => {}
        });
    }

    /// What is typed survives a closed tab and a lost network; signing out forgets it.
    fn keep(self) {
        let is_typed = !self.offered.with(|offered| self.comment.with(|words| words == offered));
        let is_worth_it = |change: &ChangeState| {
            is_typed && !change.comment().is_empty() || matches!(change, ChangeState::OfferPartialGrant { .. })
        };
        match words(self.action, self.comment, self.struck)
            .filter(is_worth_it)
            .and_then(|change| serde_json::to_value(&change).ok())
        {
            Some(change) => {
                browser::store(&key(self.id), &json::print(&change));
            }
            None => browser::forget(&key(self.id)),
        }
    }
}

/// What would be sent: to grant without some of the data is to offer that.
fn change(
    action: RwSignal<Option<Action>>,
    comment: RwSignal<String>,
    points: RwSignal<Vec<NewPoint>>,
    struck: RwSignal<BTreeSet<String>>,
) -> Option<ChangeState> {
    match words(action, comment, struck)? {
        ChangeState::RequestChanges { comment, .. } => {
            Some(ChangeState::RequestChanges { comment, points: points.get() })
        }
        change => Some(change),
    }
}

/// The same, without the points, which are kept by themselves.
fn words(
    action: RwSignal<Option<Action>>,
    comment: RwSignal<String>,
    struck: RwSignal<BTreeSet<String>>,
) -> Option<ChangeState> {
    let (action, struck) = (action.get()?, struck.get());
    let comment = comment.get().trim().to_owned();
    match action {
        Action::Validate if !struck.is_empty() => Some(ChangeState::OfferPartialGrant { comment, struck }),
        action => ChangeState::step(action, comment),
    }
}

/// The words with a text that is offered.
fn inserted(words: &str, text: &str, replaces: bool) -> String {
    if replaces { text.to_owned() } else { format!("{}\n\n{text}", words.trim_end()) }
}

fn key(id: i64) -> String {
    format!("{DRAFT_PREFIX}decision.{id}")
}

/// What is wrong with the words that go with a decision.
fn comment_error(change: &ChangeState) -> Option<String> {
    let length = change.comment().chars().count();
    if length == 0 && change.needs_comment() {
        if matches!(change, ChangeState::RequestChanges { .. }) {
            return Some("Écrivez un message, ou signalez au moins un point à côté d’une réponse.".to_owned());
        }
        return Some("Écrivez un message\u{a0}: il est envoyé au demandeur avec la décision.".to_owned());
    }
    (length > MAX_LENGTH)
        .then(|| format!("Le message compte {length} caractères\u{a0}; raccourcissez-le à {MAX_LENGTH} au plus."))
}

#[cfg(test)]
mod tests {
    use shared::field::Field;

    use super::*;

    #[test]
    fn what_is_offered_replaces_only_what_was_offered() {
        assert_eq!(inserted("", "Non.", true), "Non.");
        assert_eq!(inserted("Le modèle d’avant.", "Non.", true), "Non.");
        assert_eq!(inserted("Ce que j’écris. \n", "Non.", false), "Ce que j’écris.\n\nNon.");
    }

    #[test]
    fn a_decision_needs_words_unless_it_grants_or_archives() {
        let error = |action, comment: &str| comment_error(&ChangeState::step(action, comment.to_owned()).unwrap());
        for action in [Action::RequestChanges, Action::Refuse, Action::Revoke] {
            assert!(error(action, "").is_some(), "{action}");
            assert_eq!(error(action, "Bien."), None);
        }
        for action in [Action::Validate, Action::Archive] {
            assert_eq!(error(action, ""), None);
        }
        let long = "é".repeat(MAX_LENGTH + 1);
        assert!(error(Action::Archive, &long).is_some());
        assert_eq!(error(Action::Refuse, &"é".repeat(MAX_LENGTH)), None);
        let point = NewPoint { field: Field::Intitule, scope: None, comment: "Précisez.".to_owned() };
        let with_point = ChangeState::RequestChanges { comment: String::new(), points: vec![point] };
        assert_eq!(comment_error(&with_point), None);
    }
}
