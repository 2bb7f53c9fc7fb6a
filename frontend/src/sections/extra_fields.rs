//! The questions that only some policies ask, wherever they ask them.

use leptos::prelude::*;
use shared::enrollment::Answer;
use shared::field::Field;
use shared::policy::{ExtraField, ExtraFieldType, Section};

use super::bound::{lines, typed_line};
use crate::components::choice::{Checkbox, Choice, RadioGroup, Select};
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// More choices than that go into a drop-down list.
const MOST_RADIOS: usize = 6;

/// The questions of one part of the form.
pub fn of(form: EnrollmentForm, section: Section) -> AnyView {
    let policy = form.policy();
    policy
        .extra_fields
        .iter()
        .filter(|question| question.section == section)
        .map(|question| ask(form, question))
        .collect_view()
        .into_any()
}

fn ask(form: EnrollmentForm, question: &ExtraField) -> AnyView {
    let field = Field::Additional(question.id.clone());
    match question.kind {
        ExtraFieldType::Text => typed_line(form, field, None, &question.hint, "text"),
        ExtraFieldType::Number | ExtraFieldType::PostalCode => typed_line(form, field, None, &question.hint, "number"),
        ExtraFieldType::Url => typed_line(form, field, None, &question.hint, "url"),
        ExtraFieldType::Date => typed_line(form, field, None, &question.hint, "date"),
        ExtraFieldType::LongText => lines(form, field, &question.hint, 5),
        ExtraFieldType::Boolean => tick(form, field, question),
        ExtraFieldType::Choice => choose(form, field, question),
    }
}

fn tick(form: EnrollmentForm, field: Field, question: &ExtraField) -> AnyView {
    let label = question.label.clone();
    let id = question.id.clone();
    view! {
        <Checkbox
            id=field_id(&field)
            label=move || label.clone()
            hint=question.hint.clone()
            required=question.required
            checked=form.is_ticked(&question.id)
            error=form.error(&field)
            on_change=Callback::new(move |is_ticked| {
                form.choose(&field, |draft| {
                    draft.additional_content.insert(id.clone(), Answer::Bool(is_ticked));
                });
            })
        />
    }
    .into_any()
}

fn choose(form: EnrollmentForm, field: Field, question: &ExtraField) -> AnyView {
    let choices: Vec<Choice> = question.options.iter().map(|option| Choice::new(&option.id, &option.label)).collect();
    let label = question.label.clone();
    let hint = question.hint.clone();
    let required = question.required;
    let (id, value, error) = (field_id(&field), form.text(&field), form.error(&field));
    let on_change = Callback::new(move |chosen: String| {
        form.touch(&field);
        form.set_text(&field, chosen);
    });
    if choices.len() > MOST_RADIOS {
        let choices = Signal::stored(choices);
        view! { <Select id label hint required choices value error on_change /> }.into_any()
    } else {
        view! { <RadioGroup id legend=label hint required choices value error on_change /> }.into_any()
    }
}
