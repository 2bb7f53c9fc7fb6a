//! The section « cgu »: what the applicant agrees to.

use leptos::prelude::*;
use shared::draft::Draft;
use shared::field::Field;

use crate::components::choice::Checkbox;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// Its fields.
pub fn fields(form: EnrollmentForm) -> AnyView {
    let terms = form.policy().cgu_url.clone().map(|url| {
        view! {
            <p>
                <a href=url target="_blank" rel="noopener external" title="Conditions générales d’utilisation – nouvelle fenêtre">
                    "Lire les conditions générales d’utilisation"
                </a>
            </p>
        }
    });
    view! {
        {terms}
        {commitment(
            form,
            Field::CguApproved,
            |draft| draft.cgu_approved,
            |draft, is_ticked| draft.cgu_approved = is_ticked,
        )}
        {commitment(
            form,
            Field::DpoIsInformed,
            |draft| draft.dpo_is_informed,
            |draft, is_ticked| draft.dpo_is_informed = is_ticked,
        )}
    }
    .into_any()
}

fn commitment(form: EnrollmentForm, field: Field, read: fn(&Draft) -> bool, write: fn(&mut Draft, bool)) -> AnyView {
    let checked = form.reading(read);
    let id = field_id(&field);
    let label = form.policy().question_of(&field);
    let required = form.is_required(&field);
    let error = form.error(&field);
    view! {
        <Checkbox
            id
            label=move || label.clone()
            required
            checked
            error
            on_change=Callback::new(move |is_ticked| form.choose(&field, |draft| write(draft, is_ticked)))
        />
    }
    .into_any()
}
