//! The answers of the applicant to the points of a request for changes.

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::change_point::{ChangePoint, Target};
use shared::diff::{Version, diff};
use shared::field::Field;

use super::EnrollmentForm;
use super::binding::field_id;
use crate::browser::DRAFT_PREFIX;
use crate::components::debounce::Debounce;
use crate::{api, browser};

/// How long to wait for the next key before an answer is saved.
const DEBOUNCE: Duration = Duration::from_millis(800);

/// Whether an answer is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    /// Nothing was typed.
    Untouched,
    /// Something waits, or is on its way.
    Waiting,
    /// The server has it.
    Saved,
    /// It did not go through: why.
    Failed(String),
}

/// The answer to a point, being written.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    form: i64,
    point: i64,
    /// Its words.
    pub text: RwSignal<String>,
    /// « It is done », without words.
    pub is_done: RwSignal<bool>,
    /// Whether the server has it.
    pub saving: RwSignal<Saving>,
    debounce: Debounce,
}

/// Id of the widget that a point is about.
pub fn target_id(target: &Target) -> String {
    let id = field_id(&target.field);
    match &target.scope {
        Some(scope) => format!("{id}-{scope}"),
        None => id,
    }
}

/// Whether the applicant did something about a point, what is typed and not saved yet included.
fn is_settled(point: &ChangePoint, unsaved: &[Field]) -> bool {
    point.is_settled() || unsaved.contains(&point.field)
}

/// « 2 points sur 5 traités ».
pub fn progress(settled: usize, all: usize) -> String {
    match (settled, all) {
        (1, 1) => "Le point est traité".to_owned(),
        (0, 1) => "1 point à traiter".to_owned(),
        (settled, all) if settled > 1 => format!("{settled} points sur {all} traités"),
        (settled, all) => format!("{settled} point sur {all} traité"),
    }
}

impl EnrollmentForm {
    /// The points, as the server last told them.
    pub fn points(self) -> Vec<ChangePoint> {
        self.base.with_untracked(|base| base.points.clone())
    }

    /// What the points say, by the id of the widget that they are about.
    pub fn remarks(self) -> BTreeMap<String, Vec<String>> {
        let mut remarks: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for point in self.points() {
            remarks.entry(target_id(&point.target())).or_default().push(point.comment);
        }
        remarks
    }

    /// Whether something was done about a point, by its number.
    pub fn settled_points(self) -> Memo<BTreeMap<i64, bool>> {
        Memo::new(move |_| {
            self.base.with(|base| {
                if base.points.is_empty() {
                    return BTreeMap::new();
                }
                let unsaved = self.draft.with(|draft| {
                    let version = |content| Version { content, documents: Vec::new() };
                    let changes = diff(&version(base.content.clone()), &version(draft.clone()));
                    changes.into_iter().map(|change| change.field).collect::<Vec<_>>()
                });
                base.points.iter().map(|point| (point.id, is_settled(point, &unsaved))).collect()
            })
        })
    }

    /// The answer to a point, with what this browser kept of it. It is saved as one types.
    pub fn answer_to(self, point: &ChangePoint) -> Answer {
        let kept = browser::stored(&key(point.id));
        let answer = Answer {
            form: self.id(),
            point: point.id,
            is_done: RwSignal::new(point.answered_at.is_some() && point.answer.is_empty()),
            saving: RwSignal::new(Saving::Untouched),
            debounce: Debounce::of(DEBOUNCE),
            text: RwSignal::new(kept.clone().unwrap_or_else(|| point.answer.clone())),
        };
        self.answers.update_value(|answers| answers.push(answer));
        if kept.is_some() {
            self.save_answer_soon(answer);
        }
        answer
    }

    /// Types an answer.
    pub fn write_answer(self, answer: Answer, text: String) {
        browser::store(&key(answer.point), &text);
        answer.text.set(text);
        self.save_answer_soon(answer);
    }

    /// Says that it is done, or takes that back.
    pub fn tick_answer(self, answer: Answer, is_done: bool) {
        answer.is_done.set(is_done);
        answer.saving.set(Saving::Waiting);
        self.save_answer(answer);
    }

    fn save_answer_soon(self, answer: Answer) {
        answer.saving.set(Saving::Waiting);
        answer.debounce.then(move || self.save_answer(answer));
    }

    /// Saves an answer now.
    pub fn save_answer(self, answer: Answer) {
        answer.debounce.cancel();
        if matches!(answer.saving.get_untracked(), Saving::Untouched | Saving::Saved) {
            return;
        }
        let (text, is_done) = (answer.text.get_untracked(), answer.is_done.get_untracked());
        let words = (is_done || !text.trim().is_empty()).then(|| text.clone());
        answer.saving.set(Saving::Waiting);
        spawn_local(async move {
            let saved = api::points::answer(answer.form, answer.point, words).await;
            // Left the page, or typed on: then the next one counts.
            let now = answer.text.try_get_untracked().zip(answer.is_done.try_get_untracked());
            match saved {
                Ok(points) => {
                    if now.as_ref().is_none_or(|now| *now == (text, is_done)) {
                        browser::forget(&key(answer.point));
                        answer.saving.try_set(Saving::Saved);
                    }
                    self.base.try_update(|base| base.points = points);
                }
                Err(error) => {
                    answer.saving.try_set(Saving::Failed(error.message()));
                }
            }
        });
    }

    /// Saves now the answers that wait for the next key.
    pub(super) fn flush_answers(self) {
        for answer in self.answers.get_value() {
            if answer.saving.try_get_untracked() == Some(Saving::Waiting) {
                self.save_answer(answer);
            }
        }
    }

    /// Whether an answer is on its way.
    pub(super) fn are_answers_waiting(self) -> bool {
        self.any_answer(|saving| *saving == Saving::Waiting)
    }

    /// Whether an answer could not be saved.
    pub(super) fn are_answers_lost(self) -> bool {
        self.any_answer(|saving| matches!(saving, Saving::Failed(_)))
    }

    fn any_answer(self, holds: impl Fn(&Saving) -> bool) -> bool {
        let holds = |answer: &Answer| answer.saving.try_with_untracked(&holds).unwrap_or_default();
        self.answers.try_with_value(|answers| answers.iter().any(holds)).unwrap_or_default()
    }
}

fn key(point: i64) -> String {
    format!("{DRAFT_PREFIX}answer.{point}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_counted_in_words() {
        assert_eq!(progress(2, 5), "2 points sur 5 traités");
        assert_eq!(progress(1, 5), "1 point sur 5 traité");
        assert_eq!(progress(0, 5), "0 point sur 5 traité");
        assert_eq!(progress(0, 1), "1 point à traiter");
        assert_eq!(progress(1, 1), "Le point est traité");
    }

    #[test]
    fn a_point_leads_to_its_widget() {
        let target = |scope: Option<&str>| Target { field: Field::Scopes, scope: scope.map(str::to_owned) };
        assert_eq!(target_id(&target(None)), "champ-scopes");
        assert_eq!(target_id(&target(Some("cnaf_adresse"))), "champ-scopes-cnaf_adresse");
    }
}
