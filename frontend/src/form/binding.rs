//! Binds a component to a field: its value, its error, its setter.

use leptos::prelude::*;
use shared::draft::{Answer, Draft};
use shared::field::Field;
use shared::policy::Section;

use super::EnrollmentForm;

/// Id of the widget of a field; the links of the error summary lead to it.
pub fn field_id(field: &Field) -> String {
    format!("champ-{}", field.to_string().replace('.', "-"))
}

impl EnrollmentForm {
    /// Something that follows from the draft. It changes only when its value does.
    pub fn reading<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Draft) -> T + Send + Sync + 'static,
    ) -> Signal<T> {
        Memo::new(move |_| self.draft.with(|draft| read(draft))).into()
    }

    /// The text of a field.
    pub fn text(self, field: &Field) -> Signal<String> {
        let field = field.clone();
        Signal::derive(move || self.draft.with(|draft| draft.text(&field).unwrap_or_default().to_owned()))
    }

    /// Changes the text of a field as one types. Its errors wait until one leaves it.
    pub fn set_text(self, field: &Field, text: String) {
        self.forget_server_errors(field);
        self.change(|draft| {
            if let Some(target) = draft.text_mut(field) {
                *target = text;
            }
        });
    }

    /// The callback for [`Self::set_text`].
    pub fn on_text(self, field: &Field) -> Callback<String> {
        let field = field.clone();
        Callback::new(move |text| self.set_text(&field, text))
    }

    /// Changes the draft in answer to a choice, whose errors show at once.
    pub fn choose(self, field: &Field, change: impl FnOnce(&mut Draft)) {
        self.forget_server_errors(field);
        self.touch(field);
        self.change(change);
    }

    /// Whether a question of the policy's own is answered by yes.
    pub fn is_ticked(self, id: &str) -> Signal<bool> {
        let id = id.to_owned();
        Signal::derive(move || self.draft.with(|draft| draft.additional_content.get(&id) == Some(&Answer::Bool(true))))
    }

    /// From now on, the errors of a field show.
    pub fn touch(self, field: &Field) {
        if self.touched.with_untracked(|touched| !touched.contains(field)) {
            self.touched.update(|touched| {
                touched.insert(field.clone());
            });
        }
    }

    /// From now on, what is wrong in a part of the form shows: one has seen it and gone on.
    pub fn leave(self, section: Section) {
        let policy = self.policy();
        let is_there = |field: &&Field| policy.section_of(field) == Some(section);
        let wrong: Vec<Field> = self
            .errors
            .with_untracked(|errors| errors.iter().map(|error| &error.field).filter(is_there).cloned().collect());
        if !wrong.is_empty() {
            self.touched.update(|touched| touched.extend(wrong));
        }
    }

    /// The callback for [`Self::touch`].
    pub fn on_leave(self, field: &Field) -> Callback<()> {
        let field = field.clone();
        Callback::new(move |()| self.touch(&field))
    }

    /// What is wrong with a field, once it may be said: it was visited, or a submission was attempted.
    pub fn error(self, field: &Field) -> Signal<Option<String>> {
        let field = field.clone();
        Memo::new(move |_| {
            let is_shown = self.attempted.get() || self.touched.with(|touched| touched.contains(&field));
            let own = is_shown.then(|| {
                self.errors
                    .with(|errors| errors.iter().find(|error| error.field == field).map(|error| error.detail.clone()))
            });
            own.flatten().or_else(|| {
                self.server_errors
                    .with(|errors| errors.iter().find(|error| error.field == field).map(|error| error.detail.clone()))
            })
        })
        .into()
    }

    /// Whether a request without that field is incomplete.
    pub fn is_required(self, field: &Field) -> bool {
        self.required.with_value(|required| required.contains(field))
    }

    fn forget_server_errors(self, field: &Field) {
        if self.server_errors.with_untracked(|errors| errors.iter().any(|error| error.field == *field)) {
            self.server_errors.update(|errors| errors.retain(|error| error.field != *field));
        }
    }
}
