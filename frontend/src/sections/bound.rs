//! Text inputs bound to fields of the draft.

use leptos::prelude::*;
use shared::field::Field;

use crate::components::field::{TextArea, TextInput};
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// One line of text.
pub fn line(form: EnrollmentForm, field: Field) -> AnyView {
    typed_line(form, field, None, "text")
}

/// The address of a page.
pub fn address(form: EnrollmentForm, field: Field) -> AnyView {
    typed_line(form, field, None, "url")
}

/// One line of text of some kind, with its label where the policy's own does not fit.
pub fn typed_line(form: EnrollmentForm, field: Field, label: Option<&str>, kind: &'static str) -> AnyView {
    let label = label.map_or_else(|| form.policy().question_of(&field), str::to_owned);
    let on_blur = if kind == "url" { form.on_leave_address(&field) } else { form.on_leave(&field) };
    // No `number`: it changes with the wheel, and drops what it cannot read.
    let (kind, inputmode) = if kind == "number" { ("text", "numeric") } else { (kind, kind) };
    view! {
        <TextInput
            id=field_id(&field)
            label
            hint=form.policy().hint_of(&field)
            required=form.is_required(&field)
            kind
            inputmode
            autocomplete="off"
            value=form.text(&field)
            error=form.error(&field)
            on_input=form.on_text(&field)
            on_blur
        />
    }
    .into_any()
}

/// Several lines of text.
pub fn lines(form: EnrollmentForm, field: Field, rows: u32) -> AnyView {
    lines_with_remark(form, field, rows, Signal::stored(None))
}

/// The same, with what to think of.
pub fn lines_with_remark(form: EnrollmentForm, field: Field, rows: u32, remark: Signal<Option<String>>) -> AnyView {
    view! {
        <TextArea
            id=field_id(&field)
            label=form.policy().label_of(&field)
            hint=form.policy().hint_of(&field)
            required=form.is_required(&field)
            rows
            value=form.text(&field)
            error=form.error(&field)
            remark
            on_input=form.on_text(&field)
            on_blur=form.on_leave(&field)
        />
    }
    .into_any()
}
