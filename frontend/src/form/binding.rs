//! Binds a component to a field: its value, its error, its setter.

use leptos::prelude::*;
use shared::draft::{Answer, Draft};
use shared::field::Field;
use shared::policy::{ExtraFieldType, Section};
use shared::validation::formats::is_web_address;

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
        // A click may hide the part before its field is left.
        let own = policy.extra_fields.iter().filter(|question| question.kind == ExtraFieldType::Url);
        let own = own.map(|question| Field::Additional(question.id.clone()));
        for address in own.chain([Field::FondementJuridiqueUrl]).filter(|field| is_there(&field)) {
            self.complete_address(&address);
        }
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

    /// The same for the address of a page, which gets the beginning that was not typed.
    pub fn on_leave_address(self, field: &Field) -> Callback<()> {
        let field = field.clone();
        Callback::new(move |()| {
            self.complete_address(&field);
            self.touch(&field);
        })
    }

    fn complete_address(self, field: &Field) {
        if let Some(address) = self.draft.with_untracked(|draft| draft.text(field).and_then(completed)) {
            self.set_text(field, address);
        }
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

/// The address of a page with its beginning, where that alone is missing: « www.exemple.fr/page ».
fn completed(text: &str) -> Option<String> {
    let text = text.trim();
    let address = format!("https://{text}");
    (text.starts_with("www.") && is_web_address(&address)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_its_beginning_gets_it_and_nothing_else_does() {
        for text in ["www.exemple.fr", " www.exemple.fr/page?a=b ", "www.exemple.fr:8080/page"] {
            assert_eq!(completed(text), Some(format!("https://{}", text.trim())));
        }
        for text in
            ["", "https://www.exemple.fr", "http://exemple.fr", "L.114-8", "délibération.pdf", "www.", "www exemple"]
        {
            assert_eq!(completed(text), None, "{text}");
        }
    }
}
