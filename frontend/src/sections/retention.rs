//! How long the data is kept, and why where that is long.

use leptos::prelude::*;
use shared::field::Field;

use super::bound::lines;
use crate::components::field::TextInput;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// The two fields.
pub fn field(form: EnrollmentForm) -> AnyView {
    let field = Field::DataRetentionPeriod;
    let kept = form.reading(|draft| draft.data_retention_period);
    // What is typed need not be a number; the draft holds only numbers.
    let typed = RwSignal::new(text(kept.get_untracked()));
    Effect::new(move |_| {
        let kept = kept.get();
        // What is no number stays, to be put right: the draft has none then.
        if months(&typed.get_untracked()).unwrap_or_default() != kept {
            typed.set(text(kept));
        }
    });
    let from_form = form.error(&field);
    let error = Signal::derive(move || {
        let not_a_number = months(&typed.get()).is_err();
        if not_a_number {
            Some("Indiquez la durée en chiffres, en nombre entier de mois\u{a0}: par exemple 12.".to_owned())
        } else {
            from_form.get()
        }
    });
    let on_input = Callback::new({
        let field = field.clone();
        move |text: String| {
            let months = months(&text);
            typed.set(text);
            // Nothing that was typed is taken for « no answer »: the number before it would come back.
            let months = months.unwrap_or_default();
            if kept.get_untracked() != months {
                form.choose(&field, |draft| draft.data_retention_period = months);
            }
        }
    });
    let longest = form.policy().longest_retention;
    let is_long = form.reading(move |draft| {
        draft.data_retention_period.is_some_and(|months| months > longest) || !draft.data_retention_comment.is_empty()
    });
    view! {
        <TextInput
            id=field_id(&field)
            label=field.label()
            hint=form.policy().hint_of(&field)
            required=form.is_required(&field)
            inputmode="numeric"
            autocomplete="off"
            value=typed
            error
            on_input
            on_blur=form.on_leave(&field)
        />
        {move || {
            is_long
                .get()
                .then(|| lines(form, Field::DataRetentionComment, 3))
        }}
    }
    .into_any()
}

fn text(months: Option<u32>) -> String {
    months.map(|months| months.to_string()).unwrap_or_default()
}

/// The number that was typed; `Ok(None)` for nothing, an error for what is no number.
fn months(text: &str) -> Result<Option<u32>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().map(Some).map_err(|_| ()) } else { Err(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_of_months_are_read() {
        assert_eq!(months(" 12 "), Ok(Some(12)));
        assert_eq!(months(""), Ok(None));
        for wrong in ["un an", "-1", "+1", "1,5", "99999999999"] {
            assert_eq!(months(wrong), Err(()), "{wrong}");
        }
    }
}
