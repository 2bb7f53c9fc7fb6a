//! The additional questions of a policy, in whichever section.

use leptos::prelude::*;
use shared::draft::Answer;
use shared::field::Field;
use shared::policy::{ExtraField, ExtraFieldType, Section};

use super::bound::{lines, typed_line};
use crate::components::choice::{Checkbox, Choice, RadioGroup, Select};
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// More choices than that go into a drop-down list.
const MAX_RADIOS: usize = 6;

/// The questions of one part of the form.
pub fn of(form: EnrollmentForm, section: Section) -> AnyView {
    let policy = form.policy();
    runs(policy.extra_fields.iter().filter(|question| question.section == section))
        .into_iter()
        .map(|run| match run.first().and_then(|question| question.heading.clone()) {
            Some(heading) => under(&heading, form, &run),
            None => run.into_iter().map(|question| ask(form, question)).collect_view().into_any(),
        })
        .collect_view()
        .into_any()
}

/// The questions by runs: those in a row that carry the same heading.
fn runs<'a>(questions: impl Iterator<Item = &'a ExtraField>) -> Vec<Vec<&'a ExtraField>> {
    let mut runs: Vec<Vec<&ExtraField>> = Vec::new();
    for question in questions {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| last.heading == question.heading) => run.push(question),
            Some(_) | None => runs.push(vec![question]),
        }
    }
    runs
}

fn under(heading: &str, form: EnrollmentForm, questions: &[&ExtraField]) -> AnyView {
    let id = format!("questions-{}", questions.first().map(|question| question.id.as_str()).unwrap_or_default());
    let elements = questions
        .iter()
        .map(|question| view! { <div class="fr-fieldset__element">{ask(form, question)}</div> })
        .collect_view();
    view! {
        <fieldset class="fr-fieldset" aria-labelledby=id.clone()>
            <legend class="fr-fieldset__legend" id=id.clone()>
                {heading.to_owned()}
            </legend>
            {elements}
        </fieldset>
    }
    .into_any()
}

fn ask(form: EnrollmentForm, question: &ExtraField) -> AnyView {
    let field = Field::Additional(question.id.clone());
    match question.kind {
        ExtraFieldType::Text => typed_line(form, field, None, "text"),
        ExtraFieldType::Number | ExtraFieldType::PostalCode => typed_line(form, field, None, "number"),
        ExtraFieldType::Url => typed_line(form, field, None, "url"),
        ExtraFieldType::Date => typed_line(form, field, None, "date"),
        ExtraFieldType::LongText => lines(form, field, 5),
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
    if choices.len() > MAX_RADIOS {
        let choices = Signal::stored(choices);
        view! { <Select id label hint required choices value error on_change /> }.into_any()
    } else {
        view! { <RadioGroup id legend=label hint required choices value error on_change /> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_questions_in_a_row_share_a_heading() {
        let question = |id: &str, heading: Option<&str>| -> ExtraField {
            serde_json::from_value(json!({
                "id": id, "section": "cgu", "type": "boolean", "label": id, "heading": heading,
            }))
            .unwrap()
        };
        let questions = [
            question("a", Some("Modes d’accès")),
            question("b", Some("Modes d’accès")),
            question("c", None),
            question("d", Some("Modes d’accès")),
        ];
        let ids: Vec<String> = runs(questions.iter())
            .iter()
            .map(|run| run.iter().map(|question| question.id.as_str()).collect())
            .collect();
        assert_eq!(ids, ["ab", "c", "d"]);
    }
}
